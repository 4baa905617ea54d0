/** Writes GitHub Markdown of texts that may come from elsewhere, such as those of an agent. */

/** Escapes what Markdown would format; the text becomes one line. */
export function escapeMarkdown(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#@]/g, (character) => `\\${character}`).replaceAll(/[\r\n]+/g, " ");
}

/** Writes a table; its texts are escaped. The columns of `numbers`, by their heads, are right-aligned. */
export function tableMarkdown(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  numbers: readonly string[] = [],
): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const rule = head.map((name) => (numbers.includes(name) ? "---:" : "---"));
  return [line(head), `| ${rule.join(" | ")} |`, ...rows.map(line)].join("\n");
}
