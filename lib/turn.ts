/**
 * One exchange from the first speech frame to its record: what is known of a turn while it is open, and the
 * one place where that becomes an outcome and numbers.
 */

import type { Barge } from "./barge.ts";
import type { Fault } from "./event.ts";
import type { HealthRecord, TurnOutcome, TurnRecord } from "./record.ts";
import { type Heard, Reply, type Whose } from "./reply.ts";
import type { Rules } from "./rules.ts";

/** What a wait is recorded as when it ends without an answer. */
type Deadlines = Pick<Rules, "firstByteTimeoutMs" | "turnTimeoutMs">;

/** Which faults fail a turn, the one that explains most first. */
const FAULT_OUTCOMES: readonly [Fault["kind"], TurnOutcome][] = [
  ["rate_limit", "throttled"],
  ["apology", "apology"],
  ["server_error", "agent_error"],
];

/** Names a fault as records do: `kind:code`. */
export function faultName(fault: Fault): string {
  return `${fault.kind}:${fault.kind === "rate_limit" ? fault.source : fault.code}`;
}

/** Collects one turn. */
export class Turn {
  readonly number: number;
  readonly utterance: number;
  readonly reply: Reply;
  speechStartAtMs: number | null = null;
  eosAtMs: number | null = null;
  /** The interruption of this turn's reply by the caller's next utterance. */
  barge: Barge | null = null;
  bargeSkipped = false;
  /** When the reply was complete by arrival. */
  completeAtMs: number | null = null;
  /** When the caller was done with the turn: played out, or given up. */
  overAtMs: number | null = null;
  /** The deadline that passed. */
  missed: "first_audio_timeout" | "turn_timeout" | null = null;
  /** True when the agent closed the call in the turn. */
  closed = false;
  /** True where the call shows final transcripts, so that a turn without one was not heard. */
  finalsShown = false;
  private readonly faults: Record<string, Fault["kind"]> = {};
  private endInferred = false;
  private lateAfterEndMs = 0;

  constructor(number: number, utterance: number, quietMs: number) {
    this.number = number;
    this.utterance = utterance;
    this.reply = new Reply(quietMs);
  }

  /** True between the caller's end of speech and the end of the turn. */
  get listening(): boolean {
    return this.eosAtMs !== null && this.overAtMs === null;
  }

  /** True while a stop is still waited for. */
  get owesStop(): boolean {
    return this.barge !== null && this.barge.result === null;
  }

  /** The outcome that a fault gives the turn, or null. */
  get faultOutcome(): TurnOutcome | null {
    const kinds = Object.values(this.faults);
    return FAULT_OUTCOMES.find(([kind]) => kinds.includes(kind))?.[1] ?? null;
  }

  endOfSpeech(nowMs: number): void {
    this.eosAtMs = nowMs;
    this.reply.endOfSpeech(nowMs);
  }

  addFault(fault: Fault): void {
    this.faults[faultName(fault)] = fault.kind;
  }

  /** Hears audio after EOS; returns true when it is the reply's. */
  hear(heard: Heard, whose: Whose): boolean {
    if (this.completeAtMs === null && this.overAtMs === null) return this.reply.hear(heard, whose);
    this.lateAfterEndMs += heard.ms;
    return false;
  }

  /** Takes a user final; it may take back a reply that only quiet vouched for, even one that was over. */
  userFinal(nowMs: number): void {
    if (this.overAtMs !== null && !this.reply.guessed) return;
    this.reply.userFinal(nowMs);
    if (this.reply.begun) return;
    this.completeAtMs = null;
    this.endInferred = false;
    if (this.overAtMs !== null) this.missed = "first_audio_timeout";
  }

  /** Notes that the reply is complete once it is; `playedOutAtMs` is when its audio will have been heard. */
  judgeCompletion(nowMs: number, playedOutAtMs: number): void {
    if (this.completeAtMs !== null || nowMs < this.reply.completesAtMs(playedOutAtMs)) return;
    this.completeAtMs = this.reply.lastSignAtMs;
    this.endInferred = !this.reply.ended;
  }

  /** The caller interrupts: a reply whose end has come was complete, quiet or not. */
  interrupt(barge: Barge): void {
    this.barge = barge;
    if (this.reply.ended) this.completeAtMs ??= this.reply.lastSignAtMs;
  }

