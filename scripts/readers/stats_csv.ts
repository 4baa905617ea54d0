/** `stats.csv`: one row per series, for spreadsheets and scripts. */

import { KINDS } from "../../lib/metrics/metrics.ts";
import type { Run } from "../../lib/report/summary.ts";
import { carried, seriesOf } from "./series.ts";

const COLUMNS = ["avg", "min", "p(50)", "p(90)", "p(95)", "p(99)", "max", "rate"] as const;

/** Writes the rows; times in ms, rates from 0 to 1; a value that too few samples carry is empty. */
export function statsCsv({ stats }: Run): string {
  const head = ["name", "kind", "count", ...COLUMNS.map((name) => name.replaceAll(/[()]/g, ""))];
  const rows = seriesOf(stats).map(({ aggregates, metric, printed }) => {
    const kind = KINDS[metric];
    const count = aggregates.count ?? (aggregates.passes ?? 0) + (aggregates.fails ?? 0);
    const values = COLUMNS.map((column) => (column === "rate" && kind !== "rate" ? null : carried(aggregates, column)));
    return [
      quoted(printed),
      kind,
      String(count),
      ...values.map((value) => (value === null ? "" : String(rounded(value)))),
    ];
  });
  return `${[head, ...rows].map((cells) => cells.join(",")).join("\n")}\n`;
}

function quoted(text: string): string {
  return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
