import { describe, expect, it } from "vitest";

import { reportFromLog } from "../results/report_from_log.ts";
import { readLog } from "../results/run_folder.ts";
import { scanLog } from "../results/scan_log.ts";
import { ShownLogBuilder } from "../results/shown_log.ts";
import { pageData } from "./page_data.ts";
import { makeSyntheticRun, type SyntheticRunOptions } from "./synthetic_run.ts";

const page = async (options: SyntheticRunOptions) => pageData(await reportFromLog(await makeSyntheticRun(options)));

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
    const killed = await page({ turns: 30, ends: false, callLines: false });
    expect(Math.max(...killed.callers.values)).toBe(3);
  });

  it("has a lane for each kind of fault, and at most twelve lanes", async () => {
    const { lanes, marks } = await page({ turns: 40, failsEvery: 10 });
    expect(lanes).toEqual(["rate_limit:openai"]);
    expect(marks.map(({ lane, turn }) => [lane, turn >= 0])).toEqual(Array(4).fill([0, true]));
    const many = await page({ turns: 40, change: (turn, index) => ({ ...turn, faults: [`err:${index}`] }) });
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
    const { sendLag } = await page({
      turns: 30,
      change: (turn, index) => (index === 4 ? { ...turn, lagMs: [1, 33, 2] } : turn),
    });
    expect(Math.max(...sendLag.values)).toBe(33);
    expect([...sendLag.atMs].sort((a, b) => a - b)).toEqual(sendLag.atMs);
  });

  it("holds a random sample of the turns of a long run, all that is listed, every kind of fault and the exact percentiles", async () => {
    const change: SyntheticRunOptions["change"] = (turn, index) =>
      index === 777 ? { ...turn, outcome: "agent_error", faults: ["err:rare"] } : turn;
    const folder = await makeSyntheticRun({ turns: 1000, change });
    const builder = new ShownLogBuilder(200);
    await scanLog(folder, builder);
    const report = { ...(await reportFromLog(folder)), shown: builder.build() };
    const data = pageData(report);
    expect(data.turns.atMs.length).toBeGreaterThanOrEqual(200);
    expect(data.turns.atMs.length).toBeLessThan(260);
    expect(data.lanes).toEqual(["err:rare"]);
    const drawn = new Set(report.shown.turns);
    expect([...report.shown.failed, ...report.shown.slowest].filter((turn) => !drawn.has(turn))).toEqual([]);
    expect(data.percentiles.ttfb?.map(({ p, ms }) => [`p(${p})`, ms])).toEqual(
      ["p(50)", "p(95)", "p(99)"].map((name) => [name, report.run.stats.ttfb?.[name]]),
    );
    expect((await page({ turns: 30 })).percentiles).toEqual({});
  });

  it("has a bounded number of steps in the line of open calls, with the highest numbers in it", async () => {
    const folder = await makeSyntheticRun({ turns: 10 });
    const [call] = (await readLog(folder)).calls;
    if (call === undefined) throw new Error("expected a call");
    const builder = new ShownLogBuilder();
    for (let index = 0; index < 9000; index += 1) {
      const connectedAtMs = call.dialAtMs + index * 100;
      builder.call({ ...call, call: `c${index}`, connectedAtMs, closedAtMs: connectedAtMs + 950 });
    }
    const { callers } = pageData({ ...(await reportFromLog(folder)), shown: builder.build() });
    expect(callers.atMs.length).toBeLessThan(4100);
    expect(Math.max(...callers.values)).toBe(10);
    expect(callers.values.at(-1)).toBe(0);
  });
});
