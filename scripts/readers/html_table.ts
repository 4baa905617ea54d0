/** Escapes text for XML and HTML, and writes HTML tables. */

/** Replaces the characters that XML and HTML treat as markup by entities, and characters that XML forbids by U+FFFD. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll(/[^\t\n\r\u0020-\uFFFD]/g, "\uFFFD");
}

/** A cell of a table: text, with or without a CSS class. */
export type Cell = string | { readonly text: string; readonly cssClass: string };

/** Writes a table. The first cell of each row is its header; with `numbers`, all other columns are right-aligned. */
export function htmlTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers = true,
): string {
  const alignment = (index: number) => (numbers && index > 0 ? ' class="number"' : "");
  const heads = head.map((name, index) => `<th scope="col"${alignment(index)}>${escapeMarkup(name)}</th>`).join("");
  const body = rows.map(
    (cells) => `<tr>${cells.map((cell, index) => cellHtml(cell, index, alignment(index))).join("")}</tr>`,
  );
  return `<table><caption class="unseen">${escapeMarkup(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

function cellHtml(cell: Cell, index: number, alignment: string): string {
  const text = escapeMarkup(typeof cell === "string" ? cell : cell.text);
  if (index === 0) return `<th scope="row">${text}</th>`;
  return typeof cell === "string" ? `<td${alignment}>${text}</td>` : `<td class="${cell.cssClass}">${text}</td>`;
}
