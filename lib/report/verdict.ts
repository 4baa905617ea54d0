/**
 * From failed thresholds to a verdict and the reasons for it, in words that say what to do.
 * k6 decides which thresholds failed; this only says what that means.
 */

import { KINDS, type MetricName, seriesName, tagValuesOf } from "../metrics/metrics.ts";
import type { Settings } from "../settings/settings.ts";
import { parseExpression } from "../settings/thresholds.ts";
import { countOf, type Stats } from "./stats.ts";

/** What a run is worth: INVALID says that the generator, not the agent, was measured. */
export type Verdict = "PASS" | "FAIL" | "INVALID" | "INTERRUPTED";

/** A threshold that did not hold. */
export interface Failure {
  readonly series: string;
  readonly expression: string;
}

/** What a verdict is made from. */
export interface Evidence {
  readonly failures: readonly Failure[];
  readonly interrupted: boolean;
  readonly stats: Stats;
  readonly settings: Settings;
  readonly url: string;
  readonly pathHint: string;
}

/** A verdict and why, the weightiest reason first. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** Thresholds whose failure makes every other number worthless, the weightiest first. */
const INVALIDATING: Readonly<Record<string, (evidence: Evidence) => string>> = {
  script_error: ({ stats }) =>
    `this tool failed ${countOf(stats, "script_error")} times; please report what k6 printed`,
  clock_step: ({ stats }) =>
    `${countOf(stats, "clock_step")} times the wall clock jumped, or a caller stood still for more than a second`,
  send_lag: ({ stats }) =>
    `this machine was too slow: frames went out ${ms(stats.send_lag?.["p(99)"])} late (P99); run fewer callers per machine, or more machines`,
  on_time: ({ stats }) =>
    `this machine was too slow around ${countOf(stats, "generator_late")} of ${countOf(stats, "turns")} turns; run fewer callers per machine, or more machines`,
};

/** What to check, by how dials failed. */
const HINTS: Readonly<Record<string, (evidence: Evidence) => string>> = {
  refused: ({ url }) => `nothing listens at ${url}: is the agent running, and are HOST or WS_URL right?`,
  dns: ({ url }) => `the host of ${url} has no address: is HOST or WS_URL right?`,
  tls: ({ url }) => `${url} failed the TLS handshake: is its certificate valid, and should this be ws://?`,
  connect_timeout: ({ settings }) => `connecting took longer than CONNECT_TIMEOUT_SEC=${settings.CONNECT_TIMEOUT_SEC}`,
  http_400: () => "the agent answered the upgrade with 400: it does not take these parameters",
  http_401: () => "the agent answered the upgrade with 401: it wants credentials, see WS_HEADERS",
  http_403: ({ pathHint }) =>
    `the agent answered the upgrade with 403: a wrong path, or credentials are missing (WS_HEADERS); ${pathHint}`,
  http_404: ({ pathHint }) =>
    `the agent answered the upgrade with 404: the path is wrong; ${pathHint}; WS_URL sets another`,
  http_429: () => "the agent answered the upgrade with 429: it throttles new calls",
  http_500: () => "the agent answered the upgrade with 500: it is broken, or full (its connection limit answers so)",
  http_502: () => "a gateway answered the upgrade with 502: the agent behind it is down",
  http_503: () => "the agent answered the upgrade with 503: it is starting, or full",
  reset: ({ url }) => `${url} broke connections off: is it a WebSocket server?`,
};

/** Judges a run. */
export function judge(evidence: Evidence): Judgement {
  // k6 hands its metrics over in an order of chance.
  const order = Object.keys(INVALIDATING);
  const invalid = evidence.failures
    .filter(({ series }) => series in INVALIDATING)
    .sort((a, b) => order.indexOf(a.series) - order.indexOf(b.series));
  const failed = evidence.failures.filter(({ series }) => !(series in INVALIDATING));
  const reasons = [
    ...invalid.map(({ series }) => INVALIDATING[series]?.(evidence) ?? series),
    ...why(failed, evidence),
  ];
  if (evidence.interrupted)
    return {
      verdict: "INTERRUPTED",
      reasons: ["the run was stopped before its time; turns in progress are not in it", ...reasons],
    };
  if (invalid.length > 0) return { verdict: "INVALID", reasons };
  if (failed.length > 0) return { verdict: "FAIL", reasons };
  return { verdict: "PASS", reasons: [`every threshold of the ${evidence.settings.GATE} tier holds`] };
}

