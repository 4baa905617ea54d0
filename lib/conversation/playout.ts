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
export interface Playout {
  /** The instant at which the line falls silent if nothing more arrives; -Infinity before any audio. */
  readonly endsAtMs: number;
  /** The instant at which audio last arrived; -Infinity before any. */
  readonly arrivedAtMs: number;
  /**
   * Queues audio behind what is still playing; returns how it was heard. The arrival is the playout's own and holds until
   * the next one: a reply comes in dozens of messages, and few of them are remembered.
   */
  add(ms: number, nowMs: number): Arrival;
  /**
   * The instant at which so much audio since a mark will have been heard, gaps not counted; Infinity while what has
   * arrived is not more than that.
   */
  playedAtMs(markMs: number, ms: number): number;
  /** Drops what has not been heard, as a phone does on a stop message. */
  flush(nowMs: number): void;
}

/** Makes an ear piece on which nothing has arrived. */
export function makePlayout(): Playout {
  let endsAtMs = Number.NEGATIVE_INFINITY;
  let arrivedAtMs = Number.NEGATIVE_INFINITY;
  let totalMs = 0;
  const arrival = { atMs: 0, ms: 0, quietMs: 0, dryMs: 0, markMs: 0 };
  return {
    get endsAtMs() {
      return endsAtMs;
    },
    get arrivedAtMs() {
      return arrivedAtMs;
    },
    add(ms, nowMs) {
      arrival.atMs = nowMs;
      arrival.ms = ms;
      arrival.quietMs = nowMs - arrivedAtMs;
      arrival.dryMs = totalMs > 0 && nowMs > endsAtMs ? nowMs - endsAtMs : 0;
      arrival.markMs = totalMs;
      arrivedAtMs = nowMs;
      endsAtMs = (nowMs > endsAtMs ? nowMs : endsAtMs) + ms;
      totalMs += ms;
      return arrival;
    },
    playedAtMs(markMs, ms) {
      const beyondMs = totalMs - markMs - ms;
      return beyondMs > 0 ? endsAtMs - beyondMs : Number.POSITIVE_INFINITY;
    },
    flush(nowMs) {
      const droppedMs = endsAtMs - nowMs;
      if (droppedMs <= 0) return;
      totalMs -= droppedMs;
      endsAtMs = nowMs;
    },
  };
}
