import { describe, expect, it } from "vitest";

import { seededRandom } from "../statistics/seeded_random.ts";
import type { CallValues } from "./call_values.ts";
import { readMargin } from "./margin.ts";
import { measureRun } from "./measures.ts";
import { measuredRows } from "./row_tests.ts";
import { judgeRows } from "./row_verdicts.ts";
import type { ComparedRow } from "./rows.ts";

const MARGIN = readMargin("50ms,2pp");

/** What a run is made of. */
interface Made {
  readonly seed: number;
  readonly calls?: number;
  readonly turns?: number;
  /** Of all its ttfb. */
  readonly shiftMs?: number;
  /** How far ttfb spreads. */
  readonly spreadMs?: number;
  /** How many turns of each call fail. */
  readonly failed?: number;
}

/** A run whose ttfb is spread evenly above one second. */
function made({ calls = 30, failed = 0, seed, shiftMs = 0, spreadMs = 200, turns = 20 }: Made): CallValues[] {
  const random = seededRandom(seed);
  return Array.from({ length: calls }, () => ({
    times: { ttfb: Array.from({ length: turns }, () => 1000 + shiftMs + spreadMs * random()) },
    shares: { turn_success: { hits: turns - failed, trials: turns } },
  }));
}

function rowsOf(bases: readonly Made[], run: Made, gated = ""): Readonly<Record<string, ComparedRow>> {
  const [ofRun, ...ofBases] = [run, ...bases].map((one, at) => measureRun(made(one), { resamples: 500, seed: at }));
  const rows = judgeRows(
    measuredRows(ofBases, ofRun ?? new Map(), ({ name }) => name === gated),
    MARGIN,
  );
  return Object.fromEntries(rows.map((row) => [row.name, row]));
}

