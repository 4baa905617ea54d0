/**
 * The playout clock: when the audio that has arrived would be played to a caller. Agents send replies in bursts, so arrival is
 * not playout (a 3 s reply may arrive in 20 ms). It reads no samples and no clock; instants are ms on the clock of its user.
 *
 * Silence that is sent as audio is queued only when audible audio follows it: in front of a reply it delays what can be
 * heard, within a reply it keeps the playout running, and behind a reply it is nothing.
 */

import type { AudioArrival } from "./audio_arrival.ts";

/**
 * A pause of the player that is at most this long, in ms, is jitter of a stream: silence behind it is a pause in the
 * speech, and not the rest of a stall.
 */
const JITTER_MS = 20;

/** Silence that arrives later than this after the silence before it has been played, in ms, begins anew. */
const SILENCE_GAP_MS = 60;

/** The playout of one call. */
export interface Playout {
  /** When everything audible that has arrived will have been played; -Infinity before any. */
  readonly endsAtMs: number;
  /** When audible audio last arrived; -Infinity before any. */
  readonly arrivedAtMs: number;
  /**
   * Queues audio, of which the first `leadMs` are silent, behind what is still playing and returns its arrival. The returned
   * object is reused by the next call, because a reply has dozens of messages and few of their arrivals are kept.
   */
  add(ms: number, leadMs: number, nowMs: number): AudioArrival;
  /** Queues more audible audio behind audio that is still playing. */
  extend(ms: number, nowMs: number): void;
  /** Keeps silence, to be queued in front of the audible audio that follows it. */
  addSilence(ms: number, nowMs: number): void;
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
  /** The silence since the last audible audio, from when to when it is played, and how long older audio delays it. */
  let silentMs = 0;
  let silentFromMs = 0;
  let silentToMs = 0;
  let delayedMs = 0;
  const arrival = { atMs: 0, ms: 0, audibleAtMs: 0, leadMs: 0, quietMs: 0, dryMs: 0, markMs: 0 };

  /** Returns how long the player had nothing to play; silence does not end a pause that is longer than jitter. */
  const dryBefore = (nowMs: number, audibleAtMs: number) => {
    if (totalMs === 0) return 0;
    const beginsAtMs = silentMs > 0 ? silentFromMs : nowMs;
    const pauseMs = beginsAtMs > endsAtMs ? beginsAtMs - endsAtMs : 0;
    if (pauseMs > JITTER_MS) return audibleAtMs - endsAtMs;
    return silentMs > 0 && nowMs > silentToMs ? pauseMs + nowMs - silentToMs : pauseMs;
  };

  return {
    get endsAtMs() {
      return endsAtMs;
    },
    get arrivedAtMs() {
      return arrivedAtMs;
    },
    add(ms, leadMs, nowMs) {
      const unplayedFromMs = nowMs > silentFromMs ? nowMs : silentFromMs;
      const unplayedMs = silentMs > 0 && silentToMs > unplayedFromMs ? silentToMs - unplayedFromMs : 0;
      arrival.atMs = nowMs;
      arrival.ms = ms;
      arrival.leadMs = leadMs;
      // What is still playing is of an older reply, and delays no other: whose audio it is goes by arrival.
      const aheadMs = silentMs > 0 ? silentToMs - delayedMs - nowMs : 0;
      arrival.audibleAtMs = nowMs + (aheadMs > 0 ? aheadMs : 0) + leadMs;
      arrival.quietMs = nowMs - arrivedAtMs;
      arrival.dryMs = dryBefore(nowMs, arrival.audibleAtMs);
      arrival.markMs = totalMs + silentMs + leadMs;
      arrivedAtMs = nowMs;
      endsAtMs = (nowMs > endsAtMs ? nowMs : endsAtMs) + unplayedMs + ms;
      totalMs += silentMs + ms;
      silentMs = 0;
      return arrival;
    },
    extend(ms, nowMs) {
      arrivedAtMs = nowMs;
      endsAtMs += ms;
      totalMs += ms;
    },
    addSilence(ms, nowMs) {
      if (silentMs === 0) {
        silentFromMs = silentToMs = nowMs > endsAtMs ? nowMs : endsAtMs;
        delayedMs = silentFromMs - nowMs;
      } else if (nowMs - silentToMs > SILENCE_GAP_MS) {
        silentToMs = nowMs;
      }
      silentMs += ms;
      silentToMs += ms;
    },
    playedAtMs(markMs, ms) {
      const beyondMs = totalMs - markMs - ms;
      return beyondMs > 0 ? endsAtMs - beyondMs : Number.POSITIVE_INFINITY;
    },
    flush(nowMs) {
      silentMs = 0;
      const droppedMs = endsAtMs - nowMs;
      if (droppedMs <= 0) return;
      totalMs -= droppedMs;
      endsAtMs = nowMs;
    },
  };
}
