/** Builds the data of the report page's charts (`PageData`) from a run's report. */

import { LATE_MS } from "../../lib/metrics/metrics.ts";
import { parseExpression, TIERS, type Tiers } from "../../lib/settings/thresholds.ts";
import type { Limit, Mark, PageData, Steps, TurnColumns } from "../page/data.ts";
import { lagSeconds } from "../results/lag_seconds.ts";
import type { RunReport } from "../results/report_from_log.ts";
import type { CallLine, Log, TurnLine } from "../results/run_folder.ts";

/** The fields of a turn that are instants. */
const INSTANTS = ["speechStartAtMs", "eosAtMs", "firstAudioAtMs", "bargeAtMs", "stopAtMs"] as const;
/** The fields of a turn that are durations. */
const DURATIONS = [
  "ttfbMs",
  "ttfbFailedMs",
  "sttMs",
  "textMs",
  "bargeMs",
  "overrunMs",
  "turnMs",
  "stallMs",
  "lateAudioMs",
] as const;

/** The most lanes of the faults chart, so that it stays readable; the last one holds all remaining kinds of fault. */
const MAX_LANES = 12;

/** Dictionary encoding: assigns each distinct value an index, in the order of first appearance. */
class Dictionary<T> {
  readonly values: T[] = [];
  private readonly indices = new Map<string, number>();

  indexOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    this.indices.set(key, this.values.length);
    return this.values.push(value) - 1;
  }
}

/** Builds the page's data. The time axis begins at the first dial, or at the first speech where no call is logged. */
export function pageData({ file, log, run }: RunReport): PageData {
  const turns = log.turns.filter((turn) => timeAxisAtMs(turn) !== null);
  const first = (earliest: number, atMs: number | null) => Math.min(earliest, atMs ?? earliest);
  const dialledAtMs = log.calls.map(({ dialAtMs }) => dialAtMs).reduce(first, Number.POSITIVE_INFINITY);
  const spokenAtMs = turns.map(({ speechStartAtMs }) => speechStartAtMs).reduce(first, dialledAtMs);
  const startedAtMs = Number.isFinite(spokenAtMs) ? spokenAtMs : Date.parse(file.startedAt);
  const sinceStart = (atMs: number) => Math.round(atMs - startedAtMs);
  const calls = new Dictionary<string>();
  const dictionaries = {
    utterance: new Dictionary<string>(),
    outcome: new Dictionary<string>(),
    faults: new Dictionary<readonly string[]>(),
    barge: new Dictionary<string | null>(),
  };
  const columns: TurnColumns = {
    atMs: turns.map((turn) => sinceStart(timeAxisAtMs(turn) ?? 0)),
    turn: turns.map(({ turn }) => turn),
    vu: turns.map(({ vu }) => vu),
    call: turns.map(({ call }) => calls.indexOf(call)),
    utterance: turns.map(({ utterance }) => dictionaries.utterance.indexOf(utterance)),
    outcome: turns.map(({ outcome }) => dictionaries.outcome.indexOf(outcome)),
    faults: turns.map(({ faults }) => dictionaries.faults.indexOf(faults)),
    barge: turns.map(({ barge }) => dictionaries.barge.indexOf(barge)),
    numbers: Object.fromEntries([
      ...INSTANTS.map((name) => [name, turns.map(({ [name]: atMs }) => (atMs === null ? null : sinceStart(atMs)))]),
      ...DURATIONS.map((name) => [name, turns.map(({ [name]: ms }) => (ms === null ? null : roundToTenth(ms)))]),
    ]),
  };
  const { lanes, marks } = faultMarks(turns, log.calls, calls, sinceStart);
  const sendLag = worstLags(log, sinceStart);
  const ends = [columns.atMs.at(-1) ?? 0, sendLag.atMs.at(-1) ?? 0, ...marks.slice(-1).map(({ atMs }) => atMs)];
  return {
    startedAtMs,
    lengthMs: Math.max(1000, ...ends),
    calls: calls.values,
    utterances: dictionaries.utterance.values,
    outcomes: dictionaries.outcome.values,
    faultSets: dictionaries.faults.values,
    bargeOutcomes: dictionaries.barge.values,
    turns: columns,
    callers: callersUp(log, sinceStart),
    limits: { ttfb: limitsOf(run.tiers, "ttfb"), barge: limitsOf(run.tiers, "barge") },
    lanes,
    marks,
    sendLag,
    sendLagLimitMs: LATE_MS,
  };
}