function why(failures: readonly Failure[], evidence: Evidence): string[] {
  const unmeasured = failures.filter(
    ({ series }) => series.includes("_samples") || series === "calls" || series === "turns",
  );
  const crossed = failures.filter((failure) => !unmeasured.includes(failure) && failure.series !== "send_lag_seconds");
  const names = [...new Set(unmeasured.map(({ series }) => series.replace("_samples", "")))];
  const reasons = failures.length > 0 ? connectionHints(evidence) : [];
  reasons.push(...crossed.map((failure) => crossing(failure, evidence)));
  if (names.includes("barge")) reasons.push(noBarge(evidence));
  const rest = names.filter((name) => name !== "barge");
  if (rest.length > 0) reasons.push(`nothing was measured of: ${rest.join(", ")}`);
  return reasons;
}

function crossing({ series, expression }: Failure, { stats, settings }: Evidence): string {
  if (series === "gave_up")
    return `all ${countOf(stats, "gave_up")} callers gave up: asking again would not have helped`;
  if (series === "dropped_iterations")
    return `${countOf(stats, series)} calls found no free caller: raise USERS or lower CALLS_PER_SEC`;
  const parsed = parseExpression(expression);
  const value = stats[series]?.[parsed?.aggregate ?? ""];
  const outcomes = series === "turn_success" ? failedTurns(stats) : "";
  return `${series} ${parsed?.aggregate} is ${amount(series, value)}; the ${settings.GATE} tier wants ${expression}${outcomes}`;
}

function failedTurns(stats: Stats): string {
  const counts = (tagValuesOf("turn_error") ?? []).flatMap((reason) => {
    const count = countOf(stats, seriesName("turn_error", "reason", reason));
    return count > 0 ? [`${count} ${reason}`] : [];
  });
  return counts.length > 0 ? `; failed turns: ${counts.join(", ")}` : "";
}

/** Barge-ins were asked for and none was measured: says which setting to change. */
function noBarge({ stats, settings }: Evidence): string {
  const skipped = countOf(stats, "barge_skipped");
  const unobserved = countOf(stats, "barge_unobserved");
  if (skipped > 0 && skipped >= unobserved) {
    return `no barge-in was measured: ${skipped} replies ended before BARGE_REENTRY_MS=${settings.BARGE_REENTRY_MS} of them had played; lower it, or set BARGE_EVERY=0`;
  }
  if (unobserved > 0 && !settings.AGENT_STOPS) {
    return `no barge-in was measured: ${unobserved} replies had arrived whole before they were interrupted, and with AGENT_STOPS=false only audio that still comes can tell; set BARGE_EVERY=0, or AGENT_STOPS=true if the agent does send a stop`;
  }
  if (unobserved > 0) {
    return `no barge-in was measured: ${unobserved} interruptions saw no stop that counts; set AGENT_STOPS=false if the agent sends none, or BARGE_EVERY=0`;
  }
  return "no barge-in was measured: no reply was heard that could be interrupted";
}

function connectionHints(evidence: Evidence): string[] {
  return (tagValuesOf("ws_error") ?? []).flatMap((kind) => {
    const count = countOf(evidence.stats, seriesName("ws_error", "kind", kind));
    const hint = HINTS[kind]?.(evidence);
    return count > 0 && hint !== undefined ? [`${count} x ws/error/${kind}: ${hint}`] : [];
  });
}

function amount(series: string, value: number | undefined): string {
  const base = series.split("{")[0] as MetricName;
  if (value === undefined) return "not there";
  const kind = KINDS[base] ?? "counter";
  if (kind === "rate") return `${(value * 100).toFixed(1)} %`;
  return kind === "trend" ? ms(value) : String(value);
}

function ms(value: number | undefined): string {
  return value === undefined ? "-" : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
