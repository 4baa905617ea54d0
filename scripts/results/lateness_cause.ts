/**
 * Why frames were late, by what the machine did in the seconds in which they were. The verdict does not come from here:
 * k6 alone gives it, this only explains one.
 */

import { LATE_MS } from "../../lib/metrics/metrics.ts";
import type { LagSecond } from "./lag_seconds.ts";
import type { MachineSample } from "./machine.ts";
import { isFull, type MachineSpan, machineSpans, pausedMs } from "./machine_facts.ts";

/** What a late second came from; `paused` is what is left when a core was free and k6 did not use it. */
type Cause = "suspended" | "stopped" | "stolen" | "others" | "k6" | "paused";

/** From this share of the cores on, stolen time makes frames late by itself: a thread waits on the core that is gone. */
const STOLEN = 0.1;

/** From this lateness on, in ms, a k6 that used nothing was not starved: a scheduler gives every program some of a second. */
const STOPPED_MS = 1000;

/** What comes first explains the second better, where its samples say several things. */
const STRONGEST: readonly Cause[] = ["suspended", "stopped", "stolen", "others", "k6", "paused"];

/** Late time of one cause. */
interface Share {
  readonly cause: Cause;
  lateMs: number;
  readonly spans: Set<MachineSpan>;
}

/** Says in a sentence what most of the lateness came from, and what to do; null where nothing was late or sampled. */
export function latenessCause(seconds: readonly LagSecond[], samples: readonly MachineSample[]): string | null {
  const spans = machineSpans(samples);
  const shares = new Map<Cause, Share>();
  for (const second of worstOfEach(seconds)) {
    const seen = spans.filter((span) => overlaps(second, span));
    if (seen.length === 0) continue;
    const causes = seen.map((span) => causeOf(span, second.lagMs));
    const cause = STRONGEST.find((one) => causes.includes(one)) ?? "paused";
    const share = shares.get(cause) ?? { cause, lateMs: 0, spans: new Set() };
    share.lateMs += second.lagMs;
    for (const [index, span] of seen.entries()) if (causes[index] === cause) share.spans.add(span);
    shares.set(cause, share);
  }
  const [worst] = [...shares.values()].sort((a, b) => b.lateMs - a.lateMs);
  return worst === undefined ? null : sentence(worst);
}

/** The worst call's lateness in each late second: a hundred late calls are still one second. */
function worstOfEach(seconds: readonly LagSecond[]): LagSecond[] {
  const worst = new Map<number, LagSecond>();
  for (const second of seconds) {
    const key = Math.floor(second.atMs / 1000);
    if (second.lagMs > LATE_MS && second.lagMs > (worst.get(key)?.lagMs ?? 0)) worst.set(key, second);
  }
  return [...worst.values()];
}

/** A frame of the second was late for so long; a caller that missed whole seconds has one entry for all of them. */
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
  const seen = [...spans];
  const cores = seen[0]?.cores ?? 0;
  const mean = (of: "k6" | "others" | "stolen") =>
    (seen.reduce((sum, span) => sum + span[of], 0) / seen.length).toFixed(1);
  const lastedSec = Math.round(seen.reduce((sum, span) => sum + span.atMs - span.fromMs, 0) / 1000);
  const words: Readonly<Record<Cause, () => string>> = {
    suspended: () =>
      `this machine was suspended for ${Math.round(seen.reduce((sum, span) => sum + pausedMs(span), 0) / 1000)} s (or its clock was set forward by as much); keep it awake while a load runs`,
    stolen: () =>
      `the hypervisor gave the CPU to other machines while frames were late (${mean("stolen")} of ${cores} cores were stolen); use a machine with cores of its own`,
    others: () =>
      `other programs took the CPU while frames were late (they used ${mean("others")} of ${cores} cores, k6 ${mean("k6")}); end them, or run k6 on a machine of its own`,
    k6: () =>
      `k6 itself used the CPU while frames were late (${mean("k6")} of ${cores} cores); run fewer callers per machine, or more machines`,
    stopped: () =>
      `k6 stood still for ${lastedSec} s, using no CPU at all: it was stopped (a debugger, kill -STOP) or waited for its disk; leave it running, and put results/ on a fast disk`,
    paused: () =>
      `k6 paused while a core was free (it used ${mean("k6")} of ${cores} cores): its garbage collection, its disk, or a CPU limit of its container; where memory is to spare, GOGC=off GOMEMLIMIT=4GiB lets it collect seldom (docs/performance.md); a faster disk, a higher limit`,
  };
  return words[cause]();
}
