/**
 * The open turns of one call: decides which turn an event of the agent belongs to, and when a turn is written.
 *
 * At most two turns are open. `current` is being spoken or answered; `last` is the one before it. A turn is written when the
 * caller has finished the next utterance and the stop that the turn is owed has come or timed out, because agents send stops
 * and errors after the audio that they belong to.
 */

import type { AudioArrival, ResponseIdAge } from "./audio_arrival.ts";
import { Barge } from "./barge.ts";
import type { Event, Fault } from "./event.ts";
import type { Rules } from "./rules.ts";
import { Turn } from "./turn.ts";

/** The events of an agent about a reply, other than its audio. */
type Signal = Extract<
  Event["type"],
  "stop" | "cancelled" | "userFinal" | "replyText" | "replyEnd" | "toolStart" | "toolEnd"
>;

/** The rules that attribution needs. */
type TurnsRules = Pick<Rules, "quietMs" | "firstByteTimeoutMs" | "agentStops" | "stopOwedAfterEnd" | "wordless">;

/** How many response ids of a call are kept on each side of the EOS; agents use one per reply. */
const KEPT_IDS = 256;

/** Holds the open turns of one call. */
export class Turns {
  private readonly rules: TurnsRules;
  private readonly write: (turn: Turn) => void;
  private idsBeforeEos: readonly string[] = [];
  private idsSinceEos: string[] = [];
  private finalsSeen = false;
  last: Turn | null = null;
  current: Turn | null = null;

  constructor(rules: TurnsRules, write: (turn: Turn) => void) {
    this.rules = rules;
    this.write = (turn) => {
      turn.finalsShown = this.finalsSeen;
      write(turn);
    };
  }

  /** True when the reply is known to belong to the current turn. On a wire that sends user finals, a guess does not count. */
  get answered(): boolean {
    if (!this.current?.reply.begun) return false;
    return !(this.current.reply.guessed && this.finalsSeen);
  }

  /** True while the last turn waits for the stop that answers its interruption. */
  get owesStop(): boolean {
    return this.last?.owesStop ?? false;
  }

  /** Opens the next turn. A stop that is still owed then did not come: the next reply has ended meanwhile. */
  begin(utterance: number): Turn {
    const { last } = this;
    last?.barge?.giveUp(this.rules.firstByteTimeoutMs);
    if (last !== null) this.write(last);
    this.last = this.current;
    this.current = new Turn((this.last?.number ?? 0) + 1, utterance, this.rules.quietMs);
    return this.current;
  }

  /** Marks the current turn's first frame as the interruption of the last turn's reply. */
  interrupt(nowMs: number): void {
    if (this.last === null) return;
    const { agentStops, stopOwedAfterEnd, wordless } = this.rules;
    const owed = agentStops && (stopOwedAfterEnd || this.last.reply.endAtMs === null);
    const byWords = this.current !== null && !wordless.includes(this.current.utterance);
    this.last.interrupt(new Barge(nowMs, { owed, byWords, countsLastAudio: !agentStops }));
  }

  endOfSpeech(nowMs: number): void {
    this.current?.endOfSpeech(nowMs);
    this.idsBeforeEos = [...this.idsBeforeEos, ...this.idsSinceEos].slice(-KEPT_IDS);
    this.idsSinceEos = [];
    this.settle();
  }

  /** Returns whether audio before the last EOS carried the response id. */
  responseIdAge(responseId: string | undefined): ResponseIdAge {
    if (responseId === undefined) return "none";
    // Looked up first, because it has the id of the reply that is playing. An id is in one of the two lists only.
    if (this.idsSinceEos.includes(responseId)) return "new";
    if (this.idsBeforeEos.includes(responseId)) return "old";
    if (this.idsSinceEos.length < KEPT_IDS) this.idsSinceEos.push(responseId);
    return "new";
  }

