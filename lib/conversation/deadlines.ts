/**
 * When the caller will do what, if nothing more happens: the instants behind every decision of the machine.
 * Until the earliest of them a tick decides nothing and only fills slots, which is what most ticks of a call do.
 */

import type { Greeting } from "./greeting.ts";
import type { Phase } from "./phase.ts";
import type { Playout } from "./playout.ts";
import type { Rules } from "./rules.ts";
import type { Turn } from "./turn.ts";
import type { Turns } from "./turns.ts";

/** The next tick may decide something. */
export const AT_ONCE = Number.NEGATIVE_INFINITY;

const NEVER = Number.POSITIVE_INFINITY;

/** What the instants are made from. */
export interface OutlookParts {
  readonly rules: Rules;
  readonly greeting: Greeting;
  readonly turns: Turns;
  readonly playout: Playout;
}

/** Looks ahead in one call. All instants are of the call's clock, in ms; Infinity: not without another event. */
export class Outlook {
  private readonly parts: OutlookParts;

  constructor(parts: OutlookParts) {
    this.parts = parts;
  }

  /**
   * When a tick may decide something again, if nothing else happens before. Once the test's time is up there is nothing to
   * wait for but the rest of a turn.
   */
  decidesAtMs(phase: Phase, nowMs: number, timeIsUp: boolean): number {
    const turn = this.parts.turns.current;
    if (phase === "speaking") return NEVER;
    if (phase === "listening" && turn !== null) return timeIsUp ? this.endsAtMs(turn) : this.listensUntilMs(turn);
    if (timeIsUp || phase === "hungUp") return AT_ONCE;
    if (phase === "greeting") return this.greetingIsOverAtMs();
    return turn === null ? AT_ONCE : this.pauseIsOverAtMs(turn, nowMs);
  }

  greetingIsOverAtMs(): number {
    const { greeting, playout } = this.parts;
    return greeting.overAtMs(playout.endsAtMs);
  }

  /** When a complete reply has been heard. */
  heardOutAtMs(turn: Turn): number {
    return turn.completeAtMs === null ? NEVER : this.parts.playout.endsAtMs;
  }

  /** When enough of the reply has played to interrupt it. */
  interruptsAtMs(turn: Turn): number {
    const { playout, rules, turns } = this.parts;
    if (!this.plansToInterrupt(turn) || !turns.answered) return NEVER;
    if (turn.faultOutcome !== null || turn.reply.cutByAgent) return NEVER;
    return playout.playedAtMs(turn.reply.markMs, rules.bargeReentryMs);
  }

  /** True when the caller wants to interrupt the turn's reply. */
  plansToInterrupt(turn: Turn): boolean {
    const { bargeEvery, turns } = this.parts.rules;
    return bargeEvery > 0 && turn.number % bargeEvery === 0 && turn.number < turns;
  }

  /** When the wait for first audio is over, and with it the wait for a stop. */
  firstByteEndsAtMs(turn: Turn): number {
    return (turn.eosAtMs ?? NEVER) + this.parts.rules.firstByteTimeoutMs;
  }

  /** When the wait for what the turn lacks is over. */
  missesAtMs(turn: Turn): number {
    const { firstAudioAtMs } = turn.reply;
    if (firstAudioAtMs === null) return this.firstByteEndsAtMs(turn);
    return turn.completeAtMs === null ? firstAudioAtMs + this.parts.rules.turnTimeoutMs : NEVER;
  }

  /** When the pause after a turn is over: it wants quiet, but not for ever. */
  pauseIsOverAtMs(turn: Turn, nowMs: number): number {
    const { playout, rules } = this.parts;
    const overAtMs = turn.overAtMs ?? nowMs;
    const restedAtMs = Math.max(
      overAtMs + rules.pauseMs,
      playout.endsAtMs + rules.pauseMs,
      playout.arrivedAtMs + rules.quietMs,
    );
    return Math.min(restedAtMs, overAtMs + rules.pauseMs + rules.firstByteTimeoutMs);
  }

  /** When a wait of the turn is over, or its reply complete. */
  deadlineAtMs(turn: Turn): number {
    const { playout, turns } = this.parts;
    return Math.min(
      this.missesAtMs(turn),
      turn.completeAtMs === null ? turn.reply.completesAtMs(playout.endsAtMs) : NEVER,
      turns.last === null ? NEVER : this.firstByteEndsAtMs(turn),
    );
  }

  private endsAtMs(turn: Turn): number {
    return turn.completeAtMs === null ? this.deadlineAtMs(turn) : AT_ONCE;
  }

  private listensUntilMs(turn: Turn): number {
    return Math.min(this.heardOutAtMs(turn), this.interruptsAtMs(turn), this.deadlineAtMs(turn));
  }
}
