/**
 * Decides the verdict of a run from its failed thresholds, and explains it in words that say what to do.
 * k6 decides which thresholds failed; for a run that is read from its log, lib/report/run_summary.ts does.
 */

import { KINDS, type MetricName, seriesName, tagValuesOf } from "../metrics/metrics.ts";
import type { UnreadRecord } from "../metrics/records.ts";
import type { Settings } from "../settings/settings.ts";
import { parseExpression } from "../settings/thresholds.ts";
import { dialHint } from "./dial_hints.ts";
import { type GoVariables, takesGosDefault } from "./go_variables.ts";
import { countOf, type Stats } from "./stats.ts";

/** The result of a run. INVALID: the load generator was too slow or failed, so the numbers are not those of the agent. */
export type Verdict = "PASS" | "FAIL" | "INVALID" | "INTERRUPTED";

/** A threshold that failed. */
export interface ThresholdFailure {
  readonly series: string;
  readonly expression: string;
}

/** Stands for all thresholds where k6 was told to evaluate none. */
export const GATE_OFF: ThresholdFailure = { series: "thresholds", expression: "" };

const GATE_OFF_REASON =
  "the gate was switched off (--no-thresholds): k6 judged nothing, and its exit code is not that of the gate";

/** What a verdict depends on. */
export interface VerdictInput {
  readonly failures: readonly ThresholdFailure[];
  /** True when the run ended before TIME for another reason than that all of its callers had given up. */
  readonly interrupted: boolean;
  readonly stats: Stats;
  readonly settings: Settings;
  /** Go's variables of the k6 processes; empty where not known. */
  readonly go: readonly GoVariables[];
  /** The URL that callers dialled; credentials are masked. */
  readonly url: string;
  /** What to try when the agent answers the upgrade with 403 or 404. */
  readonly pathHint: string;
  /** The first message that nobody could read, where it is known: k6 adds up numbers only. */
  readonly firstUnread?: Pick<UnreadRecord, "name" | "shape"> | null | undefined;
}

/** A verdict and its reasons, the most important one first. */
export interface VerdictWithReasons {
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
}

/** Series whose failed threshold makes a run INVALID, the most important first, and the reason that is given for each. */
const INVALID_REASONS: Readonly<Record<string, (input: VerdictInput) => string>> = {
  generator_limit: ({ stats, url }) =>
    `this machine ran out of ${limitNames(stats, url)}; no such call counts for the agent`,
  script_error: ({ stats }) =>
    `this tool failed ${countOf(stats, "script_error")} times; please report what k6 printed`,
  clock_step: ({ stats }) =>
    `${countOf(stats, "clock_step")} times the wall clock jumped, or a caller stood still for more than a second`,
  send_lag: ({ go, stats }) =>
    `this machine was too slow: frames went out ${formatMs(stats.send_lag?.["p(99)"])} late (P99); ${whatHelps(go)}`,
  on_time: ({ go, stats }) =>
    `this machine was too slow around ${countOf(stats, "generator_late")} of ${countOf(stats, "turns")} turns; ${whatHelps(go)}`,
};

/** Says what to do against late frames. With Go's default GOGC, the garbage collector is the likely cause. */
function whatHelps(go: readonly GoVariables[]): string {
  const fewer = "run fewer callers per machine, or more machines";
  return go.some(takesGosDefault) ? `start k6 with the GOGC of docs/performance.md, ${fewer}` : fewer;
}

/** Decides the verdict: INTERRUPTED before INVALID, INVALID before FAIL, FAIL before PASS. */
export function decideVerdict(input: VerdictInput): VerdictWithReasons {
  // The order in which k6 reports its metrics is random.
  const order = Object.keys(INVALID_REASONS);
  const invalid = input.failures
    .filter(({ series }) => series in INVALID_REASONS)
    .sort((a, b) => order.indexOf(a.series) - order.indexOf(b.series));
  const failed = input.failures.filter(({ series }) => !(series in INVALID_REASONS));
  const reasons = [
    ...(failed.includes(GATE_OFF) ? [GATE_OFF_REASON] : []),
    ...invalid.map(({ series }) => INVALID_REASONS[series]?.(input) ?? series),
    ...failureReasons(
      failed.filter((failure) => failure !== GATE_OFF),
      input,
    ),
  ];
  if (input.interrupted)
    return {
      verdict: "INTERRUPTED",
      reasons: ["the run was stopped before its time; turns in progress are not in it", ...reasons],
    };
  if (invalid.length > 0) return { verdict: "INVALID", reasons };
  if (failed.length > 0) return { verdict: "FAIL", reasons };
  return {
    verdict: "PASS",
    reasons: [`every threshold of the ${input.settings.GATE} tier holds`, ...unreadReasons(input)],
  };
}