  /** Writes the turn down; `late` says whether the caller was late around two instants or between. */
  record(deadlines: Deadlines, health: HealthRecord, late: (fromMs: number, toMs: number) => boolean): TurnRecord {
    const { reply, eosAtMs } = this;
    const barge = this.barge?.result ?? null;
    const firstAudioAtMs = reply.firstAudioAtMs;
    const spoiled = firstAudioAtMs !== null && this.faultOutcome !== null;
    const ttfbMs = this.ttfbMs(deadlines);
    const wasLate = this.waits().some(([fromMs, toMs]) => late(fromMs, toMs));
    return {
      turn: this.number,
      utterance: this.utterance,
      speechStartAtMs: this.speechStartAtMs,
      eosAtMs,
      firstAudioAtMs,
      ttfbMs: spoiled ? null : ttfbMs,
      ttfbFailedMs: spoiled ? ttfbMs : null,
      sttMs: since(eosAtMs, reply.finalAtMs),
      textMs: since(eosAtMs, reply.textAtMs),
      bargeAtMs: this.barge?.atMs ?? null,
      stopAtMs: barge?.stopAtMs ?? null,
      bargeMs: barge?.ms ?? null,
      barge: this.bargeSkipped ? "skipped" : (barge?.outcome ?? null),
      overrunMs: barge?.outcome === "stopped" ? (this.barge?.overrunMs ?? null) : null,
      turnMs: spoiled ? null : since(this.speechStartAtMs, this.endAtMs(deadlines)),
      stallMs: firstAudioAtMs === null ? null : reply.stallMs,
      lateAudioMs: reply.lateAudioMs + this.lateAfterEndMs,
      endInferred: this.endInferred,
      outcome: wasLate ? "generator_late" : this.outcome(),
      faults: Object.keys(this.faults),
      ...health,
    };
  }

  /**
   * What was waited for, from when to when: a caller who was late in between may have caused the wait, for an agent that
   * hears no silence does not answer, and one that hears no words does not stop.
   */
  private waits(): [fromMs: number, toMs: number][] {
    const { barge, completeAtMs, eosAtMs, overAtMs, reply } = this;
    const waits: [number, number][] = [];
    if (eosAtMs !== null) waits.push([eosAtMs, reply.firstAudioAtMs ?? overAtMs ?? eosAtMs]);
    if (barge !== null) waits.push([barge.atMs, barge.result?.stopAtMs ?? barge.atMs + (barge.result?.ms ?? 0)]);
    if (completeAtMs !== null) waits.push([completeAtMs, completeAtMs]);
    return waits;
  }

  private outcome(): TurnOutcome {
    if (this.closed) return "closed";
    if (this.faultOutcome !== null) return this.faultOutcome;
    if (this.missed === "first_audio_timeout") return this.noAudio();
    if (this.missed !== null) return this.missed;
    if (this.barge?.result?.outcome === "timeout") return "barge_timeout";
    return this.reply.cutByAgent ? "cut_by_agent" : "ok";
  }

  /** What a wait without audio looked like. */
  private noAudio(): TurnOutcome {
    if (this.reply.answeredEarly) return "answered_early";
    if (this.reply.textAtMs !== null) return "text_only";
    const { finalAtMs, finalWasEarly } = this.reply;
    return this.finalsShown && finalAtMs === null && !finalWasEarly ? "unheard" : "first_audio_timeout";
  }

  /** Right-censored: a wait without an answer is the whole deadline, or a worse agent would look faster. */
  private ttfbMs(deadlines: Deadlines): number | null {
    if (this.eosAtMs === null) return null;
    if (this.reply.firstAudioAtMs !== null) return this.reply.firstAudioAtMs - this.eosAtMs;
    return this.reply.answeredEarly && !this.closed ? null : deadlines.firstByteTimeoutMs;
  }

  /** When the reply was complete or stopped, else the deadline of what was waited for; null where nothing tells. */
  private endAtMs(deadlines: Deadlines): number | null {
    const ttfbMs = this.ttfbMs(deadlines);
    if (this.eosAtMs === null || ttfbMs === null) return null;
    const heardAtMs = this.eosAtMs + ttfbMs;
    if (!this.reply.begun) return heardAtMs;
    if (this.completeAtMs !== null) return this.completeAtMs;
    if (this.missed !== null || this.closed) return heardAtMs + deadlines.turnTimeoutMs;
    const waitedMs = this.barge?.result?.ms ?? null;
    return this.barge === null || waitedMs === null ? null : this.barge.atMs + waitedMs;
  }
}

function since(fromMs: number | null, toMs: number | null): number | null {
  return fromMs === null || toMs === null ? null : toMs - fromMs;
}
