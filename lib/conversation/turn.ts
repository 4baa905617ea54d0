/** One exchange from the first speech frame on: what is known of a turn until it is written down (lib/conversation/turn_record.lazy.ts). */

import type { TurnOutcome } from "../metrics/records.ts";
import type { Barge } from "./barge.ts";
import type { Fault } from "./event.ts";
import { type Heard, Reply, type Whose } from "./reply.ts";

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
  /** True when only quiet ended the reply. */
  endInferred = false;
  /** Audio that came after the reply was complete, in ms. */
  lateAfterEndMs = 0;
  /** What went wrong in the turn, each once. */
  readonly faults: Record<string, Fault["kind"]> = {};

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
}
