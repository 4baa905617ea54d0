/** The state of one turn from its first speech frame until its record is written (turn_record.lazy.ts). */

import type { TurnOutcome } from "../metrics/records.ts";
import type { AudioArrival, ResponseIdAge } from "./audio_arrival.ts";
import type { Barge } from "./barge.ts";
import type { Fault } from "./event.ts";
import { Reply } from "./reply.ts";

/** The outcome that each kind of fault gives a turn, the one that takes precedence first. */
const FAULT_OUTCOMES: readonly [Fault["kind"], TurnOutcome][] = [
  ["rate_limit", "throttled"],
  ["apology", "apology"],
  ["server_error", "agent_error"],
];

/** The name of a fault in records: `kind:code`, for rate limits `rate_limit:source`. */
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
  /** When the turn ended for the caller: its reply was played out, or a wait timed out. */
  overAtMs: number | null = null;
  /** The wait that timed out, if one did. */
  missed: "first_audio_timeout" | "turn_timeout" | null = null;
  /** True when the agent closed the call in the turn. */
  closed = false;
  /** True where the call sends user finals, so that a turn without one was not recognised. */
  finalsShown = false;
  /** True when only quiet ended the reply. */
  endInferred = false;
  /** Audio that came after the reply was complete, in ms. */
  lateAfterEndMs = 0;
  /** The faults of the turn by name, each once. */
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

  /** Adds audio after EOS; returns true when it belongs to the reply. */
  addAudio(arrival: AudioArrival, idAge: ResponseIdAge): boolean {
    if (this.completeAtMs === null && this.overAtMs === null) return this.reply.addAudio(arrival, idAge);
    this.lateAfterEndMs += arrival.ms;
    return false;
  }

  /** Adds a user final. It may reject a reply that was guessed from quiet alone, even after the turn ended. */
  userFinal(nowMs: number): void {
    if (this.overAtMs !== null && !this.reply.guessed) return;
    this.reply.userFinal(nowMs);
    if (this.reply.begun) return;
    this.completeAtMs = null;
    this.endInferred = false;
    if (this.overAtMs !== null) this.missed = "first_audio_timeout";
  }

  /** Sets `completeAtMs` once the reply is complete; `playedOutAtMs` is when its audio will have been played out. */
  judgeCompletion(nowMs: number, playedOutAtMs: number): void {
    if (this.completeAtMs !== null || nowMs < this.reply.completesAtMs(playedOutAtMs)) return;
    this.completeAtMs = this.reply.lastSignAtMs;
    this.endInferred = !this.reply.ended;
  }

  /** The turn is over for the caller: the reply was played out, or a wait was missed. `planned`: an interruption was. */
  end(nowMs: number, missed: Turn["missed"], planned: boolean): void {
    this.missed = missed;
    this.bargeSkipped = missed === null && planned;
    this.overAtMs = nowMs;
  }

  /** The caller interrupts. A reply whose structured end has come was complete, with or without quiet. */
  interrupt(barge: Barge): void {
    this.barge = barge;
    if (this.reply.ended) this.completeAtMs ??= this.reply.lastSignAtMs;
  }
}