  /**
   * Attributes audio to the current turn's reply, to the reply that it interrupted, or to none. Returns true where it is
   * audio of a reply that no user final can reject any more.
   */
  addAudio(arrival: AudioArrival, idAge: ResponseIdAge): boolean {
    const { current, last } = this;
    if (current === null) return false;
    if (current.eosAtMs === null) {
      const oldReply = current.reply.finalWasEarly ? null : (last?.barge ?? null);
      oldReply?.addAudio(arrival.ms, arrival.atMs);
      // It does not show that the old reply goes on, so the next reply may still be told by the quiet before it.
      if (!this.finalsSeen && oldReply?.wasBeingSent(arrival.atMs)) return false;
      current.reply.addAudioBeforeEos(arrival, oldReply !== null);
    } else if (current.addAudio(arrival, idAge)) {
      this.settle();
      return current.reply.settled;
    } else {
      last?.barge?.addAudio(arrival.ms, arrival.atMs);
    }
    return false;
  }

  /** Attributes any other event about a reply. */
  take(signal: Signal, nowMs: number): void {
    if (signal === "stop") this.stop(nowMs);
    else if (signal === "cancelled") this.cancelled(nowMs);
    else if (signal === "userFinal") this.userFinal(nowMs);
    else if (signal === "replyEnd" && this.owesStop) this.endInterrupted(nowMs);
    else this.replying?.reply[signal](nowMs);
  }

  /**
   * Adds a fault to its turn; false when no turn is open. While the caller speaks, that is the turn before: errors follow the
   * audio that they explain.
   */
  addFault(fault: Fault): boolean {
    const speaking = this.current !== null && this.current.eosAtMs === null;
    const turn = speaking ? (this.last ?? this.current) : this.current;
    turn?.addFault(fault);
    return turn !== null;
  }

  /** Stops waiting for a stop at a deadline; a missing one is recorded as the time from the interruption to it. */
  giveUpStop(deadlineAtMs: number): void {
    const barge = this.last?.barge;
    barge?.giveUp(deadlineAtMs - barge.atMs);
    this.settle();
  }

  /** A stop answers a barge-in; without one, the agent cuts its own reply. */
  private stop(nowMs: number): void {
    if (this.owesStop) {
      this.last?.barge?.stop(nowMs);
      // An agent whose user finals are seen says itself which audio is the next reply.
      if (!this.owesStop && !this.finalsSeen) this.current?.reply.oldReplyStopped();
    } else if (this.current?.listening) this.current.reply.cut();
    this.settle();
  }

  private cancelled(nowMs: number): void {
    if (this.owesStop) {
      this.last?.barge?.cancelled(nowMs);
    } else if (this.current?.listening && this.current.reply.begun) {
      this.current.reply.cut();
      this.current.reply.replyEnd(nowMs);
    }
  }

  /** A structured end belongs to the interrupted reply until the next reply has begun. */
  private endInterrupted(nowMs: number): void {
    if (this.replying !== null) this.replying.reply.replyEnd(nowMs);
    else if (!this.rules.stopOwedAfterEnd) this.last?.barge?.ended(nowMs);
  }

  private userFinal(nowMs: number): void {
    this.finalsSeen = true;
    this.current?.userFinal(nowMs);
    this.settle();
  }

  /** The turn that events about a reply belong to: null until the current turn has audio or a user final. */
  private get replying(): Turn | null {
    const { current } = this;
    if (current === null || !current.listening || current.completeAtMs !== null) return null;
    return current.reply.begun || current.reply.finalAtMs !== null ? current : null;
  }

  /** Writes the last turn once the caller has spoken the next utterance and no stop is owed. */
  private settle(): void {
    const { last, current } = this;
    if (last === null || current === null || current.eosAtMs === null) return;
    if (this.answered) last.barge?.giveUp(this.rules.firstByteTimeoutMs);
    if (last.owesStop) return;
    this.last = null;
    this.write(last);
  }

  /**
   * Marks the current turn as closed by the agent, and the last one where a stop was still owed. `fault` is why the
   * connection broke. Returns false when no turn is open.
   */
  endByAgent(fault?: Fault): boolean {
    if (this.last?.owesStop) {
      this.last.barge?.giveUp(this.rules.firstByteTimeoutMs);
      this.last.closed = true;
    }
    if (this.current === null) return false;
    this.current.closed = true;
    if (fault !== undefined) this.current.addFault(fault);
    return true;
  }

  /** Writes every open turn at the end of the call. */
  writeAll(): void {
    for (const turn of [this.last, this.current]) if (turn !== null) this.write(turn);
    this.last = null;
    this.current = null;
  }
}
