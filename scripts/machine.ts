/** What processes and the machine cost, where the system says so: Linux, by /proc. */

import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";

/** Ticks of the kernel's accounting in a second: USER_HZ, which Linux fixes for all programs (`man 7 time`). */
const TICKS_PER_SEC = 100;

/** What a process has used since it began. */
export interface Usage {
  readonly cpuSec: number;
  readonly rssBytes: number;
}

/** What a process has used so far; null where the system does not say, or when it has ended. */
export async function usageOf(pid: number): Promise<Usage | null> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]).catch(() => [null, null]);
  if (stat === null || status === null) return null;
  // The second field is the command in brackets and may hold blanks: fields are counted from behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const rssKb = /^VmRSS:\s+(\d+) kB/m.exec(status)?.[1];
  return { cpuSec: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SEC, rssBytes: Number(rssKb ?? 0) * 1024 };
}

export const CORES = availableParallelism();
