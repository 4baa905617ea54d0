/** Retries a synthesis with growing pauses. After throttling, all utterances wait. */

import { setTimeout as delay } from "node:timers/promises";

import { SpeechFailure } from "./failure.ts";

/** How often and how soon to retry. */
export interface RetryOptions {
  /** The most attempts per utterance. */
  readonly attempts: number;
  /** The pause before the second attempt, in seconds; each further one is twice as long. */
  readonly backoffSec: number;
  /** A number in [0, 1). */
  random(): number;
}

/** The longest pause, in seconds. A service that asks for a longer one is not retried. */
const MAX_PAUSE_SEC = 60;

/** Runs attempts. One instance is shared by all utterances of a generation. */
export class Retrier {
  private readonly options: RetryOptions;
  private throttledUntilMs = 0;

  constructor(options: RetryOptions) {
    this.options = options;
  }

  /**
   * Runs `attempt` until it succeeds; calls `onRetry` before each pause. Rejects with the last SpeechFailure, at once
   * when a retry is pointless; with an AbortError when `signal` aborts.
   */
  async run<T>(
    attempt: () => Promise<T>,
    signal: AbortSignal,
    onRetry: (waitSec: number, failure: SpeechFailure) => void,
  ) {
    for (let count = 1; ; count += 1) {
      await this.waitWhileThrottled(signal);
      try {
        return await attempt();
      } catch (error) {
        if (signal.aborted || !(error instanceof SpeechFailure)) throw error;
        const waitSec = this.pauseSec(error, count);
        if (waitSec === null) throw error;
        onRetry(waitSec, error);
        if (error.kind === "throttled")
          this.throttledUntilMs = Math.max(this.throttledUntilMs, performance.now() + waitSec * 1000);
        await delay(waitSec * 1000, undefined, { signal });
      }
    }
  }

  /** The pause before the next attempt, with jitter so that utterances are not retried together; null: no retry. */
  private pauseSec({ kind, hintSec }: SpeechFailure, count: number): number | null {
    const { attempts, backoffSec, random } = this.options;
    const isPointless = kind === "refused" || kind === "rejected" || hintSec > MAX_PAUSE_SEC;
    if (isPointless || count >= attempts) return null;
    const jitter = 0.5 + random() / 2;
    const ownSec = Math.min(MAX_PAUSE_SEC, backoffSec * 2 ** (count - 1)) * jitter;
    return hintSec > 0 ? hintSec + ownSec / 4 : ownSec;
  }

  private async waitWhileThrottled(signal: AbortSignal): Promise<void> {
    const waitMs = this.throttledUntilMs - performance.now();
    if (waitMs > 0) await delay(waitMs, undefined, { signal });
  }
}
