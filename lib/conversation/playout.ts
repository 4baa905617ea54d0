/**
 * The playout clock: when the audio that has arrived would be played to a caller. Agents send replies in bursts, so arrival is
 * not playout (a 3 s reply may arrive in 20 ms). It reads no samples and no clock; instants are ms on the clock of its user.
 */

/** The arrival of one piece of audio, in ms. */
export interface Arrival {
  readonly atMs: number;
  /** Length of the audio. */
  readonly ms: number;
  /** How long no audio had arrived before it; Infinity for the first. */
  readonly quietMs: number;
  /** How long the player had nothing to play before it; 0 for the first. */
  readonly dryMs: number;
  /** Its position on the playout: the audio that was queued before it. */
  readonly markMs: number;
}

/** The playout of one call. */
export interface Playout {
  /** When everything that has arrived will have been played; -Infinity before any audio. */
  readonly endsAtMs: number;
  /** When audio last arrived; -Infinity before any. */
  readonly arrivedAtMs: number;
  /**
   * Queues audio behind what is still playing and returns its arrival. The returned object is reused by the next call, because
   * a reply has dozens of messages and few of their arrivals are kept.
   */
  add(ms: number, nowMs: number): Arrival;
  /**
   * When `ms` of audio after the position `markMs` will have been played, gaps not counted; Infinity while no more than that
   * has arrived.
   */
  playedAtMs(markMs: number, ms: number): number;
  /** Drops what has not been played yet, as a phone does on a stop message. */
  flush(nowMs: number): void;
}

/** Makes a playout on which nothing has arrived. */
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
