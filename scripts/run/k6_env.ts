/**
 * The environment that k6 is started with: how Go's garbage collector, which keeps callers waiting while it works, is made to
 * work seldom and to let them pass. What each of it is worth: docs/performance.md.
 */

import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";

import { CORES } from "../results/machine.ts";

/** How far the memory may grow beyond what is in use before Go collects, in percent; Go's own choice is 100. */
const GOGC = "400";

/** The share of the machine's memory, or of the container's, from which on Go collects as often as it takes to stay below. */
const MEMORY_SHARE = 0.75;

/**
 * Go's processors for each core of a small machine. Those that have nothing to do help the collector, and then look for network
 * events and for goroutines that can run, but not for timers: with one for each core, callers wait for the timers of their
 * frames until that help is over, 10 to 20 ms at a time. With two, the kernel shares the cores out between callers and collector.
 */
const PROCESSORS_PER_CORE = 2;

/** Machines with more cores keep Go's own choice: their collections are shorter, and nobody measured them. */
const SMALL_CORES = 4;

/** The variables of Go that a run depends on. */
export const GO_VARIABLES = ["GOGC", "GOMEMLIMIT", "GOMAXPROCS"] as const;

/** Reads a file of the system; empty where there is none. */
type Read = (path: string) => string;

/** The environment of a k6 that is started as the make targets start it, for so many cores; what is set stays. */
export function k6Env(env: NodeJS.ProcessEnv, cores = CORES, read: Read = textOf): NodeJS.ProcessEnv {
  const chosen = { K6_NO_USAGE_REPORT: "true", GOGC, GOMEMLIMIT: memoryLimit(), GOMAXPROCS: processors(cores, read) };
  const missing = Object.entries(chosen).filter(([name, value]) => value !== "" && !env[name]);
  return { ...env, ...Object.fromEntries(missing) };
}

/** How many processors Go gets; empty where it chooses well by itself: a lone core would only be torn between two. */
function processors(cores: number, read: Read): string {
  if (cores === 1 || cores > SMALL_CORES || isCpuLimited(read)) return "";
  return String(PROCESSORS_PER_CORE * cores);
}

/**
 * True where a container or a service may use no more than a share of the CPU (Linux, cgroup v2 and v1: `man 7 cgroups`). Go keeps
 * within it by itself, and more threads would only use it up sooner.
 */
function isCpuLimited(read: Read): boolean {
  const groups = [...read("/proc/self/cgroup").matchAll(/^\d+:(.*?):(.*)$/gm)];
  return groups.some(([, controllers = "", path = "/"]) => {
    const isNew = controllers === "";
    if (!isNew && !controllers.split(",").includes("cpu")) return false;
    const file = isNew ? "cpu.max" : "cpu.cfs_quota_us";
    const root = isNew ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
    return upwards(path).some((folder) => /^\d/.test(read(join(root, folder, file))));
  });
}

/** A path and all that it lies in. */
function upwards(path: string): string[] {
  return dirname(path) === path ? [path] : [path, ...upwards(dirname(path))];
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
