/**
 * Makes the environment of k6 processes. It makes Go's garbage collector, which delays callers while it runs, run less
 * often and delay them less. The effect of each variable: docs/performance.md.
 */

import { readFileSync } from "node:fs";
import { totalmem } from "node:os";
import { dirname, join } from "node:path";

import { readSettings } from "../../lib/settings/read_settings.ts";
import { CORES } from "../results/machine.ts";
import { heapSettings, type Memory } from "./heap_goal.ts";

/**
 * GOMAXPROCS per core of a small machine. Idle Go processors (Ps) help the collector and then check for network
 * events and runnable goroutines, but not for timers. With one per core, callers wait for the timers of their frames
 * until the collection is over, 10 to 20 ms at a time. With two per core, the kernel schedules callers and collector on
 * the cores.
 */
const PROCESSORS_PER_CORE = 2;

/** Machines with more cores keep Go's default: their collections are shorter, and the effect was not measured there. */
const SMALL_CORES = 4;

/** Reads a file of /proc or /sys; empty where there is none. */
type ReadFile = (path: string) => string;

/**
 * The environment for a k6 process on a machine with this many cores, for the callers that the settings in `env` ask for.
 * Variables that are set in `env` stay, each by itself.
 */
export function k6Env(env: NodeJS.ProcessEnv, cores = CORES, read: ReadFile = textOf): NodeJS.ProcessEnv {
  const heap = heapSettings(memoryHere(), readSettings(env).settings.USERS);
  const defaults = { K6_NO_USAGE_REPORT: "true", ...heap, GOMAXPROCS: processors(cores, read) };
  const missing = Object.entries(defaults).filter(([name, value]) => value !== "" && !env[name]);
  return { ...env, ...Object.fromEntries(missing) };
}

/** The memory of this machine, and the limit of its container. */
export function memoryHere(): Memory {
  return { machineBytes: totalmem(), limitBytes: process.constrainedMemory() || null };
}

/** GOMAXPROCS; empty for Go's default. On a single core, two processors would only compete for it. */
function processors(cores: number, read: ReadFile): string {
  if (cores === 1 || cores > SMALL_CORES || isCpuLimited(read)) return "";
  return String(PROCESSORS_PER_CORE * cores);
}

/**
 * True where a container or service has a CPU limit (Linux, cgroup v2 and v1: `man 7 cgroups`). Go respects the limit
 * by itself, and more threads would only reach it sooner.
 */
function isCpuLimited(read: ReadFile): boolean {
  const groups = [...read("/proc/self/cgroup").matchAll(/^\d+:(.*?):(.*)$/gm)];
  return groups.some(([, controllers = "", path = "/"]) => {
    const isV2 = controllers === "";
    if (!isV2 && !controllers.split(",").includes("cpu")) return false;
    const file = isV2 ? "cpu.max" : "cpu.cfs_quota_us";
    const root = isV2 ? "/sys/fs/cgroup" : "/sys/fs/cgroup/cpu";
    return withParents(path).some((folder) => /^\d/.test(read(join(root, folder, file))));
  });
}

/** A path and all of its parent folders. */
function withParents(path: string): string[] {
  return dirname(path) === path ? [path] : [path, ...withParents(dirname(path))];
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
