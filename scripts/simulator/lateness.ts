/**
 * Measures how late the simulator's own event loop is. A timer is due every 4 ms: when the process is blocked for n ms, the
 * timer fires at least n - 4 ms late, and what the process receives or sends meanwhile is as late. Without this, a late
 * simulator would be mistaken for a late agent or for an error of the load test.
 */

import { now } from "./clock.ts";

/** The lateness of a simulator over its whole life, at `ticks` instants 4 ms apart. */
export interface LatenessSummary {
  readonly ticks: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const EVERY_MS = 4;

/** Lateness up to this is the resolution of the timer; it is in the histogram, but in no late period. */
const TIMER_RESOLUTION_MS = 2;

/** How long late periods are kept: longer than a turn stays open. */
const KEEP_MS = 120_000;

/** Histogram bins per ms. */
const BINS_PER_MS = 10;

/** Longer lateness is counted in the last bin. */
const LONGEST_MS = 2000;

/** A period in which the event loop was blocked. */
interface LatePeriod {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Measures the lateness of the process it runs in. */
export class LatenessMonitor {
  private readonly bins = new Uint32Array(LONGEST_MS * BINS_PER_MS + 1);
  private ticks = 0;
  private maxMs = 0;
  private dueAtMs: number;
  private latePeriods: LatePeriod[] = [];
  private timer: NodeJS.Timeout | null = null;

  constructor(startsAtMs = now()) {
    this.dueAtMs = startsAtMs + EVERY_MS;
  }

  /** Starts the timer. The timer does not keep the process alive. */
  start(): void {
    this.dueAtMs = now() + EVERY_MS;
    this.timer = setInterval(() => this.tick(now()), EVERY_MS);
    this.timer.unref();
  }

  stop(): void {
    if (this.timer !== null) clearInterval(this.timer);
  }

  /** Records that the timer fired at an instant. */
  tick(atMs: number): void {
    const lateMs = Math.max(0, atMs - this.dueAtMs);
    this.maxMs = Math.max(this.maxMs, lateMs);
    // A late tick also delays the ticks that were due after it: each of them is late by the rest of the block.
    for (let leftMs = lateMs; leftMs >= 0; leftMs -= EVERY_MS) this.count(leftMs);
    if (lateMs > TIMER_RESOLUTION_MS) this.keep({ fromMs: this.dueAtMs, toMs: atMs });
    // Node schedules the next tick of an interval from the instant at which the last one fired.
    this.dueAtMs = atMs + EVERY_MS;
  }

  /** The worst lateness around the instants, in ms. Null stands for an instant that did not occur. */
  worstAround(instants: readonly (number | null)[]): number {
    const latenesses = this.latePeriods
      .filter(({ fromMs, toMs }) =>
        instants.some((atMs) => atMs !== null && atMs >= fromMs - EVERY_MS && atMs <= toMs + EVERY_MS),
      )
      .map(({ fromMs, toMs }) => toMs - fromMs);
    return Math.max(0, ...latenesses);
  }

  summary(): LatenessSummary {
    return { ticks: this.ticks, p50Ms: this.percentile(50), p99Ms: this.percentile(99), maxMs: this.maxMs };
  }

  private count(lateMs: number): void {
    this.ticks += 1;
    const bin = Math.min(this.bins.length - 1, Math.round(lateMs * BINS_PER_MS));
    this.bins[bin] = (this.bins[bin] ?? 0) + 1;
  }

  private keep(period: LatePeriod): void {
    // Old periods are dropped now and then, not each time: an overloaded machine has thousands of them.
    if ((this.latePeriods[0]?.toMs ?? period.toMs) < period.toMs - 2 * KEEP_MS) {
      this.latePeriods = this.latePeriods.filter(({ toMs }) => toMs >= period.toMs - KEEP_MS);
    }
    this.latePeriods.push(period);
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
