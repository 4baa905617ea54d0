/** Writes `stats.csv`: one row per series, for spreadsheets and scripts. */

import { KINDS } from "../../lib/metrics/metrics.ts";
import type { RunSummary } from "../../lib/report/run_summary.ts";
import { seriesOf, valueIfEnough } from "./series.ts";

const COLUMNS = ["avg", "min", "p(50)", "p(90)", "p(95)", "p(99)", "max", "rate"] as const;

/** Writes the rows. Times are in ms, rates are 0 to 1; a value is empty where the series has too few samples for it. */
export function statsCsv({ stats }: RunSummary): string {
  const head = ["name", "kind", "count", ...COLUMNS.map((name) => name.replaceAll(/[()]/g, ""))];
  const rows = seriesOf(stats).map(({ aggregates, metric, printed }) => {
    const kind = KINDS[metric];
    const count = aggregates.count ?? (aggregates.passes ?? 0) + (aggregates.fails ?? 0);
    const values = COLUMNS.map((column) =>
      column === "rate" && kind !== "rate" ? null : valueIfEnough(aggregates, column),
    );
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
