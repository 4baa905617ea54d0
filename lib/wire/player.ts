/**
 * The caller's player, for wires on which the caller tells the agent what it has played: all audio in the order of its arrival,
 * silence included. The conversation's own playout (lib/conversation/playout.ts) leaves silence out.
 */

/** The player of one call; instants are epoch ms. */
export interface Player {
  /** When all audio that has arrived will have been played; -Infinity before any. */
  readonly endsAtMs: number;
  /** Queues audio that arrived at an instant. */
  add(ms: number, atMs: number): void;
  /** Drops what has not been played yet; returns its length in ms. */
  clear(atMs: number): number;
}

/** Makes a player on which nothing has arrived. */
export function makePlayer(): Player {
  let endsAtMs = Number.NEGATIVE_INFINITY;
  return {
    get endsAtMs() {
      return endsAtMs;
    },
    add(ms, atMs) {
      endsAtMs = (atMs > endsAtMs ? atMs : endsAtMs) + ms;
    },
    clear(atMs) {
      const droppedMs = endsAtMs > atMs ? endsAtMs - atMs : 0;
      endsAtMs -= droppedMs;
      return droppedMs;
    },
  };
}