describe("a row", () => {
  it("is slower where a rise is beyond noise and beyond the margin, and faster the other way round", () => {
    const slower = rowsOf([{ seed: 1 }], { seed: 2, shiftMs: 80 })["ttfb P95"];
    expect(slower).toMatchObject({
      verdict: "slower",
      margin: 50,
      unit: "ms",
      needs: null,
      baseSize: { calls: 30, samples: 600 },
    });
    expect(slower?.difference).toBeCloseTo((slower?.run ?? 0) - (slower?.base ?? 0), 9);
    expect(slower?.interval?.[0]).toBeGreaterThan(50);
    expect(slower?.pWorse).toBeLessThan(0.01);
    expect(rowsOf([{ seed: 1, shiftMs: 80 }], { seed: 2 })["ttfb P95"]).toMatchObject({ verdict: "faster" });
  });

  it("is the same where a rise or a fall is beyond noise, but not beyond the margin", () => {
    const rise = rowsOf([{ seed: 1 }], { seed: 2, shiftMs: 25 })["ttfb P95"];
    expect(rise?.pWorse).toBeLessThan(0.04);
    expect(rise).toMatchObject({ verdict: "same" });
    const fall = rowsOf([{ seed: 1, shiftMs: 25 }], { seed: 2 })["ttfb P95"];
    expect(fall?.pBetter).toBeLessThan(0.04);
    expect(fall).toMatchObject({ verdict: "same" });
  });

  it("that the gate judges is tested with more of the false alarms that are allowed", () => {
    const pWorse = (gated: string) => rowsOf([{ seed: 1 }], { seed: 2, shiftMs: 8 }, gated)["ttfb P95"]?.pWorse ?? 1;
    expect(pWorse("ttfb P95")).toBeLessThan(pWorse("turn_success") / 1.3);
  });

  it("cannot be told where the interval still holds a rise beyond the margin, and says how many calls would do", () => {
    const row = rowsOf([{ seed: 1, spreadMs: 2000, turns: 5 }], { seed: 2, spreadMs: 2000, turns: 5 })["ttfb P50"];
    expect(row).toMatchObject({ verdict: "cannot_tell" });
    expect(row?.interval?.[1]).toBeGreaterThan(50);
    expect(row?.needs).toMatch(/^(about \d+(\.\d)?|more than 20) times as many calls$/);
  });

  it("cannot be told with five calls, however large the difference", () => {
    const row = rowsOf([{ seed: 1, calls: 30 }], { seed: 2, calls: 5, shiftMs: 500 })["ttfb P50"];
    expect(row).toMatchObject({
      verdict: "cannot_tell",
      interval: null,
      pWorse: null,
      needs: "at least 6 calls with values in each run",
    });
    expect(row?.difference).toBeGreaterThan(400);
  });

  it("of a P95 cannot be told with 58 values, one of a median can", () => {
    const few = rowsOf([{ seed: 1, calls: 29, turns: 2 }], { seed: 2, calls: 30, shiftMs: 500 });
    expect(few["ttfb P95"]).toMatchObject({ verdict: "cannot_tell", needs: "at least 59 values in each run" });
    expect(few["ttfb P50"]).toMatchObject({ verdict: "slower" });
  });

  it("cannot be told where one side has no values, and is not there where neither has", () => {
    const without = made({ seed: 1 }).map(({ shares }) => ({ times: {}, shares }));
    const [base, run] = [made({ seed: 2 }), without].map((calls) => measureRun(calls, { resamples: 100, seed: 1 }));
    const rows = judgeRows(
      measuredRows([base ?? new Map()], run ?? new Map(), () => false),
      MARGIN,
    );
    expect(rows.map(({ name, needs, verdict }) => ({ name, needs, verdict }))).toEqual([
      { name: "ttfb P50", verdict: "cannot_tell", needs: "values in the run" },
      { name: "ttfb P95", verdict: "cannot_tell", needs: "values in the run" },
      { name: "turn_success", verdict: "same", needs: null },
    ]);
  });

  it("of a share is slower where more fail, beyond the margin in percentage points", () => {
    const rows = rowsOf([{ seed: 1 }], { seed: 2, failed: 1 });
    expect(rows.turn_success).toMatchObject({ verdict: "slower", unit: "share", relative: null, margin: 0.02 });
    expect(rows.turn_success?.difference).toBeCloseTo(-0.05, 9);
    expect(rowsOf([{ seed: 1, failed: 1 }], { seed: 2 }).turn_success).toMatchObject({ verdict: "faster" });
  });

  it("of a share without a failure is not certain: nothing failed of 60 leaves room for several percent", () => {
    const few = { calls: 30, turns: 2 };
    const row = rowsOf([{ seed: 1, ...few }], { seed: 2, ...few }).turn_success;
    expect(row).toMatchObject({ base: 1, run: 1, difference: 0, verdict: "cannot_tell" });
    expect(row?.interval?.[0]).toBeLessThan(-0.02);
  });
});

describe("several bases", () => {
  it("that differ from one another by more than their calls show leave a rise within the noise between runs", () => {
    const bases = [0, 90, 180].map((shiftMs, at) => ({ seed: at + 1, shiftMs }));
    const row = rowsOf(bases, { seed: 9, shiftMs: 250 })["ttfb P50"];
    expect(row).toMatchObject({ verdict: "cannot_tell", needs: "more base runs" });
    expect(row?.betweenRuns).toBeGreaterThan(60);
    expect(row?.betweenRuns).toBeLessThan(120);
    expect(row?.base).toBeGreaterThan(1150);
    expect(rowsOf(bases.slice(1, 2), { seed: 9, shiftMs: 250 })["ttfb P50"]).toMatchObject({
      verdict: "slower",
      betweenRuns: null,
    });
  });

  it("that are alike make the base more certain", () => {
    const width = (row: ComparedRow | undefined) => (row?.interval?.[1] ?? 0) - (row?.interval?.[0] ?? 0);
    const one = rowsOf([{ seed: 1 }], { seed: 9 })["ttfb P50"];
    const alike = [1, 1, 1].map((seed) => ({ seed }));
    const three = rowsOf(alike, { seed: 9 })["ttfb P50"];
    expect(three?.betweenRuns).toBe(0);
    expect(width(three)).toBeLessThan(0.9 * width(one));
  });
});
