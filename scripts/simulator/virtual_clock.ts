/** A clock whose time passes only when it is told to, so that hours of queueing take a moment. */

import type { Clock } from "./clock.ts";
import { MinHeap } from "./min_heap.ts";

interface PlannedRun {
  readonly atMs: number;
  /** Runs of the same instant keep the order in which they were planned. */
  readonly order: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** A clock that begins at 0. */
export class VirtualClock implements Clock {
  private readonly planned = new MinHeap<PlannedRun>((a, b) =>
    a.atMs === b.atMs ? a.order < b.order : a.atMs < b.atMs,
  );
  private nowMs = 0;
  private count = 0;

  now(): number {
    return this.nowMs;
  }

  runAt(atMs: number, run: () => void): () => void {
    this.count += 1;
    const planned = { atMs: Math.max(this.nowMs, atMs), order: this.count, run, isCancelled: false };
    this.planned.push(planned);
    return () => {
      planned.isCancelled = true;
    };
  }

  /** Lets time pass until an instant, and runs what is due by then, also what that plans. */
  runUntil(atMs: number): void {
    for (let next = this.planned.first; next !== undefined && next.atMs <= atMs; next = this.planned.first) {
      this.planned.pop();
      this.nowMs = next.atMs;
      if (!next.isCancelled) next.run();
    }
    this.nowMs = atMs;
  }
}
