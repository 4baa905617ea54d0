/**
 * The environment that k6 is started with: how Go's garbage collector, which keeps callers waiting while it works, is made to
 * work seldom and to let them pass. What each of it is worth: docs/performance.md.
 */

import { readFileSync } from "node:fs";
import { totalmem } from "node:os";

import { CORES } from "./machine.ts";

/** How far the memory may grow beyond what is in use before Go collects, in percent; Go's own choice is 100. */
const GOGC = "400";

/** The share of the machine's memory, or of the container's, from which on Go collects as often as it takes to stay below. */
const MEMORY_SHARE = 0.5;

/**
 * Go's processors for each core. Those that have nothing to do help the collector, and then look for network events and for
 * goroutines that can run, but not for timers: with one for each core, callers wait for the timers of their frames until that help is
 * over, 10 to 20 ms at a time. With more, the kernel shares the cores out between callers and collector.
 */
const PROCESSORS_PER_CORE = 2;

/** Where Linux says how much CPU a container may use (cgroup v2, v1): whatever is not `max` or -1 is a limit. */
const CPU_LIMITS = ["/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us"];

/** The environment of a k6 that is started as the make targets start it, for so many cores; what is set stays. */
export function k6Env(env: NodeJS.ProcessEnv, cores = CORES): NodeJS.ProcessEnv {
  const own = { K6_NO_USAGE_REPORT: "true", GOGC, GOMEMLIMIT: memoryLimit(), ...env };
  if (env.GOMAXPROCS || CPU_LIMITS.some((path) => isLimit(textOf(path)))) return own;
  return { ...own, GOMAXPROCS: String(processorsFor(cores)) };
}

/** How many processors Go gets on so many cores. A lone core would only be torn between them. */
export function processorsFor(cores: number): number {
  return cores === 1 ? 1 : PROCESSORS_PER_CORE * cores;
}

/** True when a file's text limits the CPU: Go keeps within it by itself, and more threads would only use it up sooner. */
export function isLimit(text: string): boolean {
  return /^\d/.test(text);
}

function memoryLimit(): string {
  const allowed = process.constrainedMemory() || Number.POSITIVE_INFINITY;
  return `${Math.floor((Math.min(totalmem(), allowed) * MEMORY_SHARE) / 2 ** 20)}MiB`;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
