/**
 * Measures CPU and memory use of processes and of the machine, from /proc (Linux only), and records them during a
 * run.
 */

import { appendFile, readFile, writeFile } from "node:fs/promises";
import { availableParallelism } from "node:os";

/** Clock ticks per second in /proc: USER_HZ, which is 100 for all programs on Linux (`man 7 time`). */
const TICKS_PER_SEC = 100;

/** The time between two samples, in ms. */
const SAMPLE_EVERY_MS = 1000;

/** What a process has used since its start. */
export interface Usage {
  /** CPU time, in the program and in the kernel. */
  readonly cpuSec: number;
  /** The part of `cpuSec` that was spent in the kernel. */
  readonly systemCpuSec: number;
  /** Resident memory now. */
  readonly rssBytes: number;
  /** The most resident memory so far. */
  readonly peakRssBytes: number;
}

/** A line of `machine.jsonl`: the cores in use since the line before. */
export interface MachineSample {
  /** The end of the sampled time, epoch ms. */
  readonly atMs: number;
  readonly k6: number;
  /** All other programs and the kernel. */
  readonly others: number;
  /** CPU time that the hypervisor gave to other machines while this one had work. */
  readonly stolen: number;
  /** The number of cores of the machine. */
  readonly cores: number;
  /** Resident memory of k6. */
  readonly rssBytes: number;
}

/** What the machine has used since it booted. */
export interface MachineUsage {
  readonly busySec: number;
  readonly stolenSec: number;
  readonly cores: number;
}

/** What a process has used so far; null where the system has no /proc, or when the process has ended. */
export async function usageOf(pid: number): Promise<Usage | null> {
  const [stat, status] = await Promise.all([
    readFile(`/proc/${pid}/stat`, "utf8"),
    readFile(`/proc/${pid}/status`, "utf8"),
  ]).catch(() => [null, null]);
  if (stat === null || status === null) return null;
  // The second field, the command in brackets, may hold blanks, so fields are counted from its closing bracket.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1] ?? 0) * 1024;
  const [userTicks, systemTicks] = [Number(fields[11]), Number(fields[12])];
  return {
    cpuSec: (userTicks + systemTicks) / TICKS_PER_SEC,
    systemCpuSec: systemTicks / TICKS_PER_SEC,
    rssBytes: bytes("VmRSS"),
    peakRssBytes: bytes("VmHWM"),
  };
}

/** The cores that this process may use. */
export const CORES = availableParallelism();

/** Parses the text of /proc/stat (`man 5 proc_stat`); null when it is something else. */
export function readMachineUsage(stat: string): MachineUsage | null {
  const all = /^cpu +(.*)$/m.exec(stat)?.[1];
  if (all === undefined) return null;
  // Guest time is already part of user and nice.
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = all.split(" ").map(Number);
  const busySec = (user + nice + system + irq + softirq) / TICKS_PER_SEC;
  return { busySec, stolenSec: steal / TICKS_PER_SEC, cores: stat.match(/^cpu\d/gm)?.length ?? 0 };
}

/** The use of the machine and of k6 up to an instant. */
export interface MachineReading {
  readonly atMs: number;
  readonly k6: Pick<Usage, "cpuSec" | "rssBytes">;
  readonly machine: MachineUsage;
}

/** The sample between two readings; null when no time has passed, as after the clock was set back. */
export function sampleBetween(before: MachineReading, now: MachineReading): MachineSample | null {
  const sec = (now.atMs - before.atMs) / 1000;
  if (sec <= 0) return null;
  const k6Sec = now.k6.cpuSec - before.k6.cpuSec;
  // The kernel updates the times of processes and of cores at different instants, so the difference may be negative.
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
 * Appends a sample to the file every second until the returned function is called, which resolves when the file is
 * complete. Never fails: without /proc, or where the file cannot be written, there are no samples.
 */
export function recordMachine(pid: number, path: string): () => Promise<void> {
  let before: MachineReading | null = null;
  const sample = async () => {
    const now = await takeReading(pid);
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

async function takeReading(pid: number): Promise<MachineReading | null> {
  const [k6, stat] = await Promise.all([usageOf(pid), readFile("/proc/stat", "utf8").catch(() => "")]);
  const machine = readMachineUsage(stat);
  return k6 === null || machine === null ? null : { atMs: Date.now(), k6, machine };
}

/** Rounds to two decimals. */
export function hundredth(value: number): number {
  return Math.round(value * 100) / 100;
}
