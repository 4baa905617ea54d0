import { describe, expect, it } from "vitest";

import { partTable, withParts } from "./bench_markdown.ts";
import { callersHeld, type LoadRow, type PartFile, ratio } from "./bench_rows.ts";
import type { HeapCost } from "./load_cost.ts";
import type { LoadLag } from "./load_log.ts";
import { markdownTable } from "./markdown.ts";
import { perCaller } from "./memory_table.ts";

function row({ lag = {}, ...more }: Partial<Omit<LoadRow, "lag">> & { readonly lag?: Partial<LoadLag> } = {}): LoadRow {
  const load = {
    round: 1,
    script: "ours",
    wire: "acs_media",
    traffic: "full duplex",
    callers: 50,
    gogc: "400",
  } as const;
  const counts = { receivedPerCallSec: 10, sentPerCallSec: 50, simulatorP99Ms: 1 };
  const costs = { cpuMsPerCallSec: 3, systemCpuMsPerCallSec: 1, rssBytes: 50e6, peakRssBytes: 60e6 };
  const health = {
    lag: { steadyP50Ms: 2, steadyP99Ms: 8, steadyMaxMs: 9, endP99Ms: 12, ...lag },
    turns: { all: 100, late: 3, lateAtEnd: 2 },
  };
  const rest = { simulatorCpuMsPerCallSec: 2, heap: null, collections: null, utterances: null };
  return { ...load, ...counts, ...costs, ...health, ...rest, ...more };
}

const file = (part: PartFile["part"], rows: readonly LoadRow[]): PartFile => ({
  part,
  date: "2026-01-31",
  machine: "2 cores",
  command: "make bench",
  pinned: false,
  rows,
});

/** The cells of a table's rows, without the head. */
const cells = (table: string) =>
  table
    .split("\n\n")[0]
    ?.split("\n")
    .slice(2)
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );

