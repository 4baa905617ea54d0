/**
 * The gate: reads `thresholds.json`, checks every word of it, and turns a tier into k6 thresholds.
 * k6 alone decides a run's exit code, and over no samples it calls a Trend or Rate green. So everything that
 * decides is a threshold, and every gated metric has a companion Counter with `count>0`.
 */

import {
  ACCOMPANIED,
  companionOf,
  isGateable,
  KINDS,
  LATE_MS,
  METRIC_NAMES,
  type MetricName,
  seriesName,
  tagOf,
  tagValuesOf,
  turnTag,
} from "../metrics/metrics.ts";
import { capacitySuccessRate } from "./capacity.ts";
import type { Settings } from "./settings.ts";

/** The tiers, the strictest first. */
export const TIERS = ["target", "acceptable", "alert"] as const;

/** The name of a tier. */
export type Tier = (typeof TIERS)[number];

/** A tier's expressions, by metric or series (`ttfb`, `ttfb{turn:01}`). */
export type Gate = Readonly<Record<string, readonly string[]>>;

/** What `thresholds.json` holds. */
export type Tiers = Readonly<Record<Tier, Gate>>;

/** A threshold as k6's options take it. */
export type Threshold = string | { readonly threshold: string; readonly abortOnFail: boolean };

/** At most this share of turns may have met a late generator. */
const ON_TIME_RATE = 0.99;

/** Turn numbers beyond this have no series of their own in k6: the log has them. */
const TURN_SERIES = 100;

const EXPRESSION = /^(p\((\d+(?:\.\d+)?)\)|avg|min|med|max|count|rate)\s*(<=|>=|===?|!=|<|>)\s*(\d+(?:\.\d+)?)$/;

const AGGREGATES: Readonly<Record<string, RegExp>> = {
  trend: /^(p\(|avg|min|med|max)/,
  counter: /^(count|rate)/,
  rate: /^rate/,
};

/** Reads `thresholds.json`; the problems name tier, metric, what was expected and what came. */
export function readTiers(text: string): { readonly tiers: Tiers; readonly problems: readonly string[] } {
  const nothing: Tiers = { target: {}, acceptable: {}, alert: {} };
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    return { tiers: nothing, problems: [`thresholds.json: expected JSON, got ${String(error)}`] };
  }
  const tiers = asRecord(parsed);
  const problems = TIERS.flatMap((tier) => tierProblems(tier, tiers[tier]));
  for (const name of Object.keys(tiers)) {
    if (!TIERS.some((tier) => tier === name)) {
      problems.push(`thresholds.json: expected the tiers ${TIERS.join(", ")}, got ${JSON.stringify(name)}`);
    }
  }
  return { tiers: problems.length === 0 ? (tiers as Tiers) : nothing, problems };
}

/** The thresholds of a run: the tier's, the fail-closed companions, the generator's, and every series of the report. */
export function runThresholds(tiers: Tiers, settings: Settings): Readonly<Record<string, readonly Threshold[]>> {
  const thresholds: Record<string, Threshold[]> = {};
  const add = (name: string, threshold: Threshold) => {
    thresholds[name] = [...(thresholds[name] ?? []), threshold];
  };
  for (const name of reportSeries(settings.TURNS_PER_USER)) add(name, alwaysTrue(name));
  for (const [name, expressions] of Object.entries(gateOf(tiers, settings))) {
    for (const expression of expressions) add(name, expression);
    const companion = companionSeries(name);
    if (companion !== null) add(companion, "count>0");
  }
  for (const [name, threshold] of generatorThresholds(settings)) add(name, threshold);
  return thresholds;
}

/** The tier that gates, with the success rate of the CAPACITY preset; barge-ins only where they are asked for. */
export function gateOf(tiers: Tiers, settings: Settings): Gate {
  const gate: Record<string, readonly string[]> = { ...tiers[settings.GATE] };
  const successRate = capacitySuccessRate(settings);
  if (successRate !== null) gate.turn_success = [...(gate.turn_success ?? []), `rate>${successRate}`];
  if (settings.BARGE_EVERY > 0 && settings.BARGE_EVERY < settings.TURNS_PER_USER) return gate;
  return Object.fromEntries(Object.entries(gate).filter(([name]) => baseOf(name) !== "barge"));
}

