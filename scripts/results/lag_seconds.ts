/** Computes the instants of the send lag values of a log: records hold the highest send lag of each second without its instant. */

import type { CallLine, TurnLine } from "./log_lines.ts";

/** One second of one call. */
export interface LagSecond {
  /** The begin of the second, epoch ms. */
  readonly atMs: number;
  /** The highest send lag of a frame in that second. */
  readonly lagMs: number;
}

/** What is needed of a turn until the line of its call comes. */
type OpenTurn = Pick<TurnLine, "turn" | "eosAtMs" | "speechStartAtMs" | "lagMs" | "rampUpLagMs">;

/**
 * Dates the seconds of all calls that count for the verdict. The seconds of a call are consecutive from its connection on,
 * which only the line of the call says. For a call without a call line, as in a killed run, the seconds of a turn are
 * assumed to end with its speech.
 */
export class LagSeconds {
  private readonly openTurns = new Map<string, OpenTurn[]>();
  private readonly take: (second: LagSecond) => void;

  /** `take` gets each second when it is known. */
  constructor(take: (second: LagSecond) => void) {
    this.take = take;
  }

  turn({ call, turn, eosAtMs, speechStartAtMs, lagMs, rampUpLagMs }: TurnLine, callIsOver = false): void {
    const needed = { turn, eosAtMs, speechStartAtMs, lagMs, rampUpLagMs };
    const known = this.openTurns.get(call);
    if (callIsOver) this.takeBeforeEndOfSpeech(needed);
    else if (known === undefined) this.openTurns.set(call, [needed]);
    else known.push(needed);
  }

  call(call: CallLine): void {
    const records = (this.openTurns.get(call.call) ?? []).sort((a, b) => a.turn - b.turn);
    this.openTurns.delete(call.call);
    let atMs = call.connectedAtMs ?? call.dialAtMs;
    for (const { lagMs: counted, rampUpLagMs } of [...records, call]) {
      // Of consecutive seconds without a tick, only the first has an entry.
      const lastsMs = (lagMs: number) => 1000 * (1 + Math.floor(lagMs / 1000));
      for (const lagMs of rampUpLagMs) atMs += lastsMs(lagMs);
      for (const lagMs of counted) {
        this.take({ atMs, lagMs });
        atMs += lastsMs(lagMs);
      }
    }
  }

  /** Dates the turns whose calls have no line. */
  end(): void {
    for (const turn of [...this.openTurns.values()].flat()) this.takeBeforeEndOfSpeech(turn);
    this.openTurns.clear();
  }

  private takeBeforeEndOfSpeech({ eosAtMs, lagMs, speechStartAtMs }: OpenTurn): void {
    const endedAtMs = eosAtMs ?? speechStartAtMs;
    if (endedAtMs === null) return;
    for (const [index, worstMs] of lagMs.entries())
      this.take({ atMs: endedAtMs - (lagMs.length - index) * 1000, lagMs: worstMs });
  }
}

/** The highest send lag of any call in each second of the clock: what is kept of a log of any length. */
export class WorstLags {
  private readonly worst = new Map<number, LagSecond>();

  add(second: LagSecond): void {
    const key = Math.floor(second.atMs / 1000);
    const known = this.worst.get(key);
    if (known === undefined || second.lagMs > known.lagMs) this.worst.set(key, second);
  }

  /** In the order of time. */
  all(): LagSecond[] {
    return [...this.worst.values()].sort((a, b) => a.atMs - b.atMs);
  }
}
