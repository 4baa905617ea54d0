import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type MachineReading, readMachineUsage, recordMachine, sampleBetween, usageOf } from "./machine.ts";

/**
 * /proc/stat as the kernel writes it: user nice system idle iowait irq softirq steal guest guest_nice, in hundredths of a second.
 */
const STAT = `cpu  1000 100 300 9000 500 10 40 250 900 0
cpu0 500 50 150 4500 250 5 20 125 450 0
cpu1 500 50 150 4500 250 5 20 125 450 0
intr 1
`;

const reading = (atMs: number, k6Sec: number, busySec: number, stolenSec: number): MachineReading => ({
  atMs,
  k6: { cpuSec: k6Sec, rssBytes: 5 },
  machine: { busySec, stolenSec, cores: 2 },
});

describe("the machine", () => {
  it("is busy in user, nice, system and interrupts; iowait is idle, guest is part of user, steal is separate", () => {
    expect(readMachineUsage(STAT)).toEqual({ busySec: 14.5, stolenSec: 2.5, cores: 2 });
    expect(readMachineUsage("")).toBeNull();
  });

  it("is sampled in cores, whatever the time since the sample before", () => {
    const sample = sampleBetween(reading(1000, 10, 100, 1), reading(3000, 11, 104, 1.5));
    expect(sample).toEqual({ atMs: 3000, k6: 0.5, others: 1.5, stolen: 0.25, cores: 2, rssBytes: 5 });
  });

  it("has no negative use by other programs, and no sample after its clock was set back", () => {
    expect(sampleBetween(reading(1000, 10, 100, 1), reading(2000, 11, 100.9, 1))?.others).toBe(0);
    expect(sampleBetween(reading(1000, 10, 100, 1), reading(900, 11, 101, 1))).toBeNull();
  });

  it("says of a process what it used, of that in the kernel, and the most memory that it had; null where there is none", async () => {
    const usage = await usageOf(process.pid);
    expect(usage?.cpuSec).toBeGreaterThan(usage?.systemCpuSec ?? Number.POSITIVE_INFINITY);
    expect(usage?.peakRssBytes).toBeGreaterThanOrEqual(usage?.rssBytes ?? Number.POSITIVE_INFINITY);
    expect(await usageOf(2 ** 30)).toBeNull();
  });

  it("is recorded without an error when there is no such process, or the file cannot be written", async () => {
    await recordMachine(2 ** 30, join(await mkdtemp(join(tmpdir(), "machine-")), "machine.jsonl"))();
    await recordMachine(process.pid, "/dev/null/machine.jsonl")();
  });
});
