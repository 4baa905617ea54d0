import { describe, expect, it } from "vitest";

import { heapSettings } from "./heap_goal.ts";

const GIB = 2 ** 30;

/** GOGC for a number of callers on a machine, or in a container of a machine with 64 GiB; sizes are in GiB. */
const onMachine = (gib: number, callers: number) =>
  Number(heapSettings({ machineBytes: gib * GIB, limitBytes: null }, callers).GOGC);
const inContainer = (gib: number, callers: number) =>
  Number(heapSettings({ machineBytes: 64 * GIB, limitBytes: gib * GIB }, callers).GOGC);

/** The heap in GiB at which Go collects, if the live heap is as estimated: 30 MB and 0.6 MB per caller. */
const heapGib = (gogc: number, callers: number) => ((1 + gogc / 100) * (30e6 + 0.6e6 * callers)) / GIB;

const CALLERS = [1, 15, 50, 100, 200, 500, 1000, 2000];

describe("how seldom Go collects garbage", () => {
  it.each([
    [2, [1700, 1300, 800, 500, 300, 100, 100, 100]],
    [4, [3400, 2700, 1700, 1100, 600, 200, 100, 100]],
    [8, [4000, 4000, 3500, 2300, 1300, 600, 200, 100]],
    [16, [4000, 4000, 4000, 4000, 2800, 1200, 600, 200]],
    [64, [4000, 4000, 4000, 4000, 2800, 1200, 600, 200]],
  ])("on a machine of %i GiB depends on the callers", (gib, expected) => {
    expect(CALLERS.map((callers) => onMachine(gib, callers))).toEqual(expected);
  });

  it("in a container is that of a machine of twice its limit", () => {
    for (const gib of [1, 2, 4, 8])
      for (const callers of CALLERS) expect(inContainer(gib, callers)).toBe(onMachine(2 * gib, callers));
  });

  it("lets the heap grow to the goal, whatever the number of callers, where neither bound of GOGC is met", () => {
    for (const callers of [50, 100, 150, 200]) expect(heapGib(onMachine(8, callers), callers)).toBeCloseTo(2, 0);
  });

  it("is never seldomer than leaves the heap within 41 times the live heap, nor more often than Go's default", () => {
    const all = [0.25, 0.5, 1, 2, 4, 8, 16, 64, 1024].flatMap((gib) =>
      CALLERS.map((callers) => onMachine(gib, callers)),
    );
    expect([Math.min(...all), Math.max(...all)]).toEqual([100, 4000]);
  });

  it("has a goal of 256 MiB on the smallest machines and of 4 GiB on the largest", () => {
    for (const callers of CALLERS) {
      expect(onMachine(0.25, callers)).toBe(onMachine(1, callers));
      expect(onMachine(1024, callers)).toBe(onMachine(16, callers));
    }
    expect(onMachine(1, 1)).toBeLessThan(onMachine(2, 1));
  });
});

describe("the limit above which Go collects as often as necessary", () => {
  const limit = (machineGib: number, limitGib: number | null) =>
    heapSettings({ machineBytes: machineGib * GIB, limitBytes: limitGib === null ? null : limitGib * GIB }, 50)
      .GOMEMLIMIT;

  it("is three quarters of the memory of the machine, or of the container's limit", () => {
    expect([limit(2, null), limit(8, null), limit(8, 2), limit(64, 0.5)]).toEqual([
      "1536MiB",
      "6144MiB",
      "1536MiB",
      "384MiB",
    ]);
  });

  it("takes a limit of the machine's memory or more for none, as Node reports it where there is none", () => {
    for (const limitGib of [8, 2 ** 34])
      expect(heapSettings({ machineBytes: 8 * GIB, limitBytes: limitGib * GIB }, 50)).toEqual(
        heapSettings({ machineBytes: 8 * GIB, limitBytes: null }, 50),
      );
  });
});
