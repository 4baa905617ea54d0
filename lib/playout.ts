/**
 * The virtual playout clock: when a caller would hear the audio that has arrived.
 * Agents send replies in bursts, so arrival is not playout (a 3 s reply may arrive in 20 ms).
 * It never looks at samples and knows no clock; times are ms on whatever clock the caller uses.
 */

/** How audio arrived, in ms. */
export interface Arrival {
  readonly atMs: number;
  /** Length of the audio. */
  readonly ms: number;
  /** How long no audio had arrived before it; Infinity for the first. */
  readonly quietMs: number;
  /** How long the player had run dry before it; 0 for the first. */
  readonly dryMs: number;
  /** Where on the playout it begins: a mark to measure playing from. */
  readonly markMs: number;
}

/** One caller's ear piece. */
export class Playout {
  private endsAt = Number.NEGATIVE_INFINITY;
  private arrivedAt = Number.NEGATIVE_INFINITY;
  private total = 0;

  /** The instant at which the line falls silent if nothing more arrives; -Infinity before any audio. */
  get endsAtMs(): number {
    return this.endsAt;
  }

  /** Queues audio behind what is still playing; returns how it was heard. */
  add(ms: number, nowMs: number): Arrival {
    const quietMs = nowMs - this.arrivedAt;
    const dryMs = this.total === 0 ? 0 : Math.max(0, nowMs - this.endsAt);
    const arrival = { atMs: nowMs, ms, quietMs, dryMs, markMs: this.total };
    this.arrivedAt = nowMs;
    this.endsAt = Math.max(this.endsAt, nowMs) + ms;
    this.total += ms;
    return arrival;
  }

  /** True when nothing is left to play and no audio has arrived for so long. */
  isQuiet(forMs: number, nowMs: number): boolean {
    return nowMs - this.arrivedAt >= forMs && this.remainingMs(nowMs) === 0;
  }

  /** Ms of queued audio that have not been heard yet. */
  remainingMs(nowMs: number): number {
    return Math.max(0, this.endsAt - nowMs);
  }

  /** Ms of audio that have been heard since a mark; gaps do not count. */
  playedSinceMs(markMs: number, nowMs: number): number {
    return Math.max(0, this.total - this.remainingMs(nowMs) - markMs);
  }

  /** Drops what has not been heard, as a phone does on a stop message. */
  flush(nowMs: number): void {
    const droppedMs = this.remainingMs(nowMs);
    if (droppedMs === 0) return;
    this.total -= droppedMs;
    this.endsAt = nowMs;
  }
}
