import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { makeRun } from "../readers/synthetic_run.ts";
import { mergeRuns } from "./merge.ts";
import { reportFromLog } from "./report_from_log.ts";

const merged: string[] = [];

async function merge(...folders: string[]) {
  const folder = await mergeRuns(folders);
  merged.push(folder);
  return reportFromLog(folder);
}

afterAll(async () => {
  for (const folder of merged) await rm(folder, { recursive: true });
});

describe("the parts of one run", () => {
  it("are judged together: no single part's P95 is the gate", async () => {
    const parts = [await makeRun({ turns: 60 }), await makeRun({ turns: 40, firstVu: 51, failsEvery: 4 })];
    const { run } = await merge(...parts);
    expect(run.stats.turns?.count).toBe(100);
    expect(run.stats.calls?.count).toBe(10);
    expect(run.verdict).toBe("FAIL");
    expect(run.reasons[0]).toMatch(/^turn_success rate is 90.0 %/);
    expect(run.remarks).toEqual([`merged from ${parts.join(", ")}`]);
  });

  it("have the load that each was told of when they are segments of it, and the sum of their loads otherwise", async () => {
    const segment = (firstVu: number) => makeRun({ turns: 40, firstVu });
    expect((await merge(await segment(1), await segment(51))).run.settings.USERS).toBe(15);
    const machine = await makeRun({ turns: 40 });
    const other = await makeRun({ turns: 40, prefix: "other" });
    expect((await merge(machine, other)).run.settings).toMatchObject({ USERS: 30, SPAWN_RATE: 4 });
  });

  it("are interrupted when one of them was", async () => {
    const { run } = await merge(await makeRun({ turns: 40 }), await makeRun({ turns: 40, firstVu: 51, ends: false }));
    expect(run.verdict).toBe("INTERRUPTED");
  });

  it("cannot hold the same call twice, as a run that is merged with itself would", async () => {
    const folder = await makeRun({ turns: 20 });
    await expect(mergeRuns([folder, folder])).rejects.toThrow(
      `${folder}: expected calls of its own, got k6va-1-000000`,
    );
  });

  it("must have been asked for the same", async () => {
    const folder = await makeRun({ turns: 20 });
    const other = await makeRun({ turns: 20, firstVu: 51, settings: { GATE: "alert" } });
    await expect(mergeRuns([folder, other])).rejects.toThrow(
      `GATE: expected "target" in ${other} as in ${folder}, got "alert"`,
    );
    await expect(mergeRuns([join(folder, "nowhere")])).rejects.toThrow(/expected run.json/);
  });
});
