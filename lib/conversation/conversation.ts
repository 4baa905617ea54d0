/**
 * THE machine: whose turn it is, what goes into each slot, when the caller interrupts, and every deadline.
 *
 * Law: everything that decides what a caller does lives here. It knows no clock, no socket and no bytes: time
 * is an argument, audio is a number of ms, and what it orders are indices. It never throws for what an agent
 * does; an event that cannot be (audio before open, anything after close) is our own bug: it throws
 * `IllegalEventError` and changes nothing.
 *
 * Theory of operation. A call is a line of 20 ms slots, each holding a speech or a quiet frame.
 *
 *     new --open--> greeting --played out and 1 s quiet | deadline, and a hesitation--> speaking
 *     speaking --last frame (EOS)--> listening
 *     listening --`bargeReentryMs` of the reply have played--> speaking (turn N+1 interrupts turn N)
 *     listening --complete and played out | a deadline--> pausing --pause and quiet--> speaking
 *     greeting, listening, pausing --last turn done | time is up--> hungUp --close--> closed
 *
 * What the caller does is decided at ticks; deadlines are judged before every event. A tick before the instant at
 * which the outlook says that something may be decided only fills its slot: `slot` answers it alone.
 */

import { CallSheet } from "./call_record.ts";
import { AT_ONCE, Outlook } from "./deadlines.ts";
import type { Action, Event } from "./event.ts";
import { type Line, makeLine } from "./frame_clock.ts";
import { Greeting } from "./greeting.ts";
import { makeRest, type Rest } from "./idle_ticks.ts";
import { assertLegal, type Phase } from "./phase.ts";
import { makePlayout } from "./playout.ts";
import type { Rules } from "./rules.ts";
import { makeSpeech } from "./speech.ts";
import type { Turn } from "./turn.ts";
import { openScribe } from "./turn_record.lazy.ts";
import { Turns } from "./turns.ts";

const HANG_UP: Action = { type: "hangUp" };

/** One caller's side of one call. */
export class Conversation {
  private readonly rules: Rules;
  private readonly line: Line;
  private readonly greeting: Greeting;
  private readonly turns: Turns;
  private readonly playout = makePlayout();
  private readonly outlook: Outlook;
  private readonly sheet = new CallSheet();
  private phase: Phase = "new";
  private readonly speech = makeSpeech();
  private readonly rest: Rest;
  private out: Action[] = [];
  private deadlineAtMs = AT_ONCE;
  private timeIsUp = false;
  private interrupting = false;

  /** Asked before a tick: what goes into its slot (lib/conversation/idle_ticks.ts), or LOOK where the tick must be handled. */
  readonly slot: Rest["slot"];

  constructor(rules: Rules) {
    this.rules = rules;
    this.line = makeLine(rules);
    this.greeting = new Greeting(rules);
    this.turns = new Turns(rules, (turn) => this.write(turn));
    this.outlook = new Outlook({ rules, greeting: this.greeting, turns: this.turns, playout: this.playout });
    this.rest = makeRest(rules, this.line, this.speech);
    this.slot = this.rest.slot;
  }

  /**
   * Takes one event at an instant of the caller's clock (ms) and returns what to do, in order.
   * The array is the machine's own and holds until the next call.
   * Throws IllegalEventError when the event cannot be.
   */
  handle(event: Event, clockMs: number): readonly Action[] {
    assertLegal(event.type, this.phase);
    this.rest.end();
    if (clockMs >= this.rules.timeUpAtMs) this.timeIsUp = true;
    const nowMs = this.line.time(clockMs);
    if (this.out.length > 0) this.out = [];
    if (this.phase === "listening" && nowMs >= this.deadlineAtMs) this.passDeadlines(this.currentTurn(), nowMs);
    this.take(event, nowMs);
    return this.out;
  }

  private take(event: Event, nowMs: number): void {
    switch (event.type) {
      case "open":
        this.phase = "greeting";
        this.greeting.open(nowMs);
        this.line.open(nowMs + (event.firstFrameInMs ?? 0));
        break;
      case "tick":
        this.decide(nowMs);
        if (this.phase !== "hungUp") this.fillSlots(this.line.tick(nowMs), nowMs);
        this.lookAhead(nowMs);
        return;
      case "audio":
        this.hear(event.ms, event.responseId, nowMs);
        break;
      case "fault":
        if (!this.turns.addFault(event.fault)) this.sheet.addFault(event.fault);
        break;
      case "close":
        this.close(event.code, nowMs);
        break;
      default:
        if (event.type === "stop" || (event.type === "cancelled" && this.turns.owesStop)) this.playout.flush(nowMs);
        this.turns.take(event.type, nowMs);
    }
    // More audio of a reply makes nothing due: only ticks judge it until something else happens.
    if (event.type !== "audio" || !this.turns.current?.reply.begun) this.deadlineAtMs = AT_ONCE;
  }

  private lookAhead(nowMs: number): void {
    const { current } = this.turns;
    const { phase, timeIsUp } = this;
    this.rest.begin(this.outlook.decidesAtMs(phase, nowMs, timeIsUp), phase === "speaking", timeIsUp);
    this.deadlineAtMs = current === null ? AT_ONCE : this.outlook.deadlineAtMs(current);
  }