describe("the tables of the benchmark", () => {
  it("show the mean over the rounds of each script, and the ratio of the two", () => {
    const rows = [
      row({ cpuMsPerCallSec: 3 }),
      row({ cpuMsPerCallSec: 5, round: 2 }),
      row({ script: "bare", cpuMsPerCallSec: 2, systemCpuMsPerCallSec: 0.5 }),
    ];
    expect(cells(partTable(file("cpu", rows)))).toEqual([
      ["acs_media, full duplex", "4.00", "2.00", "2.00", "1.00", "0.50", "10.0", "10.0", "50.0", "50.0"],
    ]);
    expect([ratio(1, null), ratio(null, 1), ratio(1, 0)]).toEqual([null, null, null]);
  });

  it("take values per caller from the slope between the fewest and the most callers", () => {
    const heap: HeapCost = { liveObjects: 100_000, liveBytes: 20e6, allocatedBytesPerCallSec: 7e3 };
    const rows = [
      row({ callers: 20, rssBytes: 60e6, heap }),
      row({ callers: 120, rssBytes: 150e6, heap: { ...heap, liveObjects: 400_000, liveBytes: 60e6 } }),
    ].map((each) => ({ ...each, utterances: 5 }));
    expect(perCaller(rows, ({ rssBytes }) => rssBytes)).toBe(0.9e6);
    expect(perCaller(rows.slice(1), ({ rssBytes }) => rssBytes)).toBeNull();
    expect(perCaller(rows, () => null)).toBeNull();
    expect(cells(partTable(file("memory", rows)))).toEqual([
      ["ours, 5 utterances", "60", "150", "0.90", "400", "3000", "7", "3.00"],
    ]);
  });

  it("show the cost per call divided by that of the fewest callers", () => {
    const rows = [row({ callers: 10, cpuMsPerCallSec: 4 }), row({ callers: 200, cpuMsPerCallSec: 3 })];
    expect(cells(partTable(file("cost", rows)))).toEqual([
      ["10", "4.00", "1.00", "1.00", "8.0"],
      ["200", "3.00", "1.00", "0.75", "8.0"],
    ]);
  });

  it("show the lag of both scripts while steady and at the end, and the late turns of ours over all rounds", () => {
    const bare = row({ script: "bare", turns: { all: 0, late: 0, lateAtEnd: 0 }, lag: { endP99Ms: null } });
    const rows = [row(), row({ round: 2, lag: { steadyP99Ms: 10, steadyMaxMs: 70 } }), bare];
    expect(cells(partTable(file("held", rows)))).toEqual([
      ["50", "2.0 / 9.0 / 70.0", "12.0", "2.0 / 8.0 / 9.0", "-", "6 of 200", "4", "1.0 / 1.0"],
    ]);
  });

  it("show what each GOGC costs with each number of callers, and how many callers it holds", () => {
    const off = { gogc: "off", collections: { perMin: 0, meanMs: null } };
    const rows = [
      row({ gogc: "100", callers: 50, collections: { perMin: 25, meanMs: 60 } }),
      row({ gogc: "100", callers: 100, lag: { steadyP99Ms: 41 }, collections: { perMin: 40, meanMs: 120 } }),
      row({ ...off, callers: 50 }),
      row({ ...off, callers: 100, peakRssBytes: 2e9 }),
    ];
    const table = partTable(file("collections", rows));
    expect(cells(table)?.map((line) => [...line.slice(0, 3), ...line.slice(6)])).toEqual([
      ["50", "100", "2.0 / 8.0 / 9.0", "60", "2.00", "1.00", "25.0", "60"],
      ["50", "off", "2.0 / 8.0 / 9.0", "60", "2.00", "1.00", "0.0", "-"],
      ["100", "100", "2.0 / 41.0 / 9.0", "60", "2.00", "1.00", "40.0", "120"],
      ["100", "off", "2.0 / 8.0 / 9.0", "2000", "2.00", "1.00", "0.0", "-"],
    ]);
    expect(table).toContain("Callers held: 50 with GOGC=100, at least 100 with GOGC=off.");
  });

  it("count callers as held up to the first step that is late, steady or at the end, or that was not measured", () => {
    const steps = (lags: readonly (number | null)[], name: keyof LoadLag = "steadyP99Ms") =>
      lags.map((lagMs, at) => row({ callers: (at + 1) * 50, lag: { [name]: lagMs } }));
    expect(callersHeld(steps([10, 40, 41, 20]))).toBe(100);
    expect(callersHeld(steps([10, null, 20]))).toBe(50);
    expect(callersHeld(steps([41]))).toBe(0);
    expect(callersHeld(steps([10, null, 41, 20], "endP99Ms"))).toBe(100);
    const rounds = [row({ lag: { steadyP99Ms: 30 } }), row({ lag: { steadyP99Ms: 52 }, round: 2 })];
    expect(callersHeld(rounds)).toBe(0);
    const both = [...steps([10, 20]), ...steps([10, 50]).map((each) => ({ ...each, script: "bare" as const }))];
    expect(partTable(file("held", both))).toContain("Callers held: ours at least 100, bare 50; ratio 2.00.");
  });

  it("show the simulator's CPU as a share of one core", () => {
    const rows = [row({ script: "bare", callers: 250, simulatorCpuMsPerCallSec: 2 })];
    expect(cells(partTable(file("simulator", rows)))).toEqual([["250 calls, full duplex", "1.0", "50", "10.0"]]);
  });

  it("are written between the markers of their part, with their command; a document without them stays as it is", () => {
    const measured = [file("cpu", [row(), row({ script: "bare" })]), file("cost", [row()])];
    const text = withParts("# CPU\n<!-- bench:cpu:begin -->\nold\n<!-- bench:cpu:end -->\nrest\n", measured);
    expect(text).toMatch(/^# CPU\n<!-- bench:cpu:begin -->\n\nCPU of k6 in ms/);
    expect(text).toContain("Measured 2026-01-31 with `make bench` on\n2 cores. k6 and the simulator shared all cores.");
    expect(text).toMatch(/\|\n\n<!-- bench:cpu:end -->\nrest\n$/);
    expect(text).not.toContain("old");
    expect(withParts("# No tables", measured)).toBe("# No tables");
    expect(() => withParts("<!-- bench:cpu:begin -->", measured)).toThrow("expected <!-- bench:cpu:begin --> and");
  });

  it("have their first column at the left, and the others at the right", () => {
    expect(markdownTable(["a", "b"], [["x", "10"]])).toBe("| a |  b |\n| - | -: |\n| x | 10 |");
  });
});
