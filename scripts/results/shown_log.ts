/**
 * Collects what a report shows of a log beside its statistics, in memory that a log of any length does not exceed but for a
 * few numbers per turn and call: the turns of the charts, the faults, the open calls, the lateness, the stages of ttfb.
 */

import { type LagSecond, LagSeconds, WorstLags } from "./lag_seconds.ts";
import type { CallLine, TurnLine } from "./log_lines.ts";
import { NumberList } from "./number_list.ts";
import { FirstOf, Reservoir } from "./samplers.ts";
import { StageTimes } from "./ttfb_stages.ts";

/** The most turns, and the most faults, that charts draw: more would make a page that no browser opens in a few seconds. */
const MAX_DRAWN = 100_000;

/** The most turns in the list of remarkable turns. */
export const MAX_LISTED = 25;

/** The most kinds of fault of which the first one is surely drawn. */
const MAX_FIRST_FAULTS = 100;

/** A fault of a turn or a call, a turn that failed without one, or a close by the agent. */
export interface FaultMark {
  readonly name: string;
  readonly atMs: number;
  readonly call: string;
  /** Null for a call. */
  readonly turn: TurnLine | null;
}

/** When calls were open, epoch ms: begins and ends, each ascending. */
export interface OpenCalls {
  readonly fromMs: Float64Array;
  readonly toMs: Float64Array;
}

/** What a report shows of a log. */
export interface ShownLog {
  /** The drawn turns, by end of speech: all turns, or a random sample of `MAX_DRAWN`, and those of `failed` and `slowest`. */
  readonly turns: readonly TurnLine[];
  /** The number of all turns. */
  readonly turnCount: number;
  /** The first failed turns, and the slowest of the others. */
  readonly failed: readonly TurnLine[];
  readonly slowest: readonly TurnLine[];
  /** All faults, or a random sample with the first one of each kind. */
  readonly faults: readonly FaultMark[];
  /** True when a turn or a call was not ok, or had a fault or a notice. */
  readonly hasFaults: boolean;
  /** Replies that were played, and those that ran dry. */
  readonly replies: number;
  readonly stalled: number;
  /** The first dial, or the first speech where no call is logged, epoch ms; null in an empty log. */
  readonly firstAtMs: number | null;
  /** The end of the last speech, epoch ms; null without turns. */
  readonly lastTurnAtMs: number | null;
  readonly openCalls: OpenCalls;
  /** The highest send lag of any call in each second, in the order of time. */
  readonly worstLags: readonly LagSecond[];
  readonly stages: StageTimes;
}

/** Where a turn is on the time axis, epoch ms: its end of speech, else the start of its speech; null without either. */
export function timeAxisAtMs(turn: TurnLine): number | null {
  return turn.eosAtMs ?? turn.speechStartAtMs;
}

/** Turns that were never spoken come last. */
function byTime(a: TurnLine, b: TurnLine): number {
  return (timeAxisAtMs(a) ?? Number.MAX_SAFE_INTEGER) - (timeAxisAtMs(b) ?? Number.MAX_SAFE_INTEGER);
}

/** Collects what is shown while a log is read. */
export class ShownLogBuilder {
  private readonly turns: Reservoir<TurnLine>;
  private readonly failed = new FirstOf<TurnLine>(MAX_LISTED, byTime);
  private readonly slowest = new FirstOf<TurnLine>(MAX_LISTED, (a, b) => (b.ttfbMs ?? 0) - (a.ttfbMs ?? 0));
  private readonly faults: Reservoir<FaultMark>;
  private readonly firstFaults = new Map<string, FaultMark>();
  private readonly callsFromMs = new NumberList();
  private readonly callsToMs = new NumberList();
  /** Calls whose line has not been read: from their first speech to their last. */
  private readonly unended = new Map<string, { fromMs: number; toMs: number }>();
  private readonly worstLags = new WorstLags();
  private readonly lags = new LagSeconds((second) => this.worstLags.add(second));
  private readonly stages = new StageTimes();
  private hasFaults = false;
  private replies = 0;
  private stalled = 0;
  private firstAtMs = Number.POSITIVE_INFINITY;
  private lastTurnAtMs = Number.NEGATIVE_INFINITY;

