import { describe, expect, it } from "vitest";

import { type Reread, reportFromLog } from "../results/report_from_log.ts";
import { pageData } from "./page_data.ts";
import { makeRun } from "./synthetic_run.ts";

const page = async (made: Parameters<typeof makeRun>[0], change: (reread: Reread) => Reread = (same) => same) =>
  pageData(change(await reportFromLog(await makeRun(made))));

describe("the data of a report page", () => {
  it("begins at the first dial, and has every turn in the order of its end of speech", async () => {
    const { calls, lengthMs, startedAtMs, turns } = await page({ turns: 30 });
    expect(new Date(startedAtMs).toISOString()).toBe("2026-01-02T03:04:05.000Z");
    expect(turns.atMs).toHaveLength(30);
    expect(turns.atMs[0]).toBe(3000);
    expect([...turns.atMs].sort((a, b) => a - b)).toEqual(turns.atMs);
    expect(lengthMs).toBeGreaterThanOrEqual(turns.atMs.at(-1) ?? 0);
    expect(calls).toEqual(["k6va-1-000000", "k6va-1-000001", "k6va-1-000002"]);
    expect(turns.numbers.eosAtMs?.[0]).toBe(3000);
    expect(turns.numbers.ttfbMs?.[0]).toBe(600);
  });

  it("counts the calls that are up, also those of a killed run that left no record", async () => {
    const whole = await page({ turns: 30 });
    expect(Math.max(...whole.callers.values)).toBe(3);
    expect(whole.callers.values.at(-1)).toBe(0);
    const killed = await page({ turns: 30, ends: false }, (reread) => ({
      ...reread,
      log: { ...reread.log, calls: [] },
    }));
    expect(Math.max(...killed.callers.values)).toBe(3);
  });

  it("has a lane for each kind of fault, twelve at most", async () => {
    const { lanes, marks } = await page({ turns: 40, failsEvery: 10 });
    expect(lanes).toEqual(["rate_limit:openai"]);
    expect(marks.map(({ lane, turn }) => [lane, turn >= 0])).toEqual(Array(4).fill([0, true]));
    const many = await page({ turns: 40 }, (reread) => ({
      ...reread,
      log: { ...reread.log, turns: reread.log.turns.map((turn, index) => ({ ...turn, faults: [`err:${index}`] })) },
    }));
    expect(many.lanes).toHaveLength(12);
    expect(many.lanes.at(-1)).toBe("others");
    expect(Math.max(...many.marks.map(({ lane }) => lane))).toBe(11);
  });

  it("draws the limits of P95, the strictest tier's first", async () => {
    const { limits } = await page({ turns: 1 });
    expect(limits.ttfb).toEqual([
      { tier: "target", ms: 2000 },
      { tier: "acceptable", ms: 3000 },
      { tier: "alert", ms: 4000 },
    ]);
  });

  it("gives each second of the run the worst lateness of any call", async () => {
    const { sendLag } = await page({ turns: 30 }, (reread) => ({
      ...reread,
      log: {
        ...reread.log,
        turns: reread.log.turns.map((turn, index) => (index === 4 ? { ...turn, lagMs: [1, 33, 2] } : turn)),
      },
    }));
    expect(Math.max(...sendLag.values)).toBe(33);
    expect([...sendLag.atMs].sort((a, b) => a - b)).toEqual(sendLag.atMs);
  });
});
