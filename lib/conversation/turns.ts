/**
 * The open turns of one call: which of them an event of the agent belongs to, and when one is written.
 *
 * At most two are open. `current` is being spoken or answered; `last` is the one before it. A turn is written
 * when the caller has finished the next utterance and its stop is settled, because agents send stops and
 * errors after the audio that they concern.
 */

import { Barge } from "./barge.ts";
import type { Event, Fault } from "./event.ts";
import type { Heard, Whose } from "./reply.ts";
import type { Rules } from "./rules.ts";
import { Turn } from "./turn.ts";

/** What an agent signals about a reply, beside its audio. */
type Signal = Extract<
  Event["type"],
  "stop" | "cancelled" | "userFinal" | "replyText" | "replyEnd" | "toolStart" | "toolEnd"
>;

/** What the attribution needs to know. */
type TurnsRules = Pick<Rules, "quietMs" | "firstByteTimeoutMs" | "agentStops" | "stopOwedAfterEnd">;

/** Response ids of a call that are remembered; agents use one per reply. */
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

  /** True when the reply is known to be the current turn's: a guess does not count on a wire that shows finals. */
  get answered(): boolean {
    if (!this.current?.reply.begun) return false;
    return !(this.current.reply.guessed && this.finalsSeen);
  }

  /** True while the stop of an interruption is waited for. */
  get owesStop(): boolean {
    return this.last?.owesStop ?? false;
  }

  /** Opens the next turn. A stop that is still owed then did not come: the caller has heard the next reply out. */
  begin(utterance: number): Turn {
    const { last } = this;
    last?.barge?.giveUp(this.rules.firstByteTimeoutMs);
    if (last !== null) this.write(last);
    this.last = this.current;
    this.current = new Turn((this.last?.number ?? 0) + 1, utterance, this.rules.quietMs);
    return this.current;
  }

  /** The current turn's first frame interrupts the reply of the last one. */
  interrupt(nowMs: number): void {
    if (this.last === null) return;
    const { agentStops, stopOwedAfterEnd } = this.rules;
    const owed = agentStops && (stopOwedAfterEnd || this.last.reply.endAtMs === null);
    this.last.interrupt(new Barge(nowMs, { owed, countsLastAudio: !agentStops }));
  }

  endOfSpeech(nowMs: number): void {
    this.current?.endOfSpeech(nowMs);
    this.idsBeforeEos = [...this.idsBeforeEos, ...this.idsSinceEos].slice(-KEPT_IDS);
    this.idsSinceEos = [];
    this.settle();
  }

  /** Says whether audio before the last EOS carried the id. */
  judgeId(responseId: string | undefined): Whose {
    if (responseId === undefined) return "none";
    // First, because it holds the id of the reply that plays: an id is in one of the two only.
    if (this.idsSinceEos.includes(responseId)) return "new";
    if (this.idsBeforeEos.includes(responseId)) return "old";
    if (this.idsSinceEos.length < KEPT_IDS) this.idsSinceEos.push(responseId);
    return "new";
  }

  /** Takes audio; there is a current turn. */
  hear(heard: Heard, whose: Whose): void {
    const { current, last } = this;
    if (current === null) return;
    if (current.eosAtMs === null) {
      const oldReply = current.reply.finalWasEarly ? null : (last?.barge ?? null);
      oldReply?.hear(heard.ms, heard.atMs);
      current.reply.hearBeforeEos(heard, oldReply !== null);
    } else if (current.hear(heard, whose)) {
      this.settle();
    } else {
      last?.barge?.hear(heard.ms, heard.atMs);
    }
  }

  /** Takes what the agent signals about a reply. */
  take(signal: Signal, nowMs: number): void {
    if (signal === "stop") this.stop(nowMs);
    else if (signal === "cancelled") this.cancelled(nowMs);
    else if (signal === "userFinal") this.userFinal(nowMs);
    else if (signal === "replyEnd" && this.owesStop) this.endInterrupted(nowMs);
    else this.replying?.reply[signal](nowMs);
  }

  /** Blames a fault on its turn; false when there is none to blame. Errors come after the audio they explain. */
  addFault(fault: Fault): boolean {
    const speaking = this.current !== null && this.current.eosAtMs === null;
    const blamed = speaking ? (this.last ?? this.current) : this.current;
    blamed?.addFault(fault);
    return blamed !== null;
  }

  /** Gives up waiting for a stop; `waitedMs` is what a missing one is recorded as. */
  giveUpStop(waitedMs: number): void {
    this.last?.barge?.giveUp(waitedMs);
    this.settle();
  }

  /** A stop answers a barge-in, or else the agent cuts its own reply. */
  private stop(nowMs: number): void {
    if (this.owesStop) this.last?.barge?.stop(nowMs);
    else if (this.current?.listening) this.current.reply.cut();
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

  /** An end belongs to the interrupted reply until the next one has shown itself. */
  private endInterrupted(nowMs: number): void {
    if (this.replying !== null) this.replying.reply.replyEnd(nowMs);
    else if (!this.rules.stopOwedAfterEnd) this.last?.barge?.ended(nowMs);
  }

  private userFinal(nowMs: number): void {
    this.finalsSeen = true;
    this.current?.userFinal(nowMs);
    this.settle();
  }

  /** The turn whose reply the agent speaks of: none until the current one has shown audio or a final. */
  private get replying(): Turn | null {
    const { current } = this;
    if (current === null || !current.listening || current.completeAtMs !== null) return null;
    return current.reply.begun || current.reply.finalAtMs !== null ? current : null;
  }

  /** Writes the last turn once the caller has spoken and its stop is settled. */
  private settle(): void {
    const { last, current } = this;
    if (last === null || current === null || current.eosAtMs === null) return;
    if (this.answered) last.barge?.giveUp(this.rules.firstByteTimeoutMs);
    if (last.owesStop) return;
    this.last = null;
    this.write(last);
  }

  /** The agent closed the call in the current turn, and in the last one where a stop was still owed. */
  breakOff(): void {
    if (this.last?.owesStop) {
      this.last.barge?.giveUp(this.rules.firstByteTimeoutMs);
      this.last.closed = true;
    }
    if (this.current !== null) this.current.closed = true;
  }

  /** Writes whatever is open; the call is over. */
  writeAll(): void {
    for (const turn of [this.last, this.current]) if (turn !== null) this.write(turn);
    this.last = null;
    this.current = null;
  }
}