/** Every percentile that a report or an expression of any tier needs. */
export function percentilesOf(tiers: Tiers): readonly string[] {
  const asked = TIERS.flatMap((tier) => Object.values(tiers[tier]).flat()).map(
    (text) => EXPRESSION.exec(text)?.[1] ?? "",
  );
  return [...new Set(["p(50)", "p(90)", "p(95)", "p(99)", ...asked.filter((name) => name.startsWith("p("))])];
}

/** A parsed expression: `p(95)<2000` is the aggregate `p(95)`, the operator `<` and the limit 2000. */
export interface Expression {
  readonly aggregate: string;
  readonly operator: string;
  readonly limit: number;
}

/** Parses one threshold expression; null when it is none. */
export function parseExpression(text: string): Expression | null {
  const match = EXPRESSION.exec(text);
  if (match === null) return null;
  return { aggregate: match[1] ?? "", operator: match[3] ?? "", limit: Number(match[4]) };
}

function tierProblems(tier: Tier, gate: unknown): string[] {
  const metrics = Object.entries(asRecord(gate));
  if (metrics.length === 0)
    return [`thresholds.json: ${tier}: expected an object with at least one metric, got ${JSON.stringify(gate)}`];
  return metrics.flatMap(([name, expressions]) => {
    const base = baseOf(name);
    const where = `thresholds.json: ${tier}.${name}`;
    if (base === null) return [`${where}: expected one of ${gateNames().join(", ")}, got ${JSON.stringify(name)}`];
    if (!Array.isArray(expressions) || expressions.length === 0) {
      return [`${where}: expected a list of expressions, got ${JSON.stringify(expressions)}`];
    }
    const kind = KINDS[base];
    const wrong = expressions.filter(
      (text) => typeof text !== "string" || !EXPRESSION.test(text) || !AGGREGATES[kind]?.test(text),
    );
    return wrong.map(
      (text) => `${where}: expected an expression for a ${kind} such as ${EXAMPLES[kind]}, got ${JSON.stringify(text)}`,
    );
  });
}

const EXAMPLES = { trend: '"p(95)<2000"', counter: '"count<1"', rate: '"rate>0.95"' };

function* generatorThresholds(settings: Settings): Generator<[string, Threshold]> {
  yield ["calls", "count>0"];
  yield ["turns", "count>0"];
  yield ["script_error", "count==0"];
  yield ["send_lag", `p(99)<=${LATE_MS}`];
  yield ["send_lag_seconds", "count>0"];
  yield ["on_time", `rate>=${ON_TIME_RATE}`];
  yield ["clock_step", "count==0"];
  yield ["gave_up", { threshold: `count<${settings.USERS}`, abortOnFail: true }];
  if (settings.CALLS_PER_SEC > 0) yield ["dropped_iterations", "count==0"];
}

/** k6 hands a series to the report only if a threshold names it. */
function* reportSeries(turns: number): Generator<string> {
  for (const name of METRIC_NAMES) {
    const tag = tagOf(name);
    yield name;
    if (tag === "turn")
      for (let turn = 1; turn <= Math.min(turns, TURN_SERIES); turn += 1) yield seriesName(name, tag, turnTag(turn));
    else if (tag !== undefined) for (const value of tagValuesOf(name) ?? []) yield seriesName(name, tag, value);
  }
}

function alwaysTrue(series: string): string {
  const base = baseOf(series);
  const kind = base === null ? "counter" : KINDS[base];
  return { trend: "max>=0", counter: "count>=0", rate: "rate>=0" }[kind];
}

function companionSeries(series: string): string | null {
  const base = baseOf(series);
  return base === null || !ACCOMPANIED.includes(base) ? null : series.replace(base, companionOf(base));
}

function baseOf(series: string): MetricName | null {
  const base = series.split("{")[0] ?? "";
  return Object.hasOwn(KINDS, base) ? (base as MetricName) : null;
}

function gateNames(): string[] {
  return METRIC_NAMES.filter(isGateable);
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}
