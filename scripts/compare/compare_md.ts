/** Writes `compare.md`: a comparison for a pull request or a job summary, in GitHub Markdown. Its first line is the outcome. */

import { escapeMarkdown } from "../readers/markdown.ts";
import type { Comparison } from "./comparison.ts";
import { GATED_NOTE, ROW_HEADS, RUN_HEADS, rowCells, runCells } from "./table.ts";

/** Writes the file. */
export function compareMd(comparison: Comparison): string {
  const { headline, refusals, remarks, rows } = comparison;
  return [
    escapeMarkdown(headline),
    "",
    ...refusals.slice(1).map((refusal) => `- ${escapeMarkdown(refusal)}`),
    ...remarks.map((remark) => `- note: ${escapeMarkdown(remark)}`),
    "",
    ...(rows.length === 0
      ? []
      : [...table(ROW_HEADS, rows.map(rowCells), "right"), "", escapeMarkdown(GATED_NOTE), ""]),
    ...table(RUN_HEADS, runCells(comparison), "left"),
    "",
  ].join("\n");
}

/** A table whose first and last column are aligned to the left. */
function table(heads: readonly string[], rows: readonly (readonly string[])[], align: "left" | "right"): string[] {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(" | ")} |`;
  const rule = heads.map((_, at) => (align === "left" || at === 0 || at === heads.length - 1 ? "---" : "---:"));
  return [line(heads), `| ${rule.join(" | ")} |`, ...rows.map(line)];
}