/** Where a turn is on the time axis, epoch ms: its end of speech, else the start of its speech; null without either. */
function timeAxisAtMs(turn: TurnLine): number | null {
  return turn.eosAtMs ?? turn.speechStartAtMs;
}

function roundToTenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** The limits of P95 thresholds only: other aggregates cannot be compared with single turns in a chart. */
function limitsOf(tiers: Tiers, metric: string): Limit[] {
  return TIERS.flatMap((tier) =>
    (tiers[tier][metric] ?? []).flatMap((expression) => {
      const parsed = parseExpression(expression);
      return parsed?.aggregate === "p(95)" ? [{ tier, ms: parsed.limit }] : [];
    }),
  );
}

/** The number of open calls over time. A call without a `call` line counts as open from its first turn to its last. */
function callersUp({ calls, turns }: Log, sinceStart: (atMs: number) => number): Steps {
  const spans = new Map<string, { fromMs: number; toMs: number }>();
  for (const { call, speechStartAtMs, eosAtMs } of turns) {
    const atMs = speechStartAtMs ?? eosAtMs;
    if (atMs === null) continue;
    const span = spans.get(call) ?? { fromMs: atMs, toMs: atMs };
    spans.set(call, { fromMs: Math.min(span.fromMs, atMs), toMs: Math.max(span.toMs, eosAtMs ?? atMs) });
  }
  for (const { call, connectedAtMs, closedAtMs } of calls)
    if (connectedAtMs !== null) spans.set(call, { fromMs: connectedAtMs, toMs: closedAtMs });
  const changes = [...spans.values()].flatMap(({ fromMs, toMs }) => [
    { atMs: sinceStart(fromMs), by: 1 },
    { atMs: sinceStart(toMs), by: -1 },
  ]);
  changes.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let up = 0;
  return { atMs: changes.map(({ atMs }) => atMs), values: changes.map(({ by }) => (up += by)) };
}

/**
 * The marks of the faults chart: faults, failed turns without a fault, faults of calls, closes by the agent. One lane
 * per kind.
 */
function faultMarks(
  turns: readonly TurnLine[],
  callLines: readonly CallLine[],
  calls: Dictionary<string>,
  sinceStart: (atMs: number) => number,
): { lanes: readonly string[]; marks: readonly Mark[] } {
  const lanes = new Dictionary<string>();
  const marks: Mark[] = [];
  const addMark = (name: string, atMs: number, turn: number, call: string) => {
    const index = lanes.indexOf(name);
    marks.push({ atMs: sinceStart(atMs), lane: Math.min(index, MAX_LANES - 1), turn, call: calls.indexOf(call) });
  };
  for (const [index, turn] of turns.entries()) {
    const kinds = turn.faults.filter((fault) => !fault.startsWith("notice:"));
    const names = kinds.length === 0 && turn.outcome !== "ok" ? [turn.outcome] : kinds;
    for (const name of names) addMark(name, timeAxisAtMs(turn) ?? 0, index, turn.call);
  }
  for (const { call, closedAtMs, closedBy, code, dialAtMs, faults, outcome } of callLines) {
    for (const fault of faults) addMark(fault, dialAtMs, -1, call);
    if (outcome !== "ok" && closedBy === "agent" && code !== null) addMark(`close ${code}`, closedAtMs, -1, call);
  }
  const names = lanes.values.length <= MAX_LANES ? lanes.values : [...lanes.values.slice(0, MAX_LANES - 1), "others"];
  return { lanes: names, marks: marks.sort((a, b) => a.atMs - b.atMs) };
}

/** The highest send lag of any call in each second of the run. */
function worstLags(log: Log, sinceStart: (atMs: number) => number): Steps {
  const worstMs = new Map<number, number>();
  for (const { atMs, lagMs } of lagSeconds(log)) {
    const second = Math.max(0, Math.floor(sinceStart(atMs) / 1000));
    worstMs.set(second, Math.max(worstMs.get(second) ?? 0, lagMs));
  }
  const seconds = [...worstMs.keys()].sort((a, b) => a - b);
  return { atMs: seconds.map((sec) => sec * 1000), values: seconds.map((sec) => roundToTenth(worstMs.get(sec) ?? 0)) };
}
