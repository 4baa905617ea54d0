/**
 * The virtual playout clock: when a caller would hear the audio that has arrived.
 * Agents send replies in bursts, so arrival is not playout (a 3 s reply may arrive in 20 ms).
 * It never looks at samples and knows no clock; times are ms on whatever clock the caller uses.
 */

/** How audio arrived, in ms. */
export interface Arrival<Id extends string> {
  readonly atMs: number;
  /** Length of the audio. */
  readonly ms: number;
  /** How long no audio had arrived before it; Infinity for the first. */
  readonly quietMs: number;
  /** How long the player had run dry before it; 0 for the first. */
  readonly dryMs: number;
  /** Where on the playout it begins: a mark to measure playing from. */
  readonly markMs: number;
  /** What the audio said of itself. */
  readonly id: Id;
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
  add<Id extends string>(ms: number, nowMs: number, id: Id): Arrival<Id> {
    const quietMs = nowMs - this.arrivedAt;
    const dryMs = this.total === 0 ? 0 : Math.max(0, nowMs - this.endsAt);
    const arrival = { atMs: nowMs, ms, quietMs, dryMs, markMs: this.total, id };
    this.arrivedAt = nowMs;
    this.endsAt = Math.max(this.endsAt, nowMs) + ms;
    this.total += ms;
    return arrival;
  }

  /** The instant at which audio last arrived; -Infinity before any. */
  get arrivedAtMs(): number {
    return this.arrivedAt;
  }

  /** Ms of queued audio that have not been heard yet. */
  remainingMs(nowMs: number): number {
    return Math.max(0, this.endsAt - nowMs);
  }

  /**
   * The instant at which so much audio since a mark will have been heard, gaps not counted; Infinity while what has
   * arrived is not more than that.
   */
  playedAtMs(markMs: number, ms: number): number {
    const beyondMs = this.total - markMs - ms;
    return beyondMs > 0 ? this.endsAt - beyondMs : Number.POSITIVE_INFINITY;
  }

  /** Drops what has not been heard, as a phone does on a stop message. */
  flush(nowMs: number): void {
    const droppedMs = this.remainingMs(nowMs);
    if (droppedMs === 0) return;
    this.total -= droppedMs;
    this.endsAt = nowMs;
  }
}
