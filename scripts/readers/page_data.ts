/** Builds the data of the report page's charts (`PageData`) from a run's report. */

import { LATE_MS } from "../../lib/metrics/late.ts";
import type { Stats } from "../../lib/report/stats.ts";
import { parseExpression, TIERS, type Tiers } from "../../lib/settings/thresholds.ts";
import type { Limit, Mark, PageData, Steps, TurnColumns } from "../page/data.ts";
import type { LagSecond } from "../results/lag_seconds.ts";
import type { TurnLine } from "../results/log_lines.ts";
import type { RunReport } from "../results/report_from_log.ts";
import { type FaultMark, type OpenCalls, timeAxisAtMs } from "../results/shown_log.ts";
import { valueIfEnough } from "./series.ts";

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

/** The most steps of the line of open calls. */
const MAX_STEPS = 4000;

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
export function pageData({ file, run, shown }: RunReport): PageData {
  const turns = shown.turns.filter((turn) => timeAxisAtMs(turn) !== null);
  const startedAtMs = shown.firstAtMs ?? Date.parse(file.startedAt);
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
  const indices = new Map(turns.map((turn, index) => [turn, index]));
  const { lanes, marks } = faultMarks(shown.faults, (turn) => indices.get(turn) ?? -1, calls, sinceStart);
  const sendLag = worstLags(shown.worstLags, sinceStart);
  const lastTurnMs = sinceStart(shown.lastTurnAtMs ?? startedAtMs);
  const ends = [lastTurnMs, sendLag.atMs.at(-1) ?? 0, ...marks.slice(-1).map(({ atMs }) => atMs)];
  return {
    startedAtMs,
    lengthMs: Math.max(1000, ...ends),
    calls: calls.values,
    utterances: dictionaries.utterance.values,
    outcomes: dictionaries.outcome.values,
    faultSets: dictionaries.faults.values,
    bargeOutcomes: dictionaries.barge.values,
    turns: columns,
    callers: callersUp(shown.openCalls, sinceStart),
    percentiles: turns.length < shown.turnCount ? exactPercentiles(run.stats) : {},
    limits: { ttfb: limitsOf(run.tiers, "ttfb"), barge: limitsOf(run.tiers, "barge") },
    lanes,
    marks,
    sendLag,
    sendLagLimitMs: LATE_MS,
  };
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

/** The exact percentiles of the histograms, for a page that draws a sample of the turns only. */
function exactPercentiles(stats: Stats): PageData["percentiles"] {
  const of = (series: string) =>
    [50, 95, 99].flatMap((p) => {
      const ms = valueIfEnough(stats[series] ?? {}, `p(${p})`);
      return ms === null ? [] : [{ p, ms }];
    });
  return { ttfb: of("ttfb"), barge: of("barge") };
}

/**
 * The number of open calls over time: each change, or, where there are more changes than a chart can show, the highest
 * number in each slice of the run.
 */
function callersUp({ fromMs, toMs }: OpenCalls, sinceStart: (atMs: number) => number): Steps {
  const atMs: number[] = [];
  const values: number[] = [];
  const lastMs = sinceStart(toMs.at(-1) ?? 0);
  const sliceMs = fromMs.length * 2 > MAX_STEPS ? lastMs / MAX_STEPS : 0;
  const add = (changeAtMs: number, up: number) => {
    const last = atMs.length - 1;
    if (sliceMs === 0 || last < 0 || changeAtMs >= (atMs[last] ?? 0) + sliceMs || changeAtMs >= lastMs) {
      atMs.push(changeAtMs);
      values.push(up);
    } else values[last] = Math.max(values[last] ?? 0, up);
  };
  for (let [begun, ended] = [0, 0]; ended < toMs.length; ) {
    const [beginsAtMs, endsAtMs] = [fromMs[begun] ?? Number.POSITIVE_INFINITY, toMs[ended] ?? 0];
    if (beginsAtMs < endsAtMs) begun += 1;
    else ended += 1;
    add(sinceStart(Math.min(beginsAtMs, endsAtMs)), begun - ended);
  }
  return { atMs, values };
}

/** The marks of the faults chart, and one lane for each kind of fault: those of turns first, in the order of their time. */
function faultMarks(
  faults: readonly FaultMark[],
  indexOf: (turn: TurnLine) => number,
  calls: Dictionary<string>,
  sinceStart: (atMs: number) => number,
): { lanes: readonly string[]; marks: readonly Mark[] } {
  const lanes = new Dictionary<string>();
  const ordered = [...faults].sort((a, b) => Number(a.turn === null) - Number(b.turn === null) || a.atMs - b.atMs);
  const marks = ordered.map(({ atMs, call, name, turn }): Mark => {
    const lane = Math.min(lanes.indexOf(name), MAX_LANES - 1);
    return { atMs: sinceStart(atMs), lane, turn: turn === null ? -1 : indexOf(turn), call: calls.indexOf(call) };
  });
  const names = lanes.values.length <= MAX_LANES ? lanes.values : [...lanes.values.slice(0, MAX_LANES - 1), "others"];
  return { lanes: names, marks: marks.sort((a, b) => a.atMs - b.atMs) };
}

/** The highest send lag of any call in each second of the run. */
function worstLags(lags: readonly LagSecond[], sinceStart: (atMs: number) => number): Steps {
  const worstMs = new Map<number, number>();
  for (const { atMs, lagMs } of lags) {
    const second = Math.max(0, Math.floor(sinceStart(atMs) / 1000));
    worstMs.set(second, Math.max(worstMs.get(second) ?? 0, lagMs));
  }
  const seconds = [...worstMs.keys()].sort((a, b) => a - b);
  return { atMs: seconds.map((sec) => sec * 1000), values: seconds.map((sec) => roundToTenth(worstMs.get(sec) ?? 0)) };
}
