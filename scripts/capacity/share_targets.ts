/**
 * Reads a threshold expression as a question about a share, where it is one: `p(95)<2000` says that less than 5 % of all samples
 * are 2000 or more, `rate>0.95` that less than 5 % are 0. How sure a share is can be calculated whatever the times look like.
 */

import { KINDS, type MetricName } from "../../lib/metrics/metrics.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { parseExpression, type TierExpressions } from "../../lib/settings/thresholds.ts";
import { samplesNeeded } from "../statistics/share_bounds.ts";

/** A share that an expression asks for. */
export interface ShareTarget {
  /** The expression holds while the share of bad samples is below this; in (0, 1). */
  readonly allowed: number;
  isBad(value: number): boolean;
}

/** What of a planned probe decides how many samples a series gets. */
type Turns = Pick<Settings, "BARGE_EVERY" | "TURNS_PER_USER" | "WARMUP_TURNS">;

/** The fewest turns that are judged, whatever the gate asks for. */
const FEWEST_TURNS = 30;

/** Metrics with one sample per call, not per turn. */
const OF_CALLS: readonly string[] = ["connection_success", "greeting"];

/** The share that an expression asks for; null for one on a counter, an average or an extreme, which is compared as it is. */
export function shareTarget(series: string, expression: string): ShareTarget | null {
  const parsed = parseExpression(expression);
  const kind = KINDS[metricOf(series) as MetricName];
  if (parsed === null || kind === "counter" || !/^[<>]=?$/.test(parsed.operator)) return null;
  const { aggregate, limit, operator } = parsed;
  const isUpper = operator.startsWith("<");
  if (kind === "rate") return targetOf(isUpper ? limit : 1 - limit, (value) => (value === 1) === isUpper);
  const percent = aggregate === "med" ? 50 : Number(/^p\((.+)\)$/.exec(aggregate)?.[1] ?? Number.NaN);
  const allowed = (isUpper ? 100 - percent : percent) / 100;
  return targetOf(allowed, (value) => (value === limit ? operator.length === 1 : value > limit === isUpper));
}

/** True for a series that has at most one sample per call. */
export function isOfCalls(series: string): boolean {
  return OF_CALLS.includes(metricOf(series)) || series.includes("{turn:");
}

/** The metric of a series: `ttfb` of `ttfb{turn:01}`. */
export function metricOf(series: string): string {
  return series.split("{")[0] ?? "";
}

/**
 * The fewest turns from which every target of a gate can be sure to hold, if all of them are good: 59 for a P95. Targets on calls do
 * not count, as there are too few calls in a probe.
 */
export function turnsNeeded(targets: TierExpressions, turns: Turns): number {
  const needed = Object.entries(targets).flatMap(([series, expressions]) =>
    isOfCalls(series) ? [] : expressions.map((expression) => neededFor(series, expression, turns)),
  );
  const usable = 1 - turns.WARMUP_TURNS / turns.TURNS_PER_USER;
  return Math.ceil(Math.max(FEWEST_TURNS, ...needed) / usable);
}

function neededFor(series: string, expression: string, { BARGE_EVERY, TURNS_PER_USER }: Turns): number {
  const target = shareTarget(series, expression);
  if (target === null) return 0;
  const samples = samplesNeeded(target.allowed);
  if (metricOf(series) !== "barge") return samples;
  // The last turn of a call is never interrupted.
  return samples / (Math.floor((TURNS_PER_USER - 1) / BARGE_EVERY) / TURNS_PER_USER);
}

function targetOf(allowed: number, isBad: ShareTarget["isBad"]): ShareTarget | null {
  return allowed > 0 && allowed < 1 ? { allowed, isBad } : null;
}
