import { describe, expect, it } from "vitest";

import { seeded } from "./random.ts";
import { type Job, Station, type WhenBusy } from "./station.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** A station in virtual time. `arrive` brings a job at an instant, `waits` lists the waits of the jobs so far. */
function stationOf(servers: number, whenBusy: WhenBusy = "queue") {
  const clock = new VirtualClock();
  const station = new Station(servers, whenBusy, clock);
  const jobs: (Job | null)[] = [];
  const started: string[] = [];
  const arrive = (atMs: number, serviceMs: number, name = "") => {
    clock.runUntil(atMs);
    const job = station.acquire(atMs, serviceMs);
    if (name !== "") job?.whenStarted((waitMs) => started.push(`${name} at ${atMs + waitMs}, told at ${clock.now()}`));
    jobs.push(job);
    return job;
  };
  return { clock, station, arrive, started, waits: () => jobs.map((job) => (job === null ? "refused" : job.waitMs)) };
}

/** An exponentially distributed number. */
const exponential = (random: () => number, mean: number) => -mean * Math.log(1 - random());

/** Jobs that arrive at random, on average every `everyMs`, with services of random length, on average `serviceMs`. */
function poissonJobs(servers: number, whenBusy: WhenBusy, everyMs: number, serviceMs: number, count: number) {
  const { arrive, clock, waits } = stationOf(servers, whenBusy);
  const random = seeded(servers, everyMs);
  const given: { atMs: number; serviceMs: number }[] = [];
  for (let atMs = exponential(random, everyMs); given.length < count; atMs += exponential(random, everyMs)) {
    given.push({ atMs, serviceMs: exponential(random, serviceMs) });
    arrive(atMs, given.at(-1)?.serviceMs ?? 0);
  }
  clock.runUntil(Number.MAX_SAFE_INTEGER);
  return { given, waits: waits() };
}

/** Erlang's B formula: the share of jobs that find all servers busy where none waits. */
function erlangB(servers: number, offered: number): number {
  let blocked = 1;
  for (let count = 1; count <= servers; count += 1) blocked = (offered * blocked) / (count + offered * blocked);
  return blocked;
}

/** The mean wait of M/M/c by Erlang's C formula, in ms. */
function erlangCWaitMs(servers: number, everyMs: number, serviceMs: number): number {
  const offered = serviceMs / everyMs;
  const blocked = erlangB(servers, offered);
  const waits = (servers * blocked) / (servers - offered * (1 - blocked));
  return (waits * serviceMs) / (servers - offered);
}

/** The waits of callers who return after a cycle of 10 s on average, as docs/simulator.md shows them, ascending. */
function closedWaits(callers: number): number[] {
  const clock = new VirtualClock();
  const station = new Station(40, "queue", clock);
  const random = seeded(7, callers);
  const waits: number[] = [];
  const turn = () => {
    const arrivedAtMs = clock.now();
    station.acquire(arrivedAtMs, 1400)?.whenStarted((waitMs) => {
      if (arrivedAtMs > 100_000) waits.push(waitMs);
      clock.runAt(arrivedAtMs + waitMs + 1400 + 8600 * (0.5 + random()), turn);
    });
  };
  for (let count = 0; count < callers; count += 1) clock.runAt(random() * 10_000, turn);
  clock.runUntil(1_100_000);
  return waits.sort((a, b) => a - b);
}

