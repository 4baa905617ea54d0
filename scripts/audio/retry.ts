/** How long to go on asking: attempts with growing pauses, which all lines share when the service throttles. */

import { setTimeout as pass } from "node:timers/promises";

import { SpeechFailure } from "./failure.ts";

/** How patient a generation is. */
export interface PatienceRules {
  /** Attempts per line. */
  readonly attempts: number;
  /** The first pause, in seconds; each further one is twice as long. */
  readonly backoffSec: number;
  /** A number in [0, 1). */
  random(): number;
}

/** No pause is longer than this, in seconds, whatever the service asks for. */
const LONGEST_PAUSE_SEC = 60;

/** Asks again. */
export class Patience {
  private readonly rules: PatienceRules;
  private closedUntilMs = 0;

  constructor(rules: PatienceRules) {
    this.rules = rules;
  }

  /**
   * Tries until it succeeds; `told` hears of every failure that is followed by another attempt.
   * Rejects with the last SpeechFailure, at once when asking again is pointless; with an AbortError on `signal`.
   */
  async insist<T>(
    attempt: () => Promise<T>,
    signal: AbortSignal,
    told: (waitSec: number, failure: SpeechFailure) => void,
  ) {
    for (let count = 1; ; count += 1) {
      await this.opening(signal);
      try {
        return await attempt();
      } catch (error) {
        if (signal.aborted || !(error instanceof SpeechFailure)) throw error;
        const waitSec = this.pauseSec(error, count);
        if (waitSec === null) throw error;
        told(waitSec, error);
        if (error.kind === "throttled")
          this.closedUntilMs = Math.max(this.closedUntilMs, performance.now() + waitSec * 1000);
        await pass(waitSec * 1000, undefined, { signal });
      }
    }
  }

  /** The pause before the next attempt, spread so that the lines do not ask together; null: there is none. */
  private pauseSec({ kind, hintSec }: SpeechFailure, count: number): number | null {
    const { attempts, backoffSec, random } = this.rules;
    const pointless = kind === "refused" || kind === "rejected" || hintSec > LONGEST_PAUSE_SEC;
    if (pointless || count >= attempts) return null;
    const spread = 0.5 + random() / 2;
    const ownSec = Math.min(LONGEST_PAUSE_SEC, backoffSec * 2 ** (count - 1)) * spread;
    return hintSec > 0 ? hintSec + ownSec / 4 : ownSec;
  }

  private async opening(signal: AbortSignal): Promise<void> {
    const waitMs = this.closedUntilMs - performance.now();
    if (waitMs > 0) await pass(waitMs, undefined, { signal });
  }
}
