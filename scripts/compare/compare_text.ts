/** Formats a comparison for the terminal. */

import type { Comparison } from "./comparison.ts";
import { GATED_NOTE, ROW_HEADS, rowCells } from "./table.ts";

/** The outcome, what to know before the numbers, and the rows. */
export function compareText(comparison: Comparison): string {
  const { headline, refusals, remarks, rows } = comparison;
  const lines = [
    headline,
    ...refusals.slice(1).map((refusal) => `      ${refusal}`),
    ...remarks.map((remark) => `note  ${remark}`),
  ];
  if (rows.length === 0) return lines.join("\n");
  return [...lines, "", ...alignedRows([ROW_HEADS, ...rows.map(rowCells)]), GATED_NOTE].join("\n");
}

/** Columns of numbers are aligned to the right, the first and the last column to the left. */
function alignedRows(rows: readonly (readonly string[])[]): string[] {
  const last = (rows[0]?.length ?? 0) - 1;
  const widths = Array.from({ length: last }, (_, at) => Math.max(...rows.map((row) => (row[at] ?? "").length)));
  return rows.map((row) =>
    row
      .map((cell, at) => {
        if (at === last) return cell;
        return at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0);
      })
      .join("  "),
  );
}
