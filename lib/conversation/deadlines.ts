/**
 * The instants behind every decision of a call: when the caller speaks, interrupts or gives up if nothing more happens.
 * Before the earliest of them a tick has nothing to decide and only fills its slot (idle_ticks.ts).
 */

import type { Greeting } from "./greeting.ts";
import type { Phase } from "./phase.ts";
import type { Playout } from "./playout.ts";
import type { Rules } from "./rules.ts";
import type { Turn } from "./turn.ts";
import type { Turns } from "./turns.ts";

/** Already in the past: the next tick may have a decision to make. */
export const ALREADY_DUE = Number.NEGATIVE_INFINITY;

const NEVER = Number.POSITIVE_INFINITY;

/** What the instants are computed from. */
export interface DeadlinesParts {
  readonly rules: Rules;
  readonly greeting: Greeting;
  readonly turns: Turns;
  readonly playout: Playout;
}

/** Computes the deadlines of one call. Instants are in ms of the call's time; Infinity: not without another event. */
export class Deadlines {
  private readonly parts: DeadlinesParts;

  constructor(parts: DeadlinesParts) {
    this.parts = parts;
  }

  /**
   * When a tick has a decision to make again, if nothing else happens before. Once the caller's time is up, only the rest of the
   * current turn is waited for.
   */
  decidesAtMs(phase: Phase, nowMs: number, timeIsUp: boolean): number {
    const turn = this.parts.turns.current;
    if (phase === "speaking") return NEVER;
    if (phase === "listening" && turn !== null) return timeIsUp ? this.endsAtMs(turn) : this.listensUntilMs(turn);
    if (timeIsUp || phase === "hungUp") return ALREADY_DUE;
    if (phase === "greeting") return this.greetingIsOverAtMs();
    return turn === null ? ALREADY_DUE : this.pauseIsOverAtMs(turn, nowMs);
  }

  greetingIsOverAtMs(): number {
    const { greeting, playout } = this.parts;
    return greeting.overAtMs(playout.endsAtMs);
  }

  /** When a complete reply has been played out. */
  playedOutAtMs(turn: Turn): number {
    return turn.completeAtMs === null ? NEVER : this.parts.playout.endsAtMs;
  }

  /** When `bargeReentryMs` of the reply have been played out, so that the caller interrupts. */
  interruptsAtMs(turn: Turn): number {
    const { playout, rules, turns } = this.parts;
    if (!this.plansToInterrupt(turn) || !turns.answered) return NEVER;
    if (turn.faultOutcome !== null || turn.reply.cutByAgent) return NEVER;
    return playout.playedAtMs(turn.reply.first?.markMs ?? 0, rules.bargeReentryMs);
  }

  /** True when the settings ask for an interruption of this turn's reply. */
  plansToInterrupt(turn: Turn): boolean {
    const { bargeEvery, turns } = this.parts.rules;
    return bargeEvery > 0 && turn.number % bargeEvery === 0 && turn.number < turns;
  }

  /** When the wait for first audio ends, and with it the wait for the stop of the barge-in before. */
  firstByteEndsAtMs(turn: Turn): number {
    return (turn.eosAtMs ?? NEVER) + this.parts.rules.firstByteTimeoutMs;
  }

  /** When the wait for the first audio, or for the end of the reply, times out. */
  missesAtMs(turn: Turn): number {
    const { first } = turn.reply;
    if (first === null) return this.firstByteEndsAtMs(turn);
    return turn.completeAtMs === null ? first.audibleAtMs + this.parts.rules.turnTimeoutMs : NEVER;
  }

  /** When the pause after a turn ends: after quiet, but no later than the first-byte timeout. */
  pauseIsOverAtMs(turn: Turn, nowMs: number): number {
    const { playout, rules } = this.parts;
    const overAtMs = turn.overAtMs ?? nowMs;
    const quietAtMs = Math.max(
      overAtMs + rules.pauseMs,
      playout.endsAtMs + rules.pauseMs,
      playout.arrivedAtMs + rules.quietMs,
    );
    return Math.min(quietAtMs, overAtMs + rules.pauseMs + rules.firstByteTimeoutMs);
  }

  /** The earliest instant at which a wait of the turn times out or its reply is complete. */
  deadlineAtMs(turn: Turn): number {
    const { playout, turns } = this.parts;
    return Math.min(
      this.missesAtMs(turn),
      turn.completeAtMs === null ? turn.reply.completesAtMs(playout.endsAtMs) : NEVER,
      turns.last === null ? NEVER : this.firstByteEndsAtMs(turn),
    );
  }

  private endsAtMs(turn: Turn): number {
    return turn.completeAtMs === null ? this.deadlineAtMs(turn) : ALREADY_DUE;
  }

  private listensUntilMs(turn: Turn): number {
    return Math.min(this.playedOutAtMs(turn), this.interruptsAtMs(turn), this.deadlineAtMs(turn));
  }
}
