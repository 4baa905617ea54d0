/**
 * The state machine of one call: when the caller speaks, what fills each slot, when it interrupts, and every deadline.
 *
 * Everything that decides what a caller does is here. It knows no clock, no socket and no bytes: time is an argument, audio is
 * a length in ms, frames are indices. It never throws for what an agent does. An event that cannot happen (audio before open,
 * anything after close) is our own bug: it throws `IllegalEventError` and changes nothing.
 *
 * A call is a row of 20 ms slots, each with a speech frame or a quiet frame.
 *
 *     new --open--> greeting --played out and 1 s quiet | deadline, then the caller's own pause--> speaking
 *     speaking --last frame (EOS)--> listening
 *     listening --`bargeReentryMs` of the reply have played--> speaking (turn N+1 interrupts turn N)
 *     listening --complete and played out | a deadline--> pausing --pause and quiet--> speaking
 *     greeting, listening, pausing --last turn done | time is up--> hungUp --close--> closed
 *
 * Decisions are made at ticks; deadlines are checked before every event. A tick in the idle window has no decision to make:
 * `slot` alone says what fills its slot.
 */

import { type AgentAudio, makeAgentAudio } from "./agent_audio.ts";
import { CallRecordBuilder } from "./call_record.ts";
import { ALREADY_DUE, Deadlines } from "./deadlines.ts";
import type { Action, AudioEvent, CloseEvent, Event } from "./event.ts";
import { type FrameClock, makeFrameClock } from "./frame_clock.ts";
import { Greeting } from "./greeting.ts";
import { type IdleTicks, makeIdleTicks } from "./idle_ticks.ts";
import { assertLegal, type Phase } from "./phase.ts";
import { makePlayout } from "./playout.ts";
import { BENIGN_CLOSES, type Rules } from "./rules.ts";
import { makeSpeech } from "./speech.ts";
import type { Turn } from "./turn.ts";
import { loadTurnRecord } from "./turn_record.lazy.ts";
import { Turns } from "./turns.ts";

const NO_ACTIONS: readonly Action[] = [];

/** One caller's side of one call. */
export class Conversation {
  private readonly rules: Rules;
  private readonly frameClock: FrameClock;
  private readonly greeting: Greeting;
  private readonly turns: Turns;
  private readonly playout = makePlayout();
  private readonly agentAudio: AgentAudio;
  private readonly deadlines: Deadlines;
  private readonly callRecord = new CallRecordBuilder();
  private phase: Phase = "new";
  private readonly speech = makeSpeech();
  private readonly idleTicks: IdleTicks;
  private out: Action[] = [];
  private deadlineAtMs = ALREADY_DUE;
  private timeIsUp = false;
  private interrupting = false;

  /** True where it matters whether audio is audible. A field, because it is read for every message. */
  listensClosely = true;

  /** What fills the slot of a tick (idle_ticks.ts), or DECIDE where the tick must go through `handle`. */
  readonly slot: IdleTicks["slot"];

  constructor(rules: Rules) {
    this.rules = rules;
    this.frameClock = makeFrameClock(rules);
    this.greeting = new Greeting(rules);
    this.turns = new Turns(rules, (turn) => this.write(turn));
    const parts = { greeting: this.greeting, turns: this.turns, playout: this.playout };
    this.agentAudio = makeAgentAudio(parts);
    this.deadlines = new Deadlines({ rules, ...parts });
    this.idleTicks = makeIdleTicks(rules, this.frameClock, this.speech);
    this.slot = this.idleTicks.slot;
  }