/** Explains failed thresholds: first failed dials, then exceeded limits, then what was not measured. */
function failureReasons(failures: readonly ThresholdFailure[], input: VerdictInput): string[] {
  const unmeasured = failures.filter(
    ({ series }) => series.includes("_samples") || series === "calls" || series === "turns",
  );
  const exceeded = failures.filter((failure) => !unmeasured.includes(failure) && failure.series !== "send_lag_seconds");
  const names = [...new Set(unmeasured.map(({ series }) => series.replace("_samples", "")))];
  const reasons = failures.length > 0 ? [...dialHints(input), ...unreadReasons(input)] : [];
  reasons.push(...exceeded.map((failure) => limitReason(failure, input)));
  if (names.includes("barge")) reasons.push(noBargeInReason(input));
  const rest = names.filter((name) => name !== "barge");
  if (rest.length > 0) reasons.push(`nothing was measured of: ${rest.join(", ")}`);
  return reasons;
}

/** Says how many messages nobody could read, and what the first one was: an agent whose audio is lost looks silent. */
function unreadReasons({ firstUnread, stats }: VerdictInput): string[] {
  const count = countOf(stats, "unread_messages");
  if (count === 0) return [];
  const first = firstUnread ? `; the first: ${firstUnread.name} ${firstUnread.shape}` : "";
  return [`${count} messages of the agent could not be read${first}`];
}

/** Explains one threshold whose value was beyond its limit. */
function limitReason({ series, expression }: ThresholdFailure, { stats, settings }: VerdictInput): string {
  if (series === "gave_up")
    return `all ${countOf(stats, "gave_up")} callers gave up: asking again would not have helped`;
  if (series === "dropped_iterations")
    return `${countOf(stats, series)} calls found no free caller: raise USERS or lower CALLS_PER_SEC`;
  const parsed = parseExpression(expression);
  const value = stats[series]?.[parsed?.aggregate ?? ""];
  const outcomes = series === "turn_success" ? failedTurns(stats) : "";
  return `${series} ${parsed?.aggregate} is ${formatValue(series, value)}; the ${settings.GATE} tier wants ${expression}${outcomes}`;
}

/** Lists the outcomes of the failed turns with their counts; empty when there are none. */
function failedTurns(stats: Stats): string {
  const counts = (tagValuesOf("turn_error") ?? []).flatMap((reason) => {
    const count = countOf(stats, seriesName("turn_error", "reason", reason));
    return count > 0 ? [`${count} ${reason}`] : [];
  });
  return counts.length > 0 ? `; failed turns: ${counts.join(", ")}` : "";
}

/** Explains why no barge-in was measured though the settings plan some, and says which setting to change. */
function noBargeInReason({ stats, settings }: VerdictInput): string {
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

/** One hint for each way in which dials failed, with its count. */
function dialHints({ pathHint, settings, stats, url }: VerdictInput): string[] {
  const facts = { url, pathHint, connectTimeoutSec: settings.CONNECT_TIMEOUT_SEC };
  return (tagValuesOf("ws_error") ?? []).flatMap((kind) => {
    const count = countOf(stats, seriesName("ws_error", "kind", kind));
    const hint = count > 0 ? dialHint(kind, facts) : null;
    return hint === null ? [] : [`${count} x ws/error/${kind}: ${hint}`];
  });
}

/** What the load machine can run out of (the `kind` tag of `generator_limit`): its name, and what to do. */
const LIMITS: Readonly<Record<string, (url: string) => string>> = {
  open_files: () => "file descriptors (raise ulimit -n: a call needs one)",
  local_ports: (url) =>
    /\/\/\[/.test(url)
      ? "local ports, or has no IPv6 address (see net.ipv4.ip_local_port_range)"
      : "local ports (widen net.ipv4.ip_local_port_range, or use more machines)",
  memory: () => "memory (run fewer callers per machine, or more machines)",
};

/** Says which resource the load machine ran out of, and what to do. */
export function limitText(kind: string, url: string): string {
  return `this machine ran out of ${LIMITS[kind]?.(url) ?? kind}`;
}

/** Names the limits that were met, with their counts. */
function limitNames(stats: Stats, url: string): string {
  const names = Object.entries(LIMITS).flatMap(([kind, name]) => {
    const count = countOf(stats, seriesName("generator_limit", "kind", kind));
    return count > 0 ? [`${name(url)}, ${count} times`] : [];
  });
  return names.join(", and of ");
}

/** Formats a value with the unit of its metric: ms for a Trend, percent for a Rate. */
function formatValue(series: string, value: number | undefined): string {
  const base = series.split("{")[0] as MetricName;
  if (value === undefined) return "not there";
  const kind = KINDS[base] ?? "counter";
  if (kind === "rate") return `${(value * 100).toFixed(1)} %`;
  return kind === "trend" ? formatMs(value) : String(value);
}

/** Formats a duration with one decimal below 10 ms; `-` where there is none. */
function formatMs(value: number | undefined): string {
  return value === undefined ? "-" : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
