/** How a comparison ends, and with which exit code. */

import { parseExpression, type TierExpressions } from "../../lib/settings/thresholds.ts";
import type { ComparedRow } from "./rows.ts";
import type { RowSpec } from "./series.ts";

/** The ways for a comparison to end, with the exit codes of `make compare`; docs/compare.md shows them. */
export const COMPARE_EXITS = {
  same: { code: 0, when: "no row is slower, and every row that the gate judges can be told" },
  slower: { code: 99, when: "a row is slower, beyond noise and beyond the margin" },
  cannot_tell: {
    code: 98,
    when: "no row is slower, but a row that the gate judges cannot be told: its runs are too short",
  },
  refused: { code: 107, when: "wrong input, or runs whose comparison would be untrue" },
} as const;

/** How a comparison ends: the field `outcome` of `compare.json`. */
export type Outcome = keyof typeof COMPARE_EXITS;

/**
 * Whether the gate judges a row: a rate by its row, an expression on a percentile above the median by that of the P95, any
 * other one on a time by that of the P50.
 */
export function isGated({ series, statistic }: RowSpec, gate: TierExpressions): boolean {
  const expressions = Object.entries(gate).filter(([name]) => name.split("{")[0] === series);
  return expressions
    .flatMap(([, some]) => some)
    .some((text) => {
      const aggregate = parseExpression(text)?.aggregate ?? "";
      const percent = Number(/^p\((.+)\)$/.exec(aggregate)?.[1] ?? (aggregate === "max" ? 100 : 50));
      return statistic === "rate" || statistic === (percent > 50 ? "p95" : "p50");
    });
}

/**
 * `slower` if any row is. Else `cannot_tell` if the gate judges a row that cannot tell - but not for a share that did not get
 * worse: near 100 %, no run of a usual size excludes the margin, even where nothing failed.
 */
export function outcomeOf(rows: readonly ComparedRow[]): Exclude<Outcome, "refused"> {
  if (rows.some(({ verdict }) => verdict === "slower")) return "slower";
  return rows.some(holdsUp) ? "cannot_tell" : "same";
}

/** True for a row because of which the outcome is `cannot_tell`. */
export function holdsUp({ difference, gated, unit, verdict, worse }: ComparedRow): boolean {
  if (!gated || verdict !== "cannot_tell") return false;
  const change = (difference ?? 0) * (worse === "higher" ? 1 : -1);
  return unit === "ms" || difference === null || change > 0;
}