  /**
   * Takes one event at an instant of the caller's clock (ms) and returns the actions to perform, in order. The array is valid
   * until the next call. Throws IllegalEventError when the event cannot happen in this phase.
   */
  handle(event: Event, clockMs: number): readonly Action[] {
    if (this.agentAudio.joinsBurst(event, clockMs)) return NO_ACTIONS;
    assertLegal(event.type, this.phase);
    this.agentAudio.endBurst();
    this.idleTicks.end();
    if (clockMs >= this.rules.timeUpAtMs) this.timeIsUp = true;
    const nowMs = this.frameClock.time(clockMs);
    if (this.out.length > 0) this.out = [];
    if (this.phase === "listening" && nowMs >= this.deadlineAtMs) this.passDeadlines(this.currentTurn(), nowMs);
    this.take(event, clockMs, nowMs);
    return this.out;
  }

  private take(event: Event, clockMs: number, nowMs: number): void {
    switch (event.type) {
      case "open":
        this.phase = "greeting";
        this.greeting.open(nowMs);
        this.frameClock.open(nowMs + (event.firstFrameInMs ?? 0));
        break;
      case "tick":
        this.decide(nowMs);
        if (this.phase !== "hungUp") this.fillSlots(this.frameClock.tick(nowMs), nowMs);
        this.planIdleTicks(nowMs);
        return;
      case "audio":
        this.takeAudio(event, clockMs, nowMs);
        return;
      case "silence":
        this.agentAudio.addSilence(event.ms, nowMs);
        return;
      case "fault":
        this.callRecord.addFault(event.fault, this.turns.addFault(event.fault));
        break;
      case "close":
        this.close(event, nowMs);
        break;
      default:
        if (event.type === "stop" || (event.type === "cancelled" && this.turns.owesStop)) this.playout.flush(nowMs);
        this.turns.take(event.type, nowMs);
    }
    this.deadlineAtMs = ALREADY_DUE;
    this.listensClosely = this.agentAudio.needsCloseLook();
  }

  /** More audio of a reply makes nothing due earlier, so the deadline stays, and nothing needs a closer look than before. */
  private takeAudio(event: AudioEvent, clockMs: number, nowMs: number): void {
    const isMore = this.turns.current?.reply.begun === true;
    this.agentAudio.add(event, this.phase === "greeting", { clockMs, nowMs, untilMs: this.deadlineAtMs });
    if (!isMore) this.deadlineAtMs = ALREADY_DUE;
    if (this.listensClosely) this.listensClosely = this.agentAudio.needsCloseLook();
  }

  private planIdleTicks(nowMs: number): void {
    const { current } = this.turns;
    const { phase, timeIsUp } = this;
    this.idleTicks.begin(this.deadlines.decidesAtMs(phase, nowMs, timeIsUp), phase === "speaking", timeIsUp);
    this.deadlineAtMs = current === null ? ALREADY_DUE : this.deadlines.deadlineAtMs(current);
    if (phase !== "speaking") this.listensClosely = this.agentAudio.needsCloseLook();
  }

  private decide(nowMs: number): void {
    if (this.phase === "greeting") this.decideInGreeting(nowMs);
    else if (this.phase === "listening") this.decideWhileListening(this.currentTurn(), nowMs);
    else if (this.phase === "pausing") this.decideInPause(this.currentTurn(), nowMs);
  }

  private decideInGreeting(nowMs: number): void {
    if (this.timeIsUp) this.hangUp();
    else if (nowMs >= this.deadlines.greetingIsOverAtMs()) {
      this.greeting.end();
      this.speak(false);
    }
  }

  private decideWhileListening(turn: Turn, nowMs: number): void {
    const playedOut = turn.completeAtMs !== null && (this.timeIsUp || nowMs >= this.deadlines.playedOutAtMs(turn));
    if (playedOut) {
      this.endTurn(turn, nowMs);
      this.decideInPause(turn, nowMs);
    } else if (!this.timeIsUp && nowMs >= this.deadlines.interruptsAtMs(turn) && nowMs < this.playout.endsAtMs) {
      this.speak(true);
    }
  }

  private decideInPause(turn: Turn, nowMs: number): void {
    if (this.timeIsUp || turn.number >= this.rules.turns) this.hangUp();
    else if (nowMs >= this.deadlines.pauseIsOverAtMs(turn, nowMs)) this.speak(false);
  }

