import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Look, readMachineUsage, sampleBetween, watchMachine } from "./machine.ts";

/** The kernel's own text: user nice system idle iowait irq softirq steal guest guest_nice, in hundredths of a second. */
const STAT = `cpu  1000 100 300 9000 500 10 40 250 900 0
cpu0 500 50 150 4500 250 5 20 125 450 0
cpu1 500 50 150 4500 250 5 20 125 450 0
intr 1
`;

const look = (atMs: number, k6Sec: number, busySec: number, stolenSec: number): Look => ({
  atMs,
  k6: { cpuSec: k6Sec, rssBytes: 5 },
  machine: { busySec, stolenSec, cores: 2 },
});

describe("the machine", () => {
  it("is read as the kernel tells it: guests are in user already, waiting for a disk is idle, stolen stands apart", () => {
    expect(readMachineUsage(STAT)).toEqual({ busySec: 14.5, stolenSec: 2.5, cores: 2 });
    expect(readMachineUsage("")).toBeNull();
  });

  it("is sampled in cores, whatever time has passed since the sample before", () => {
    const sample = sampleBetween(look(1000, 10, 100, 1), look(3000, 11, 104, 1.5));
    expect(sample).toEqual({ atMs: 3000, k6: 0.5, others: 1.5, stolen: 0.25, cores: 2, rssBytes: 5 });
  });

  it("has no other programs of less than nothing, and no sample where its clock was set back", () => {
    expect(sampleBetween(look(1000, 10, 100, 1), look(2000, 11, 100.9, 1))?.others).toBe(0);
    expect(sampleBetween(look(1000, 10, 100, 1), look(900, 11, 101, 1))).toBeNull();
  });

  it("breaks nothing when there is no such process, or no place to write", async () => {
    await watchMachine(2 ** 30, join(await mkdtemp(join(tmpdir(), "machine-")), "machine.jsonl"))();
    await watchMachine(process.pid, "/dev/null/machine.jsonl")();
  });
});
