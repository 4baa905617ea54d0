/**
 * Reads and checks `thresholds.json`, and makes the k6 thresholds of a run from one of its tiers.
 * Only k6 decides a run's exit code, and without samples a threshold on a Trend or a Rate passes in k6. So everything that
 * can fail a run is a threshold, and every gated metric has a companion Counter with the threshold `count>0`.
 */

import { encodingProblem, withoutMark } from "../audio/text_file.ts";
import { companionOf } from "../metrics/companion.ts";
import { LATE_MS } from "../metrics/late.ts";
import {
  ACCOMPANIED,
  isGateable,
  KINDS,
  METRIC_NAMES,
  type MetricName,
  seriesName,
  tagOf,
  tagValuesOf,
  turnTag,
} from "../metrics/metrics.ts";
import { capacitySuccessRate } from "./capacity.ts";
import type { Settings } from "./settings.ts";

/** The names of the tiers, the strictest first. */
export const TIERS = ["target", "acceptable", "alert"] as const;

/** The name of a tier. */
export type Tier = (typeof TIERS)[number];

/** The threshold expressions of a tier, by metric or series (`ttfb`, `ttfb{turn:01}`). */
export type TierExpressions = Readonly<Record<string, readonly string[]>>;

/** The content of `thresholds.json`. */
export type Tiers = Readonly<Record<Tier, TierExpressions>>;

/** One threshold in k6's `options.thresholds`. */
export type Threshold = string | { readonly threshold: string; readonly abortOnFail: boolean };

/** At least this share of turns must not have met a late generator. */
const MIN_ON_TIME_RATE = 0.99;

/** Turns after this one have no series of their own in k6; the log has them. */
const MAX_TURN_SERIES = 100;

/** Groups: 1 the aggregate, 2 the number of a percentile, 3 the operator, 4 the limit. */
const EXPRESSION = /^(p\((\d+(?:\.\d+)?)\)|avg|min|med|max|count|rate)\s*(<=|>=|===?|!=|<|>)\s*(\d+(?:\.\d+)?)$/;

