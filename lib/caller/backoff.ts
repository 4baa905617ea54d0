/** When a caller whose call failed may dial again, and when it stops trying. It never waits; it says for how long. */

/** The settings of the pauses between dials, in seconds. */
export interface BackoffRules {
  readonly baseSec: number;
  readonly factor: number;
  readonly maxSec: number;
  /** TLS failures in a row after which a caller gives up. */
  readonly maxTlsFails: number;
}

/** What to do after a failed call. */
export interface Retry {
  readonly waitSec: number;
  /** Why the caller stops trying, or null. */
  readonly giveUp: string | null;
}

/** Counts the failures of one caller, from the first to the last in a row. */
export class Backoff {
  private readonly rules: BackoffRules;
  private fails = 0;
  private tlsFails = 0;

  constructor(rules: BackoffRules) {
    this.rules = rules;
  }

  /** Calls in a row that failed. */
  get failures(): number {
    return this.fails;
  }

  /**
   * Takes a failed call: `code` is a ws_error code or a close code, `retryAfterSec` is what the agent asked for (0: nothing).
   * `random` in [0, 1) spreads callers over half of the pause: its upper half, or from what the agent asked for on, which may
   * be the same instant for all callers.
   */
  failed(code: string, random: number, retryAfterSec: number): Retry {
    const { baseSec, factor, maxSec, maxTlsFails } = this.rules;
    this.tlsFails = code === "tls" ? this.tlsFails + 1 : 0;
    const pauseSec = Math.min(maxSec, baseSec * factor ** this.fails);
    this.fails += 1;
    const waitSec = Math.max(retryAfterSec, pauseSec / 2) + (random * pauseSec) / 2;
    if (FINAL.includes(code)) return { waitSec, giveUp: code };
    return { waitSec, giveUp: this.tlsFails >= maxTlsFails ? "tls" : null };
  }
}

/**
 * Answers that do not change by asking again: a permanent redirect, a wrong path, a wrong key, a method that is not
 * served, a proxy that refuses, a wrong configuration (close 4500).
 */
const FINAL = [
  ...["http_301", "http_308", "http_400", "http_401", "http_403", "http_404", "http_405", "http_407", "http_410"],
  ...["http_414", "http_431", "http_501", "http_505", "proxy_401", "proxy_403", "proxy_407", "4500"],
];

/** Reads a `Retry-After` header, seconds or an HTTP date, as seconds from now; 0 when it says nothing. */
export function retryAfterSec(header: string, epochMs: number): number {
  if (/^\d+$/.test(header)) return Number(header);
  const atMs = Date.parse(header);
  return Number.isNaN(atMs) ? 0 : Math.max(0, (atMs - epochMs) / 1000);
}