  constructor(maxDrawn = MAX_DRAWN) {
    this.turns = new Reservoir(maxDrawn);
    this.faults = new Reservoir(maxDrawn);
  }

  turn(turn: TurnLine, callIsOver: boolean): void {
    this.turns.add(turn);
    if (turn.outcome !== "ok") this.failed.add(turn);
    else if (turn.ttfbMs !== null) this.slowest.add(turn);
    this.lags.turn(turn, callIsOver);
    this.stages.add(turn);
    this.hasFaults ||= turn.outcome !== "ok" || turn.faults.length > 0;
    if (turn.stallMs !== null) this.replies += 1;
    if ((turn.stallMs ?? 0) > 0) this.stalled += 1;
    const atMs = timeAxisAtMs(turn);
    if (atMs === null) return;
    this.firstAtMs = Math.min(this.firstAtMs, turn.speechStartAtMs ?? this.firstAtMs);
    this.lastTurnAtMs = Math.max(this.lastTurnAtMs, atMs);
    if (!callIsOver) this.extendCall(turn.call, turn.speechStartAtMs ?? atMs, atMs);
    const faults = turn.faults.filter((fault) => !fault.startsWith("notice:"));
    const names = faults.length === 0 && turn.outcome !== "ok" ? [turn.outcome] : faults;
    for (const name of names) this.mark({ name, atMs, call: turn.call, turn });
  }

  call(line: CallLine): void {
    const { call, closedAtMs, closedBy, code, connectedAtMs, dialAtMs, faults, outcome } = line;
    this.lags.call(line);
    this.hasFaults ||= outcome !== "ok" || faults.length > 0;
    this.firstAtMs = Math.min(this.firstAtMs, dialAtMs);
    const spoken = this.unended.get(call);
    this.unended.delete(call);
    if (connectedAtMs !== null) this.addCall(connectedAtMs, closedAtMs);
    else if (spoken !== undefined) this.addCall(spoken.fromMs, spoken.toMs);
    for (const name of faults) this.mark({ name, atMs: dialAtMs, call, turn: null });
    if (outcome !== "ok" && closedBy === "agent" && code !== null)
      this.mark({ name: `close ${code}`, atMs: closedAtMs, call, turn: null });
  }

  /** What is shown of the log that was read. */
  build(): ShownLog {
    this.lags.end();
    for (const { fromMs, toMs } of this.unended.values()) this.addCall(fromMs, toMs);
    this.unended.clear();
    const listed = [...this.failed.kept, ...this.slowest.kept];
    const finite = (atMs: number) => (Number.isFinite(atMs) ? atMs : null);
    return {
      turns: [...new Set([...this.turns.kept, ...listed])].sort(byTime),
      turnCount: this.turns.count,
      failed: this.failed.kept,
      slowest: this.slowest.kept.slice(0, Math.max(5, MAX_LISTED - this.failed.kept.length)),
      faults: [...new Set([...this.faults.kept, ...this.firstFaults.values()])],
      hasFaults: this.hasFaults,
      replies: this.replies,
      stalled: this.stalled,
      firstAtMs: finite(this.firstAtMs),
      lastTurnAtMs: finite(this.lastTurnAtMs),
      openCalls: { fromMs: this.callsFromMs.sorted(), toMs: this.callsToMs.sorted() },
      worstLags: this.worstLags.all(),
      stages: this.stages,
    };
  }

  private extendCall(call: string, fromMs: number, toMs: number): void {
    const span = this.unended.get(call) ?? { fromMs, toMs };
    this.unended.set(call, { fromMs: Math.min(span.fromMs, fromMs), toMs: Math.max(span.toMs, toMs) });
  }

  private addCall(fromMs: number, toMs: number): void {
    this.callsFromMs.push(fromMs);
    this.callsToMs.push(toMs);
  }

  private mark(mark: FaultMark): void {
    this.faults.add(mark);
    if (this.firstFaults.size < MAX_FIRST_FAULTS && !this.firstFaults.has(mark.name))
      this.firstFaults.set(mark.name, mark);
  }
}
