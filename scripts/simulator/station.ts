/**
 * A queueing station: so many servers, each with one job at a time, and one queue before them, first come, first served. When
 * all are busy, a job waits or is refused.
 *
 * The start of a job is computed: the later of its arrival and of the instant at which a server is free. A timer only says that
 * such an instant has come, so a late timer delays nobody's service, and errors do not add up.
 */

import { type Clock, REAL_CLOCK } from "./clock.ts";
import { MinHeap } from "./min_heap.ts";

/** What happens to a job when all servers are busy: it waits, or it is refused. */
export type WhenBusy = "queue" | "throttle";

/** A job of a station. */
export interface Job {
  /** How long it waited for a server, in ms. Null: it waits, or was cancelled before a server took it. */
  readonly waitMs: number | null;
  /** Runs a function when a server takes the job, at once if one has. Never, if the job is cancelled before. */
  whenStarted(run: (waitMs: number) => void): void;
  /** Gives the job up: one that waits leaves the queue, one in service frees its server now. Later: nothing. */
  cancel(): void;
}

/** The job of a station with any number of servers. */
const STARTED_AT_ONCE: Job = { waitMs: 0, whenStarted: (run) => run(0), cancel: () => {} };

/** Servers and the queue before them. */
export class Station {
  private readonly servers: number;
  private readonly whenBusy: WhenBusy;
  private readonly clock: Clock;
  /** Servers that no job was given to yet. */
  private unused: number;
  /** Since when each other server without a job is free. */
  private readonly idleSinceMs = new MinHeap<number>((a, b) => a < b);
  /** Jobs in service; cancelled ones stay until their end would have come. */
  private readonly running = new MinHeap<StationJob>((a, b) => a.endAtMs < b.endAtMs);
  private readonly waiting = new JobQueue();
  private timerAtMs: number | null = null;
  private cancelTimer: () => void = () => {};

  /** With 0 servers, every job is served at once. */
  constructor(servers: number, whenBusy: WhenBusy, clock = REAL_CLOCK) {
    this.servers = servers;
    this.whenBusy = whenBusy;
    this.clock = clock;
    this.unused = servers;
  }

  /**
   * Takes a job that arrived at an instant, which may have passed, and occupies a server for `serviceMs` from its start. Jobs are
   * served in the order of these calls. Null: the job is refused, as no server was free when it arrived.
   */
  acquire(arrivedAtMs: number, serviceMs: number): Job | null {
    if (this.servers === 0) return STARTED_AT_ONCE;
    this.settle(Math.max(this.clock.now(), arrivedAtMs));
    const freeAtMs = this.unused > 0 ? Number.NEGATIVE_INFINITY : (this.idleSinceMs.first ?? Number.POSITIVE_INFINITY);
    if (this.whenBusy === "throttle" && freeAtMs > arrivedAtMs) return null;
    const job = new StationJob(arrivedAtMs, serviceMs, (cancelled) => this.free(cancelled));
    if (freeAtMs === Number.POSITIVE_INFINITY) this.waiting.append(job);
    else {
      if (this.unused > 0) this.unused -= 1;
      else this.idleSinceMs.pop();
      this.start(job, freeAtMs);
    }
    this.schedule();
    return job;
  }

  /** Ends every service that is over by an instant, in order, and begins those that follow. */
  private settle(atMs: number): void {
    for (let job = this.running.first; job !== undefined && job.endAtMs <= atMs; job = this.running.first) {
      this.running.pop();
      if (job.isOver) continue;
      job.isOver = true;
      this.release(job.endAtMs);
    }
  }

  /** A server is free from an instant on. */
  private release(atMs: number): void {
    const next = this.waiting.take();
    if (next === null) this.idleSinceMs.push(atMs);
    else this.start(next, atMs);
  }

  private start(job: StationJob, freeAtMs: number): void {
    const startAtMs = Math.max(job.arrivedAtMs, freeAtMs);
    job.endAtMs = startAtMs + job.serviceMs;
    this.running.push(job);
    job.start(startAtMs - job.arrivedAtMs);
  }

  /** Ends a job that is cancelled now. */
  private free(job: StationJob): void {
    const nowMs = this.clock.now();
    this.settle(nowMs);
    if (job.isOver) return;
    job.isOver = true;
    // A timer may be up to 1 ms early, so a service may begin a little after now.
    if (job.waitMs !== null) this.release(Math.max(nowMs, job.endAtMs - job.serviceMs));
    this.schedule();
  }

  /** Only a job that waits needs to know when a service ends: all else is settled when the next job comes. */
  private schedule(): void {
    const dueAtMs = this.waiting.isEmpty ? null : (this.running.first?.endAtMs ?? null);
    if (dueAtMs === this.timerAtMs) return;
    this.cancelTimer();
    this.timerAtMs = dueAtMs;
    if (dueAtMs === null) return;
    this.cancelTimer = this.clock.runAt(dueAtMs, () => {
      this.timerAtMs = null;
      this.settle(Math.max(this.clock.now(), dueAtMs));
      this.schedule();
    });
  }
}

class StationJob implements Job {
  readonly arrivedAtMs: number;
  readonly serviceMs: number;
  waitMs: number | null = null;
  endAtMs = Number.POSITIVE_INFINITY;
  /** Its service has ended, or it was cancelled. */
  isOver = false;
  /** The job behind it in the queue. */
  next: StationJob | null = null;
  private readonly onCancel: (job: StationJob) => void;
  private listeners: ((waitMs: number) => void)[] = [];

  constructor(arrivedAtMs: number, serviceMs: number, onCancel: (job: StationJob) => void) {
    this.arrivedAtMs = arrivedAtMs;
    this.serviceMs = serviceMs;
    this.onCancel = onCancel;
  }

  whenStarted(run: (waitMs: number) => void): void {
    if (this.waitMs === null) this.listeners.push(run);
    else run(this.waitMs);
  }

  cancel(): void {
    if (!this.isOver) this.onCancel(this);
  }

  start(waitMs: number): void {
    this.waitMs = waitMs;
    for (const run of this.listeners.splice(0)) run(waitMs);
  }
}

/** The jobs that wait, in their order. A cancelled one is passed over when its turn comes. */
class JobQueue {
  private first: StationJob | null = null;
  private last: StationJob | null = null;

  get isEmpty(): boolean {
    return this.first === null;
  }

  append(job: StationJob): void {
    if (this.last === null) this.first = job;
    else this.last.next = job;
    this.last = job;
  }

  /** Takes the first job that was not cancelled out of the queue, or null. */
  take(): StationJob | null {
    while (this.first !== null) {
      const job = this.first;
      this.first = job.next;
      job.next = null;
      if (this.first === null) this.last = null;
      if (!job.isOver) return job;
    }
    return null;
  }
}
