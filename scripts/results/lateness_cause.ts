/**
 * Finds the cause of late frames in the machine's samples of the seconds in which frames were late. It explains an
 * INVALID verdict and has no part in it: k6 alone decides the verdict.
 */

import { LATE_MS } from "../../lib/metrics/late.ts";
import type { LagSecond } from "./lag_seconds.ts";
import type { MachineSample } from "./machine.ts";
import { isFull, type MachineSpan, machineSpans, pausedMs } from "./machine_facts.ts";

/** The cause of a late second. `paused` is the remaining case: a core was free and k6 did not use it. */
type Cause = "suspended" | "stopped" | "stolen" | "others" | "k6" | "paused";

/**
 * Stolen time makes frames late by itself from this share of the cores on: a thread waits for its core to come back.
 */
const STOLEN = 0.1;

/**
 * A k6 that used no CPU and was late by this or more, in ms, was stopped: a scheduler gives every program a part of
 * each second.
 */
const STOPPED_MS = 1000;

/** Where the samples of a second give several causes, the first of this list counts. */
const BY_PRIORITY: readonly Cause[] = ["suspended", "stopped", "stolen", "others", "k6", "paused"];

/** The late time that is due to one cause. */
interface Share {
  readonly cause: Cause;
  lateMs: number;
  readonly spans: Set<MachineSpan>;
}

/** A sentence with the cause of most of the lateness and advice; null where nothing was late, or not sampled. */
export function latenessCause(seconds: readonly LagSecond[], samples: readonly MachineSample[]): string | null {
  const spans = machineSpans(samples);
  const shares = new Map<Cause, Share>();
  for (const second of worstPerSecond(seconds)) {
    const overlapping = spans.filter((span) => overlaps(second, span));
    if (overlapping.length === 0) continue;
    const causes = overlapping.map((span) => causeOf(span, second.lagMs));
    const cause = BY_PRIORITY.find((one) => causes.includes(one)) ?? "paused";
    const share = shares.get(cause) ?? { cause, lateMs: 0, spans: new Set() };
    share.lateMs += second.lagMs;
    for (const [index, span] of overlapping.entries()) if (causes[index] === cause) share.spans.add(span);
    shares.set(cause, share);
  }
  const [worst] = [...shares.values()].sort((a, b) => b.lateMs - a.lateMs);
  return worst === undefined ? null : sentence(worst);
}

/** The highest send lag in each late second, so that a second counts once however many calls were late in it. */
function worstPerSecond(seconds: readonly LagSecond[]): LagSecond[] {
  const worst = new Map<number, LagSecond>();
  for (const second of seconds) {
    const key = Math.floor(second.atMs / 1000);
    if (second.lagMs > LATE_MS && second.lagMs > (worst.get(key)?.lagMs ?? 0)) worst.set(key, second);
  }
  return [...worst.values()];
}

/**
 * True when a sample overlaps the time in which the frames of a second were late. A caller that missed whole seconds
 * has one entry for all of them.
 */
function overlaps({ atMs, lagMs }: LagSecond, span: MachineSpan): boolean {
  const fromMs = atMs - Math.min(lagMs, 1000);
  const toMs = atMs + 1000 + (lagMs >= 1000 ? lagMs : 0);
  return span.fromMs < toMs && span.atMs > fromMs;
}

function causeOf(span: MachineSpan, lagMs: number): Cause {
  const { cores, k6, others, stolen } = span;
  if (pausedMs(span) > 0) return "suspended";
  if (stolen >= STOLEN * cores && stolen >= Math.max(k6, others)) return "stolen";
  if (k6 === 0 && lagMs >= STOPPED_MS) return "stopped";
  if (isFull(span)) return others >= k6 ? "others" : "k6";
  return stolen >= STOLEN * cores ? "stolen" : "paused";
}

function sentence({ cause, spans }: Share): string {
  const samples = [...spans];
  const cores = samples[0]?.cores ?? 0;
  const mean = (of: "k6" | "others" | "stolen") =>
    (samples.reduce((sum, span) => sum + span[of], 0) / samples.length).toFixed(1);
  const lastedSec = Math.round(samples.reduce((sum, span) => sum + span.atMs - span.fromMs, 0) / 1000);
  const sentences: Readonly<Record<Cause, () => string>> = {
    suspended: () =>
      `this machine was suspended for ${Math.round(samples.reduce((sum, span) => sum + pausedMs(span), 0) / 1000)} s (or its clock was set forward by as much); keep it awake while a load runs`,
    stolen: () =>
      `the hypervisor gave the CPU to other machines while frames were late (${mean("stolen")} of ${cores} cores were stolen); use a machine with cores of its own`,
    others: () =>
      `other programs took the CPU while frames were late (they used ${mean("others")} of ${cores} cores, k6 ${mean("k6")}); end them, or run k6 on a machine of its own`,
    k6: () =>
      `k6 itself used the CPU while frames were late (${mean("k6")} of ${cores} cores); run fewer callers per machine, or more machines`,
    stopped: () =>
      `k6 stood still for ${lastedSec} s, using no CPU at all: it was stopped (a debugger, kill -STOP) or waited for its disk; leave it running, and put results/ on a fast disk`,
    paused: () =>
      `k6 paused while a core was free (it used ${mean("k6")} of ${cores} cores): its garbage collection, its disk, or a CPU limit of its container; where memory is to spare, a higher GOGC lets it collect more seldom (docs/performance.md); a faster disk, a higher limit`,
  };
  return sentences[cause]();
}