/** The aggregates that k6 knows for each kind of metric. */
const AGGREGATES: Readonly<Record<string, RegExp>> = {
  trend: /^(p\(|avg|min|med|max)/,
  counter: /^(count|rate)/,
  rate: /^rate/,
};

/**
 * Reads the text of `thresholds.json`; where it has problems, all tiers are empty. A problem names the tier, the metric, what
 * was expected and what was found.
 */
export function readTiers(text: string): { readonly tiers: Tiers; readonly problems: readonly string[] } {
  const emptyTiers: Tiers = { target: {}, acceptable: {}, alert: {} };
  const encoding = encodingProblem(text);
  if (encoding !== null) return { tiers: emptyTiers, problems: [`thresholds.json: ${encoding}`] };
  let parsed: unknown;
  try {
    parsed = JSON.parse(withoutMark(text));
  } catch (error) {
    return { tiers: emptyTiers, problems: [`thresholds.json: expected JSON, got ${String(error)}`] };
  }
  const tiers = asRecord(parsed);
  const problems = TIERS.flatMap((tier) => tierProblems(tier, tiers[tier]));
  for (const name of Object.keys(tiers)) {
    if (!TIERS.some((tier) => tier === name)) {
      problems.push(`thresholds.json: expected the tiers ${TIERS.join(", ")}, got ${JSON.stringify(name)}`);
    }
  }
  return { tiers: problems.length === 0 ? (tiers as Tiers) : emptyTiers, problems };
}

/**
 * Makes k6's `options.thresholds`, by series: those of the tier, those of the companions (which fail where nothing was
 * measured), those of the generator, and one that always holds for every series of the report.
 */
export function runThresholds(tiers: Tiers, settings: Settings): Readonly<Record<string, readonly Threshold[]>> {
  const thresholds: Record<string, Threshold[]> = {};
  const add = (name: string, threshold: Threshold) => {
    thresholds[name] = [...(thresholds[name] ?? []), threshold];
  };
  for (const name of reportSeries(settings.TURNS_PER_USER)) add(name, alwaysTrueExpression(name));
  for (const [name, expressions] of Object.entries(gatingExpressions(tiers, settings))) {
    for (const expression of expressions) add(name, expression);
    const companion = companionSeries(name);
    if (companion !== null) add(companion, "count>0");
  }
  for (const [name, threshold] of generatorThresholds(settings)) add(name, threshold);
  return thresholds;
}

/**
 * Returns the expressions that gate a run: those of the tier of GATE, and the success rate of the CAPACITY preset. Those on
 * `barge` are left out where the settings plan no barge-in.
 */
export function gatingExpressions(tiers: Tiers, settings: Settings): TierExpressions {
  const expressions: Record<string, readonly string[]> = { ...tiers[settings.GATE] };
  const successRate = capacitySuccessRate(settings);
  if (successRate !== null) expressions.turn_success = [...(expressions.turn_success ?? []), `rate>${successRate}`];
  if (settings.BARGE_EVERY > 0 && settings.BARGE_EVERY < settings.TURNS_PER_USER) return expressions;
  return Object.fromEntries(Object.entries(expressions).filter(([name]) => baseOf(name) !== "barge"));
}

/** Returns every percentile that the report or an expression of any tier needs, as k6 names them: `p(95)`. */
export function requiredPercentiles(tiers: Tiers): readonly string[] {
  const aggregates = TIERS.flatMap((tier) => Object.values(tiers[tier]).flat()).map(
    (text) => EXPRESSION.exec(text)?.[1] ?? "",
  );
  return [...new Set(["p(50)", "p(90)", "p(95)", "p(99)", ...aggregates.filter((name) => name.startsWith("p("))])];
}

/** A parsed threshold expression: `p(95)<2000` is the aggregate `p(95)`, the operator `<` and the limit 2000. */
export interface Expression {
  readonly aggregate: string;
  readonly operator: string;
  readonly limit: number;
}

/** Parses one threshold expression; returns null when it is not valid. */
export function parseExpression(text: string): Expression | null {
  const match = EXPRESSION.exec(text);
  if (match === null) return null;
  return { aggregate: match[1] ?? "", operator: match[3] ?? "", limit: Number(match[4]) };
}

function tierProblems(tier: Tier, value: unknown): string[] {
  const metrics = Object.entries(asRecord(value));
  if (metrics.length === 0)
    return [`thresholds.json: ${tier}: expected an object with at least one metric, got ${JSON.stringify(value)}`];
  return metrics.flatMap(([name, expressions]) => {
    const base = baseOf(name);
    const where = `thresholds.json: ${tier}.${name}`;
    if (base === null) return [`${where}: expected one of ${gateableNames().join(", ")}, got ${JSON.stringify(name)}`];
    if (!Array.isArray(expressions) || expressions.length === 0) {
      return [`${where}: expected a list of expressions, got ${JSON.stringify(expressions)}`];
    }
    const kind = KINDS[base];
    const invalid = expressions.filter(
      (text) => typeof text !== "string" || !EXPRESSION.test(text) || !AGGREGATES[kind]?.test(text),
    );
    return invalid.map(
      (text) => `${where}: expected an expression for a ${kind} such as ${EXAMPLES[kind]}, got ${JSON.stringify(text)}`,
    );
  });
}

/** An expression of each kind, for error messages. */
const EXAMPLES = { trend: '"p(95)<2000"', counter: '"count<1"', rate: '"rate>0.95"' };

/**
 * Yields the thresholds of every run, whatever its tier: something was measured, the generator was on time and free of errors,
 * not every caller gave up, and in the open model no call was dropped.
 */
function* generatorThresholds(settings: Settings): Generator<[string, Threshold]> {
  yield ["calls", "count>0"];
  yield ["turns", "count>0"];
  yield ["script_error", "count==0"];
  yield ["generator_limit", "count==0"];
  yield ["send_lag", `p(99)<=${LATE_MS}`];
  yield ["send_lag_seconds", "count>0"];
  yield ["on_time", `rate>=${MIN_ON_TIME_RATE}`];
  yield ["clock_step", "count==0"];
  yield ["gave_up", { threshold: `count<${settings.USERS}`, abortOnFail: true }];
  if (settings.CALLS_PER_SEC > 0) yield ["dropped_iterations", "count==0"];
}

/** Yields every series of the report: k6 passes a tagged series to handleSummary only if a threshold names it. */
function* reportSeries(turns: number): Generator<string> {
  for (const name of METRIC_NAMES) {
    const tag = tagOf(name);
    yield name;
    if (tag === "turn")
      for (let turn = 1; turn <= Math.min(turns, MAX_TURN_SERIES); turn += 1)
        yield seriesName(name, tag, turnTag(turn));
    else if (tag !== undefined) for (const value of tagValuesOf(name) ?? []) yield seriesName(name, tag, value);
  }
}

function alwaysTrueExpression(series: string): string {
  const base = baseOf(series);
  const kind = base === null ? "counter" : KINDS[base];
  return { trend: "max>=0", counter: "count>=0", rate: "rate>=0" }[kind];
}

/** Returns the series of the companion Counter, with the same tag; null for a metric without a companion. */
function companionSeries(series: string): string | null {
  const base = baseOf(series);
  return base === null || !ACCOMPANIED.includes(base) ? null : series.replace(base, companionOf(base));
}

/** Returns the metric of a series; null for an unknown metric. */
function baseOf(series: string): MetricName | null {
  const base = series.split("{")[0] ?? "";
  return Object.hasOwn(KINDS, base) ? (base as MetricName) : null;
}

function gateableNames(): string[] {
  return METRIC_NAMES.filter(isGateable);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
