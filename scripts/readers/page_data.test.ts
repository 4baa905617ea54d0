import { describe, expect, it } from "vitest";

import { type RunReport, reportFromLog } from "../results/report_from_log.ts";
import { pageData } from "./page_data.ts";
import { makeSyntheticRun, type SyntheticRunOptions } from "./synthetic_run.ts";

const page = async (options: SyntheticRunOptions, change: (report: RunReport) => RunReport = (same) => same) =>
  pageData(change(await reportFromLog(await makeSyntheticRun(options))));

describe("the data of a report page", () => {
  it("begins at the first dial and holds all turns in the order of their ends of speech", async () => {
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

  it("counts the open calls, including those of a killed run that have no call line", async () => {
    const whole = await page({ turns: 30 });
    expect(Math.max(...whole.callers.values)).toBe(3);
    expect(whole.callers.values.at(-1)).toBe(0);
    const killed = await page({ turns: 30, ends: false }, (report) => ({
      ...report,
      log: { ...report.log, calls: [] },
    }));
    expect(Math.max(...killed.callers.values)).toBe(3);
  });

  it("has a lane for each kind of fault, and at most twelve lanes", async () => {
    const { lanes, marks } = await page({ turns: 40, failsEvery: 10 });
    expect(lanes).toEqual(["rate_limit:openai"]);
    expect(marks.map(({ lane, turn }) => [lane, turn >= 0])).toEqual(Array(4).fill([0, true]));
    const many = await page({ turns: 40 }, (report) => ({
      ...report,
      log: { ...report.log, turns: report.log.turns.map((turn, index) => ({ ...turn, faults: [`err:${index}`] })) },
    }));
    expect(many.lanes).toHaveLength(12);
    expect(many.lanes.at(-1)).toBe("others");
    expect(Math.max(...many.marks.map(({ lane }) => lane))).toBe(11);
  });

  it("holds the P95 limits of all tiers, the strictest tier first", async () => {
    const { limits } = await page({ turns: 1 });
    expect(limits.ttfb).toEqual([
      { tier: "target", ms: 2000 },
      { tier: "acceptable", ms: 3000 },
      { tier: "alert", ms: 4000 },
    ]);
  });

  it("holds the highest send lag of any call for each second of the run", async () => {
    const { sendLag } = await page({ turns: 30 }, (report) => ({
      ...report,
      log: {
        ...report.log,
        turns: report.log.turns.map((turn, index) => (index === 4 ? { ...turn, lagMs: [1, 33, 2] } : turn)),
      },
    }));
    expect(Math.max(...sendLag.values)).toBe(33);
    expect([...sendLag.atMs].sort((a, b) => a - b)).toEqual(sendLag.atMs);
  });
});
