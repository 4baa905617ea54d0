/**
 * How late the simulator itself is. A timer is due every 4 ms: what blocks this process for so long makes it fire late by
 * at least 4 ms less, and what the process hears or says meanwhile is as late. Without it a late simulator would be taken
 * for a late agent, or for an error of the load test.
 */

import { now } from "./clock.ts";

/** How late a simulator was over its whole life, in ms: `ticks` instants 4 ms apart. */
export interface LatenessSummary {
  readonly ticks: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const EVERY_MS = 4;

/** Lateness below this is the timer's own grain, and remembered of no instant. */
const GRAIN_MS = 2;

/** How long lateness is remembered: longer than a turn stays open. */
const KEPT_MS = 120_000;

/** Bins of the histogram in each ms. */
const BINS_PER_MS = 10;
const LONGEST_MS = 2000;

interface Episode {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Watches the process it is made in. */
export class Lateness {
  private readonly bins = new Uint32Array(LONGEST_MS * BINS_PER_MS + 1);
  private ticks = 0;
  private maxMs = 0;
  private dueAtMs: number;
  private episodes: Episode[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(startsAtMs = now()) {
    this.dueAtMs = startsAtMs + EVERY_MS;
  }

  /** Begins to watch; it keeps no process alive. */
  start(): void {
    this.dueAtMs = now() + EVERY_MS;
    this.timer = setInterval(() => this.tick(now()), EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Takes a tick of the timer. */
  tick(atMs: number): void {
    const lateMs = Math.max(0, atMs - this.dueAtMs);
    this.maxMs = Math.max(this.maxMs, lateMs);
    // A tick that was held up held up those behind it, too: each would have been late by what was left of the block.
    for (let leftMs = lateMs; leftMs >= 0; leftMs -= EVERY_MS) this.count(leftMs);
    if (lateMs > GRAIN_MS) this.remember({ fromMs: this.dueAtMs, toMs: atMs });
    // A timer of Node's counts from when it fired, so the next one is due from then on.
    this.dueAtMs = atMs + EVERY_MS;
  }

  /** How late the process was around the instants, at worst, in ms; null stands for an instant that was not seen. */
  around(instants: readonly (number | null)[]): number {
    const lates = this.episodes
      .filter(({ fromMs, toMs }) =>
        instants.some((atMs) => atMs !== null && atMs >= fromMs - EVERY_MS && atMs <= toMs + EVERY_MS),
      )
      .map(({ fromMs, toMs }) => toMs - fromMs);
    return Math.max(0, ...lates);
  }

  summary(): LatenessSummary {
    return { ticks: this.ticks, p50Ms: this.percentile(50), p99Ms: this.percentile(99), maxMs: this.maxMs };
  }

  private count(lateMs: number): void {
    this.ticks += 1;
    const bin = Math.min(this.bins.length - 1, Math.round(lateMs * BINS_PER_MS));
    this.bins[bin] = (this.bins[bin] ?? 0) + 1;
  }

  private remember(episode: Episode): void {
    // Now and then, not each time: there are thousands of them where a machine is overloaded.
    if ((this.episodes[0]?.toMs ?? episode.toMs) < episode.toMs - 2 * KEPT_MS) {
      this.episodes = this.episodes.filter(({ toMs }) => toMs >= episode.toMs - KEPT_MS);
    }
    this.episodes.push(episode);
  }

  private percentile(p: number): number {
    let left = (this.ticks * p) / 100;
    for (const [bin, count] of this.bins.entries()) {
      left -= count;
      if (left <= 0 && this.ticks > 0) return bin / BINS_PER_MS;
    }
    return 0;
  }
}
