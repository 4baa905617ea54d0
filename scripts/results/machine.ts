/** What processes and the machine cost, where the system says so: Linux, by /proc. */

import { appendFile, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";

/** Ticks of the kernel's accounting in a second: USER_HZ, which Linux fixes for all programs (`man 7 time`). */
const TICKS_PER_SEC = 100;

/** How often the machine is looked at, in ms. */
const SAMPLE_EVERY_MS = 1000;

/** What a process has used since it began. */
export interface Usage {
  readonly cpuSec: number;
  readonly rssBytes: number;
}

/** A line of `machine.jsonl`: what the time since the line before went to, in cores. */
export interface MachineSample {
  /** The end of the time that it tells of, epoch ms. */
  readonly atMs: number;
  readonly k6: number;
  /** All other programs and the kernel. */
  readonly others: number;
  /** What the hypervisor gave to other machines while this one wanted it. */
  readonly stolen: number;
  /** How many the machine has. */
  readonly cores: number;
  /** Resident memory of k6. */
  readonly rssBytes: number;
}

/** What the whole machine has used since it started. */
export interface MachineUsage {
  readonly busySec: number;
  readonly stolenSec: number;
  readonly cores: number;
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

/** Reads the text of /proc/stat (`man 5 proc_stat`); null when it is none. */
export function readMachineUsage(stat: string): MachineUsage | null {
  const all = /^cpu +(.*)$/m.exec(stat)?.[1];
  if (all === undefined) return null;
  // What guests used is in user and nice already.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = all.split(" ").map(Number);
  const busySec = (user + nice + system + irq + softirq) / TICKS_PER_SEC;
  return { busySec, stolenSec: steal / TICKS_PER_SEC, cores: stat.match(/^cpu\d/gm)?.length ?? 0 };
}

/** A look at the machine and at k6. */
export interface Look {
  readonly atMs: number;
  readonly k6: Usage;
  readonly machine: MachineUsage;
}

/** What went on between two looks; null when no time passed, as when the clock was set back. */
export function sampleBetween(before: Look, now: Look): MachineSample | null {
  const sec = (now.atMs - before.atMs) / 1000;
  if (sec <= 0) return null;
  const k6Sec = now.k6.cpuSec - before.k6.cpuSec;
  // The kernel counts a process and a core at different instants: what is left of both may be less than nothing.
  const othersSec = Math.max(0, now.machine.busySec - before.machine.busySec - k6Sec);
  const stolenSec = Math.max(0, now.machine.stolenSec - before.machine.stolenSec);
  return {
    atMs: now.atMs,
    k6: hundredth(k6Sec / sec),
    others: hundredth(othersSec / sec),
    stolen: hundredth(stolenSec / sec),
    cores: now.machine.cores,
    rssBytes: now.k6.rssBytes,
  };
}

/**
 * Writes a line into the file every second until the returned function is called, which resolves when the file is
 * whole. Where the system does not tell, or the file cannot be written, there is nothing; it never fails.
 */
export function watchMachine(pid: number, path: string): () => Promise<void> {
  let before: Look | null = null;
  const sample = async () => {
    const now = await look(pid);
    const line = before === null || now === null ? null : sampleBetween(before, now);
    if (line !== null) await appendFile(path, `${JSON.stringify(line)}\n`);
    else if (before === null && now !== null) await writeFile(path, "");
    before = now ?? before;
  };
  let pending = sample().catch(() => {});
  let isBusy = false;
  const timer = setInterval(() => {
    if (isBusy) return;
    isBusy = true;
    pending = pending.then(sample).catch(() => {});
    pending.then(() => {
      isBusy = false;
    });
  }, SAMPLE_EVERY_MS);
  return async () => {
    clearInterval(timer);
    await pending;
  };
}

async function look(pid: number): Promise<Look | null> {
  const [k6, stat] = await Promise.all([usageOf(pid), readFile("/proc/stat", "utf8").catch(() => "")]);
  const machine = readMachineUsage(stat);
  return k6 === null || machine === null ? null : { atMs: Date.now(), k6, machine };
}

/** Rounds to two decimals. */
export function hundredth(value: number): number {
  return Math.round(value * 100) / 100;
}