  private hear(ms: number, responseId: string | undefined, nowMs: number): void {
    const heard = this.playout.add(ms, nowMs);
    const whose = this.turns.judgeId(responseId);
    if (this.phase === "greeting") this.greeting.hear(nowMs);
    else this.turns.hear(heard, whose);
  }

  private decide(nowMs: number): void {
    if (this.phase === "greeting") this.decideInGreeting(nowMs);
    else if (this.phase === "listening") this.decideWhileListening(this.currentTurn(), nowMs);
    else if (this.phase === "pausing") this.decideInPause(this.currentTurn(), nowMs);
  }

  private decideInGreeting(nowMs: number): void {
    if (this.timeIsUp) {
      this.hangUp();
    } else if (nowMs >= this.outlook.greetingIsOverAtMs()) {
      this.greeting.end();
      this.speak(false);
    }
  }

  private decideWhileListening(turn: Turn, nowMs: number): void {
    const heardOut = turn.completeAtMs !== null && (this.timeIsUp || nowMs >= this.outlook.heardOutAtMs(turn));
    if (heardOut) {
      this.endTurn(turn, nowMs);
      this.decideInPause(turn, nowMs);
    } else if (!this.timeIsUp && nowMs >= this.outlook.interruptsAtMs(turn) && nowMs < this.playout.endsAtMs) {
      this.speak(true);
    }
  }

  private decideInPause(turn: Turn, nowMs: number): void {
    if (this.timeIsUp || turn.number >= this.rules.turns) this.hangUp();
    else if (nowMs >= this.outlook.pauseIsOverAtMs(turn, nowMs)) this.speak(false);
  }

  private speak(interrupting: boolean): void {
    const { utteranceFrames, walk } = this.rules;
    const spoken = this.turns.current?.number ?? 0;
    const utterance = walk[spoken % walk.length] ?? 0;
    this.speech.begin(utteranceFrames[utterance] ?? 0);
    this.turns.begin(utterance);
    this.sheet.reached = true;
    this.interrupting = interrupting;
    this.phase = "speaking";
  }

  private fillSlots(due: number, nowMs: number): void {
    for (let left = due; left > 0; left -= 1) {
      if (this.phase === "speaking") this.sendSpeech(nowMs);
      else this.out.push({ type: "sendQuiet" });
    }
  }

  private sendSpeech(nowMs: number): void {
    if (this.speech.isNew()) this.beginSpeech(nowMs);
    this.out.push({ type: "sendFrame", utterance: this.currentTurn().utterance, frame: this.speech.next() });
    if (this.speech.isOver()) this.endSpeech(nowMs);
  }

  private beginSpeech(nowMs: number): void {
    this.currentTurn().speechStartAtMs = nowMs;
    if (this.interrupting) this.turns.interrupt(nowMs);
  }

  private endSpeech(nowMs: number): void {
    this.phase = "listening";
    this.turns.endOfSpeech(nowMs);
  }

  /** A wait ends when its time is over, whoever looks first: hence before every event. */
  private passDeadlines(turn: Turn, nowMs: number): void {
    const firstByteEndsAtMs = this.outlook.firstByteEndsAtMs(turn);
    const barge = this.turns.last?.barge;
    turn.judgeCompletion(nowMs, this.playout.endsAtMs);
    if (barge && nowMs >= firstByteEndsAtMs) this.turns.giveUpStop(firstByteEndsAtMs - barge.atMs);
    if (nowMs >= this.outlook.missesAtMs(turn))
      this.endTurn(turn, nowMs, turn.reply.begun ? "turn_timeout" : "first_audio_timeout");
  }

  private endTurn(turn: Turn, nowMs: number, missed: Turn["missed"] = null): void {
    turn.missed = missed;
    turn.bargeSkipped = missed === null && !this.timeIsUp && this.outlook.plansToInterrupt(turn);
    turn.overAtMs = nowMs;
    this.phase = "pausing";
  }

  private hangUp(): void {
    this.turns.writeAll();
    this.phase = "hungUp";
    this.out.push(HANG_UP);
  }

  private close(code: number, nowMs: number): void {
    const asked = this.phase === "hungUp";
    const { reached } = this.sheet;
    if (!asked) this.breakOff(code);
    this.turns.writeAll();
    this.phase = "closed";
    this.out.push({
      type: "call",
      record: {
        ...this.greeting.record(),
        ...this.line.record(),
        ...this.sheet.ending(asked, reached, code, nowMs),
      },
    });
  }

  /** A close that the caller did not ask for fails the turn it comes in; between turns, the turn it prevents. */
  private breakOff(code: number): void {
    const { current } = this.turns;
    if (current === null) this.greeting.end();
    if (current !== null && (current.completeAtMs !== null || this.phase === "pausing")) {
      const benign = this.rules.ignoreBenignCloses && (code === 1000 || code === 1001);
      if (benign || this.timeIsUp || current.number >= this.rules.turns) return;
      this.speak(false);
    }
    this.turns.breakOff();
  }

  private write(turn: Turn): void {
    const { line } = this;
    this.out.push({ type: "turn", record: openScribe().turnRecord(turn, this.rules, line) });
    line.forgetLateBefore(this.turns.current?.speechStartAtMs ?? 0);
  }

  private currentTurn(): Turn {
    if (this.turns.current === null) throw new Error(`no turn is open in phase "${this.phase}"`);
    return this.turns.current;
  }
}
