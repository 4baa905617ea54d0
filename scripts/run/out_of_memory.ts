/** Finds out whether a k6 that died ran out of memory: by its own words, or by the kernel's count of processes that it killed. */

import { readFileSync } from "node:fs";
import type { Readable } from "node:stream";

/** How a process ended. */
export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The exit code of a Go program that crashed, and that of a shell or a container whose program was killed. */
const GO_CRASH = 2;
const KILLED = 137;

/** What Go's runtime prints before it crashes for want of memory (runtime/malloc.go, mem_linux.go, proc.go). */
const GO_WORDS =
  /fatal error: .*(out of memory|cannot allocate memory)|runtime: (out of memory|cannot allocate)|errno=12/;

/** More than the longest of these words, so that they are found where they were split. */
const KEPT_CHARS = 200;

/** Watches one k6. */
export interface MemoryWatch {
  /** Says whether the process ended for want of memory. */
  ranOut(end: ProcessEnd): boolean;
}

/** Starts to watch a process by its stderr; `oomKills` gives how many processes the kernel has killed so far. */
export function watchMemory(stderr: Readable, oomKills: () => number = kernelOomKills): MemoryWatch {
  const killsBefore = oomKills();
  let last = "";
  let said = false;
  stderr.on("data", (data) => {
    last = (last + String(data)).slice(-KEPT_CHARS - String(data).length);
    said ||= GO_WORDS.test(last);
  });
  return {
    ranOut: ({ code, signal }) =>
      ((signal === "SIGKILL" || code === KILLED) && oomKills() > killsBefore) || (code === GO_CRASH && said),
  };
}

/** How many processes the kernel has killed for want of memory since it booted, in a container or outside (`man 5 proc_vmstat`). */
function kernelOomKills(): number {
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync("/proc/vmstat", "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
