/** What a load costs while it is steady: CPU, memory, the heap of k6 and its collections. */

import { setTimeout as delay } from "node:timers/promises";

import { percentile } from "../../lib/report/stats.ts";
import { type Usage, usageOf } from "../results/machine.ts";
import { type Collection, collectAndReadHeap, type HeapReading } from "./go_runtime.ts";
import type { LoadRequest } from "./load_request.ts";

/** The heap of k6 over the measurement. */
export interface HeapCost {
  /** Live objects and their size after a forced collection: the mean of that before and that after the measurement. */
  readonly liveObjects: number;
  readonly liveBytes: number;
  /** What k6 allocated between the two, per call-second; nearly all of it becomes garbage. */
  readonly allocatedBytesPerCallSec: number;
}

/** The collections that ended within the measurement. */
export interface CollectionCost {
  readonly perMin: number;
  /** The mean length; null without a collection. */
  readonly meanMs: number | null;
}

/** The measured cost of the steady part of a load. */
export interface SteadyCost {
  /** CPU of k6 per call-second, in ms, and the part of it that was spent in the kernel. */
  readonly cpuMsPerCallSec: number;
  readonly systemCpuMsPerCallSec: number;
  /** Resident memory of k6, the median over the measured seconds. */
  readonly rssBytes: number;
  /** CPU of the simulator per call-second, in ms. */
  readonly simulatorCpuMsPerCallSec: number;
  /** Null where it was not asked for. */
  readonly heap: HeapCost | null;
  readonly collections: CollectionCost | null;
}

/** What is measured, and how k6 is read. */
export interface Measured {
  readonly k6Pid: number;
  readonly simulatorPid: number;
  /** The port of k6's profiler; null: the heap is not read. */
  readonly profilerPort: number | null;
  /** What is known of k6's collections so far; null: they are not counted. */
  readonly collections: readonly Collection[] | null;
}

/** Measures for `steadySec`; the heap is read before and after that, because a forced collection makes frames late. */
export async function measureSteady(
  { collections, k6Pid, profilerPort, simulatorPid }: Measured,
  { callers, steadySec }: Pick<LoadRequest, "callers" | "steadySec">,
): Promise<SteadyCost> {
  const heapBefore = await readHeap(profilerPort);
  const [k6From, simulatorFrom] = [await requireUsage(k6Pid), await requireUsage(simulatorPid)];
  const fromMs = Date.now();
  const rss: number[] = [];
  while (Date.now() - fromMs < steadySec * 1000) {
    await delay(1000);
    rss.push((await requireUsage(k6Pid)).rssBytes);
  }
  const [k6To, simulatorTo] = [await requireUsage(k6Pid), await requireUsage(simulatorPid)];
  const toMs = Date.now();
  const heapAfter = await readHeap(profilerPort);
  const perCallSec = (sec: number) => (sec * 1000) / ((callers * (toMs - fromMs)) / 1000);
  rss.sort((a, b) => a - b);
  return {
    cpuMsPerCallSec: perCallSec(k6To.cpuSec - k6From.cpuSec),
    systemCpuMsPerCallSec: perCallSec(k6To.systemCpuSec - k6From.systemCpuSec),
    simulatorCpuMsPerCallSec: perCallSec(simulatorTo.cpuSec - simulatorFrom.cpuSec),
    rssBytes: percentile(rss, 50),
    heap: heapBefore === null || heapAfter === null ? null : heapCost(heapBefore, heapAfter, callers),
    collections: collections === null ? null : collectionCost(collections, { fromMs, toMs }),
  };
}

/** The most resident memory of a process until `ended` resolves, or for `longestSec`. */
export async function peakRssBytes(pid: number, ended: Promise<void>, longestSec: number): Promise<number> {
  let peakBytes = 0;
  let isOver = false;
  for (const giveUpAtMs = Date.now() + longestSec * 1000; !isOver && Date.now() < giveUpAtMs; ) {
    peakBytes = Math.max(peakBytes, (await usageOf(pid))?.peakRssBytes ?? 0);
    isOver = await Promise.race([ended.then(() => true), delay(500, false)]);
  }
  return peakBytes;
}

/** A reading of the heap with its instant, epoch ms. */
interface DatedHeap extends HeapReading {
  readonly atMs: number;
}

async function readHeap(port: number | null): Promise<DatedHeap | null> {
  return port === null ? null : { ...(await collectAndReadHeap(port)), atMs: Date.now() };
}

function heapCost(before: DatedHeap, after: DatedHeap, callers: number): HeapCost {
  const callSec = (callers * (after.atMs - before.atMs)) / 1000;
  return {
    liveObjects: (before.liveObjects + after.liveObjects) / 2,
    liveBytes: (before.liveBytes + after.liveBytes) / 2,
    allocatedBytesPerCallSec: (after.allocatedBytes - before.allocatedBytes) / callSec,
  };
}

function collectionCost(
  all: readonly Collection[],
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): CollectionCost {
  const within = all.filter(({ atMs }) => atMs >= fromMs && atMs < toMs);
  const sumMs = within.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return {
    perMin: within.length / ((toMs - fromMs) / 60_000),
    meanMs: within.length === 0 ? null : sumMs / within.length,
  };
}

async function requireUsage(pid: number): Promise<Usage> {
  const usage = await usageOf(pid);
  if (usage === null) throw new Error("expected a running k6 and its usage in /proc, got neither");
  return usage;
}
