/** From a run's log to what its report page draws. */

import { LATE_MS } from "../../lib/metrics/metrics.ts";
import { parseExpression, TIERS, type Tiers } from "../../lib/settings/thresholds.ts";
import type { Limit, Mark, PageData, Steps, TurnColumns } from "../page/data.ts";
import { lagSeconds } from "../results/lag_seconds.ts";
import type { Reread } from "../results/report_from_log.ts";
import type { CallLine, Log, TurnLine } from "../results/run_folder.ts";

/** The fields of a turn that are instants, and those that are durations. */
const INSTANTS = ["speechStartAtMs", "eosAtMs", "firstAudioAtMs", "bargeAtMs", "stopAtMs"] as const;
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

/** More kinds of fault than this would make a time line that nobody reads; the last lane holds the rest. */
const LANES = 12;

/** Gives each different value an index, in the order of their coming. */
class Words<T> {
  readonly list: T[] = [];
  private readonly indices = new Map<string, number>();

  indexOf(value: T): number {
    const key = JSON.stringify(value);
    const known = this.indices.get(key);
    if (known !== undefined) return known;
    this.indices.set(key, this.list.length);
    return this.list.push(value) - 1;
  }
}

/** Builds the page's data. */
export function pageData({ file, log, run }: Reread): PageData {
  const turns = log.turns.filter((turn) => instantOf(turn) !== null);
  const first = (earliest: number, atMs: number | null) => Math.min(earliest, atMs ?? earliest);
  const dialledAtMs = log.calls.map(({ dialAtMs }) => dialAtMs).reduce(first, Number.POSITIVE_INFINITY);
  const spokenAtMs = turns.map(({ speechStartAtMs }) => speechStartAtMs).reduce(first, dialledAtMs);
  const startedAtMs = Number.isFinite(spokenAtMs) ? spokenAtMs : Date.parse(file.startedAt);
  const since = (atMs: number) => Math.round(atMs - startedAtMs);
  const calls = new Words<string>();
  const words = {
    utterance: new Words<string>(),
    outcome: new Words<string>(),
    faults: new Words<readonly string[]>(),
    barge: new Words<string | null>(),
  };
  const columns: TurnColumns = {
    atMs: turns.map((turn) => since(instantOf(turn) ?? 0)),
    turn: turns.map(({ turn }) => turn),
    vu: turns.map(({ vu }) => vu),
    call: turns.map(({ call }) => calls.indexOf(call)),
    utterance: turns.map(({ utterance }) => words.utterance.indexOf(utterance)),
    outcome: turns.map(({ outcome }) => words.outcome.indexOf(outcome)),
    faults: turns.map(({ faults }) => words.faults.indexOf(faults)),
    barge: turns.map(({ barge }) => words.barge.indexOf(barge)),
    numbers: Object.fromEntries([
      ...INSTANTS.map((name) => [name, turns.map(({ [name]: atMs }) => (atMs === null ? null : since(atMs)))]),
      ...DURATIONS.map((name) => [name, turns.map(({ [name]: ms }) => (ms === null ? null : tenth(ms)))]),
    ]),
  };
  const { lanes, marks } = timeline(turns, log.calls, calls, since);
  const sendLag = worstLags(log, since);
  const ends = [columns.atMs.at(-1) ?? 0, sendLag.atMs.at(-1) ?? 0, ...marks.slice(-1).map(({ atMs }) => atMs)];
  return {
    startedAtMs,
    lengthMs: Math.max(1000, ...ends),
    calls: calls.list,
    utterances: words.utterance.list,
    outcomes: words.outcome.list,
    faultSets: words.faults.list,
    bargeOutcomes: words.barge.list,
    turns: columns,
    callers: callersUp(log, since),
    limits: { ttfb: limitsOf(run.tiers, "ttfb"), barge: limitsOf(run.tiers, "barge") },
    lanes,
    marks,
    sendLag,
    sendLagLimitMs: LATE_MS,
  };
}

function instantOf(turn: TurnLine): number | null {
  return turn.eosAtMs ?? turn.speechStartAtMs;
}

function tenth(ms: number): number {
  return Math.round(ms * 10) / 10;
}

/** The limits of P95, for which a line among single turns is a fair picture. */
function limitsOf(tiers: Tiers, metric: string): Limit[] {
  return TIERS.flatMap((tier) =>
    (tiers[tier][metric] ?? []).flatMap((expression) => {
      const parsed = parseExpression(expression);
      return parsed?.aggregate === "p(95)" ? [{ tier, ms: parsed.limit }] : [];
    }),
  );
}

/** How many calls were up at each instant; a call that left no record was up from its first turn to its last. */
function callersUp({ calls, turns }: Log, since: (atMs: number) => number): Steps {
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
    { atMs: since(fromMs), by: 1 },
    { atMs: since(toMs), by: -1 },
  ]);
  changes.sort((a, b) => a.atMs - b.atMs || a.by - b.by);
  let up = 0;
  return { atMs: changes.map(({ atMs }) => atMs), values: changes.map(({ by }) => (up += by)) };
}

/** Faults, failed turns without one, and calls that failed or were closed, each kind in a lane. */
function timeline(
  turns: readonly TurnLine[],
  callLines: readonly CallLine[],
  calls: Words<string>,
  since: (atMs: number) => number,
): { lanes: readonly string[]; marks: readonly Mark[] } {
  const lanes = new Words<string>();
  const marks: Mark[] = [];
  const mark = (name: string, atMs: number, turn: number, call: string) => {
    const index = lanes.indexOf(name);
    marks.push({ atMs: since(atMs), lane: Math.min(index, LANES - 1), turn, call: calls.indexOf(call) });
  };
  for (const [index, turn] of turns.entries()) {
    const named = turn.faults.filter((fault) => !fault.startsWith("notice:"));
    const names = named.length === 0 && turn.outcome !== "ok" ? [turn.outcome] : named;
    for (const name of names) mark(name, instantOf(turn) ?? 0, index, turn.call);
  }
  for (const { call, closedAtMs, closedBy, code, dialAtMs, faults, outcome } of callLines) {
    for (const fault of faults) mark(fault, dialAtMs, -1, call);
    if (outcome !== "ok" && closedBy === "agent" && code !== null) mark(`close ${code}`, closedAtMs, -1, call);
  }
  const names = lanes.list.length <= LANES ? lanes.list : [...lanes.list.slice(0, LANES - 1), "others"];
  return { lanes: names, marks: marks.sort((a, b) => a.atMs - b.atMs) };
}

/** The worst lateness of any call in each second of the run. */
function worstLags(log: Log, since: (atMs: number) => number): Steps {
  const worstMs = new Map<number, number>();
  for (const { atMs, lagMs } of lagSeconds(log)) {
    const second = Math.max(0, Math.floor(since(atMs) / 1000));
    worstMs.set(second, Math.max(worstMs.get(second) ?? 0, lagMs));
  }
  const seconds = [...worstMs.keys()].sort((a, b) => a - b);
  return { atMs: seconds.map((sec) => sec * 1000), values: seconds.map((sec) => tenth(worstMs.get(sec) ?? 0)) };
}