  private speak(interrupting: boolean): void {
    const { utteranceFrames, utteranceOrder } = this.rules;
    const spoken = this.turns.current?.number ?? 0;
    const utterance = utteranceOrder[spoken % utteranceOrder.length] ?? 0;
    this.speech.begin(utteranceFrames[utterance] ?? 0);
    this.turns.begin(utterance);
    this.callRecord.reached = true;
    this.interrupting = interrupting;
    this.listensClosely = true;
    this.phase = "speaking";
  }

  private fillSlots(due: number, nowMs: number): void {
    for (let left = due; left > 0; left -= 1) {
      if (this.phase === "speaking") this.sendSpeech(nowMs);
      else this.out.push({ type: "sendQuiet" });
    }
  }

  private sendSpeech(nowMs: number): void {
    const turn = this.currentTurn();
    if (this.speech.isNew()) {
      turn.speechStartAtMs = nowMs;
      if (this.interrupting) this.turns.interrupt(nowMs);
    }
    this.out.push({ type: "sendFrame", utterance: turn.utterance, frame: this.speech.next() });
    if (!this.speech.isOver()) return;
    this.phase = "listening";
    this.turns.endOfSpeech(nowMs);
  }

  /** A wait ends at its deadline, whichever event comes first after it: hence before every event. */
  private passDeadlines(turn: Turn, nowMs: number): void {
    const firstByteEndsAtMs = this.deadlines.firstByteEndsAtMs(turn);
    turn.judgeCompletion(nowMs, this.playout.endsAtMs);
    if (nowMs >= firstByteEndsAtMs) this.turns.giveUpStop(firstByteEndsAtMs);
    if (nowMs >= this.deadlines.missesAtMs(turn))
      this.endTurn(turn, nowMs, turn.reply.begun ? "turn_timeout" : "first_audio_timeout");
    this.deadlineAtMs = this.deadlines.deadlineAtMs(turn);
  }

  private endTurn(turn: Turn, nowMs: number, missed: Turn["missed"] = null): void {
    turn.end(nowMs, missed, !this.timeIsUp && this.deadlines.plansToInterrupt(turn));
    this.phase = "pausing";
  }

  private hangUp(): void {
    this.turns.writeAll();
    this.phase = "hungUp";
    this.out.push({ type: "hangUp" });
  }

  private close(event: CloseEvent, nowMs: number): void {
    const asked = this.phase === "hungUp";
    const { reached } = this.callRecord;
    if (!asked) this.endByAgent(event);
    this.turns.writeAll();
    this.phase = "closed";
    const ending = this.callRecord.ending(asked, reached, event.code, nowMs);
    this.out.push({ type: "call", record: { ...this.greeting.record(), ...this.frameClock.record(), ...ending } });
  }

  /** A close that the caller did not ask for fails the turn it comes in; between turns, the turn it prevents. */
  private endByAgent({ code, fault }: CloseEvent): void {
    const { current } = this.turns;
    if (current === null) this.greeting.end();
    const isBetween = current !== null && (current.completeAtMs !== null || this.phase === "pausing");
    const isBenign = this.rules.ignoreBenignCloses && BENIGN_CLOSES.includes(code);
    const failsNone = isBetween && (isBenign || this.timeIsUp || current.number >= this.rules.turns);
    if (isBetween && !failsNone) this.speak(false);
    const inTurn = !failsNone && this.turns.endByAgent(fault);
    if (fault !== undefined) this.callRecord.addFault(fault, inTurn);
  }

  private write(turn: Turn): void {
    this.out.push({ type: "turn", record: loadTurnRecord().turnRecord(turn, this.rules, this.frameClock) });
    this.frameClock.forgetLateBefore(this.turns.current?.speechStartAtMs ?? 0);
  }

  private currentTurn(): Turn {
    if (this.turns.current === null) throw new Error(`no turn is open in phase "${this.phase}"`);
    return this.turns.current;
  }
}