describe("a station", () => {
  it("serves jobs of the same length one after the other, exactly as calculated by hand (D/D/2)", () => {
    const { arrive, clock, waits } = stationOf(2);
    for (const atMs of [0, 10, 20, 30, 40, 500]) arrive(atMs, 100);
    clock.runUntil(1000);
    // Two servers: 0-100, 10-110; then 100-200, 110-210; then 200-300; then one that finds both free.
    expect(waits()).toEqual([0, 0, 80, 80, 160, 0]);
  });

  it("serves in the order of arrival, also when a later job is shorter", () => {
    const { arrive, clock, started } = stationOf(1);
    arrive(0, 100, "a");
    arrive(1, 500, "b");
    arrive(2, 1, "c");
    clock.runUntil(1000);
    expect(started).toEqual(["a at 0, told at 0", "b at 100, told at 100", "c at 600, told at 600"]);
  });

  it.each([
    [1, 100, 50],
    [4, 25, 70],
  ])("has the mean wait of Erlang C within 5 percent: %d servers, a job every %d ms, services of %d ms", (...given) => {
    const [servers, everyMs, serviceMs] = given;
    const waits = poissonJobs(servers, "queue", everyMs, serviceMs, 200_000).waits as number[];
    const meanMs = waits.reduce((sum, ms) => sum + ms, 0) / waits.length;
    expect(Math.abs(meanMs / erlangCWaitMs(servers, everyMs, serviceMs) - 1)).toBeLessThan(0.05);
  });

  it("gives each of 20,000 jobs before 40 busy servers the wait of Kiefer and Wolfowitz's recursion", () => {
    const { given, waits } = poissonJobs(40, "queue", 10, 390, 20_000);
    const freeAtMs = Array.from({ length: 40 }, () => 0);
    const expected = given.map(({ atMs, serviceMs }) => {
      const first = freeAtMs.indexOf(Math.min(...freeAtMs));
      const startAtMs = Math.max(atMs, freeAtMs[first] ?? 0);
      freeAtMs[first] = startAtMs + serviceMs;
      return startAtMs - atMs;
    });
    expect(Math.max(...expected)).toBeGreaterThan(390);
    expect(waits).toEqual(expected);
  });

  it.each([
    [240, 20, 150],
    [300, 500, 900],
    [400, 4020, 4420],
  ])("makes %d callers wait as long as the documents say: %d ms on average, %d ms at the P95", (callers, mean, p95) => {
    const waits = closedWaits(callers);
    expect(Math.abs(waits.reduce((sum, ms) => sum + ms, 0) / waits.length - mean)).toBeLessThan(5 + mean * 0.05);
    expect(Math.abs((waits[Math.floor(waits.length * 0.95)] ?? 0) - p95)).toBeLessThan(5 + p95 * 0.05);
  });

  it("refuses the share of Erlang B within 2 percent where it throttles, and lets no job wait", () => {
    const { waits } = poissonJobs(4, "throttle", 25, 80, 200_000);
    const refused = waits.filter((wait) => wait === "refused").length / waits.length;
    expect(Math.abs(refused / erlangB(4, 80 / 25) - 1)).toBeLessThan(0.02);
    expect(new Set(waits)).toEqual(new Set([0, "refused"]));
  });

  it("serves every job at once where there is any number of servers", () => {
    const { arrive, waits } = stationOf(0, "throttle");
    for (let count = 0; count < 5; count += 1) arrive(0, 1000)?.cancel();
    expect(waits()).toEqual([0, 0, 0, 0, 0]);
  });

  it("takes a cancelled job out of the queue", () => {
    const { arrive, clock, waits } = stationOf(1);
    arrive(0, 100);
    const second = arrive(10, 100);
    arrive(20, 100);
    clock.runUntil(50);
    second?.cancel();
    clock.runUntil(1000);
    expect(waits()).toEqual([0, null, 80]);
  });

  it("frees the server of a job that is cancelled in service, at that instant and once", () => {
    const { arrive, clock, waits } = stationOf(1);
    const first = arrive(0, 100);
    arrive(10, 100);
    arrive(20, 100);
    clock.runUntil(40);
    first?.cancel();
    first?.cancel();
    clock.runUntil(1000);
    expect(waits()).toEqual([0, 30, 120]);
    first?.cancel();
    arrive(1000, 100);
    arrive(1000, 100);
    clock.runUntil(2000);
    expect(waits().slice(3)).toEqual([0, 100]);
  });

  it("has a free server again after a cancelled service where it throttles", () => {
    const { arrive, clock, waits } = stationOf(1, "throttle");
    const first = arrive(0, 100);
    arrive(50, 100);
    clock.runUntil(60);
    first?.cancel();
    arrive(60, 100);
    arrive(159, 100);
    arrive(160, 100);
    expect(waits()).toEqual([0, "refused", 0, "refused", 0]);
  });

  it("serves a job that it learns of late as if it had known it on arrival", () => {
    const queue = stationOf(1);
    const throttle = stationOf(1, "throttle");
    for (const { clock, station } of [queue, throttle]) {
      clock.runUntil(50);
      expect(station.acquire(0, 100)?.waitMs).toBe(0);
      clock.runUntil(130);
    }
    // At 130 the server is free, but at 80, when the job arrived, it was not: it was busy until 100.
    expect(queue.station.acquire(80, 100)?.waitMs).toBe(20);
    expect(throttle.station.acquire(80, 100)).toBeNull();
    expect(queue.station.acquire(200, 100)?.waitMs).toBe(0);
  });

  it("begins the next service when the last one ended, however late the timer is", () => {
    const clock = new VirtualClock();
    const late = { now: () => clock.now(), runAt: (atMs: number, run: () => void) => clock.runAt(atMs + 33, run) };
    const station = new Station(1, "queue", late);
    const jobs = Array.from({ length: 1000 }, () => station.acquire(0, 10));
    clock.runUntil(1_000_000);
    expect(jobs.map((job) => job?.waitMs)).toEqual(jobs.map((_, index) => index * 10));
  });

  it("takes a timer that is early for the instant that it was set for", () => {
    const clock = new VirtualClock();
    const early = { now: () => clock.now(), runAt: (atMs: number, run: () => void) => clock.runAt(atMs - 0.9, run) };
    const station = new Station(1, "queue", early);
    station.acquire(0, 10);
    const second = station.acquire(0, 10);
    clock.runUntil(9.5);
    expect(second?.waitMs).toBe(10);
    second?.cancel();
    expect(station.acquire(9.5, 10)?.waitMs).toBe(0.5);
  });

  it("holds 200,000 jobs that wait, half of them cancelled, without slowing down", () => {
    const { clock, station } = stationOf(1);
    const jobs = Array.from({ length: 200_000 }, () => station.acquire(0, 1));
    for (const [index, job] of jobs.entries()) if (index % 2 === 1) job?.cancel();
    clock.runUntil(1_000_000);
    expect([jobs[2]?.waitMs, jobs.at(-2)?.waitMs, jobs.at(-1)?.waitMs]).toEqual([1, 99_999, null]);
  });
});
