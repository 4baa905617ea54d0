import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { GoVariables } from "../../lib/report/go_variables.ts";
import { makeSyntheticRun } from "../readers/synthetic_run.ts";
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
  it("are judged together, not by the P95 of each part", async () => {
    const parts = [
      await makeSyntheticRun({ turns: 60 }),
      await makeSyntheticRun({ turns: 40, firstVu: 51, failsEvery: 4 }),
    ];
    const { run } = await merge(...parts);
    expect(run.stats.turns?.count).toBe(100);
    expect(run.stats.calls?.count).toBe(10);
    expect(run.verdict).toBe("FAIL");
    expect(run.reasons[0]).toMatch(/^turn_success rate is 90.0 %/);
    expect(run.remarks).toEqual([`merged from ${parts.join(", ")}`]);
  });

  it("have the load of each part when they are segments, and the sum of their loads otherwise", async () => {
    const segment = (firstVu: number) => makeSyntheticRun({ turns: 40, firstVu });
    expect((await merge(await segment(1), await segment(51))).run.settings.USERS).toBe(15);
    const machine = await makeSyntheticRun({ turns: 40 });
    const other = await makeSyntheticRun({ turns: 40, prefix: "other" });
    expect((await merge(machine, other)).run.settings).toMatchObject({ USERS: 30, SPAWN_RATE: 4 });
  });

  it("are INTERRUPTED when one of them was", async () => {
    const { run } = await merge(
      await makeSyntheticRun({ turns: 40 }),
      await makeSyntheticRun({ turns: 40, firstVu: 51, ends: false }),
    );
    expect(run.verdict).toBe("INTERRUPTED");
  });

  it("cannot hold a call twice, as a run merged with itself would", async () => {
    const folder = await makeSyntheticRun({ turns: 20 });
    await expect(mergeRuns([folder, folder])).rejects.toThrow(
      `${folder}: expected calls of its own, got k6va-1-000000`,
    );
  });

  it("lack what one of them lacks", async () => {
    const part = await makeSyntheticRun({ turns: 40, firstVu: 51 });
    const log = await readFile(join(part, "log.jsonl"), "utf8");
    await writeFile(
      join(part, "log.jsonl"),
      log
        .split("\n")
        .filter((_, index) => index < 5 || index >= 12)
        .join("\n"),
    );
    const whole = await makeSyntheticRun({ turns: 40 });
    for (const folders of [
      [part, whole],
      [whole, part],
    ]) {
      const { run } = await merge(...folders);
      expect(run.verdict).toBe("INVALID");
      expect(run.reasons[0]).toMatch(/^7 of 88 lines of the log are missing/);
    }
  });

  it("can be merged again with others", async () => {
    const halves = [await makeSyntheticRun({ turns: 40 }), await makeSyntheticRun({ turns: 40, firstVu: 51 })];
    const half = await mergeRuns(halves);
    merged.push(half);
    const { log, run } = await merge(half, await makeSyntheticRun({ turns: 20, firstVu: 101 }));
    expect([run.verdict, log.lines]).toEqual(["PASS", expect.objectContaining({ read: 110, written: 110 })]);
  });

  it("say that they had other variables of Go, and keep those of each", async () => {
    const [used, unset] = [
      { GOGC: "1600", GOMEMLIMIT: "6144MiB", GOMAXPROCS: "4" },
      { GOGC: null, GOMEMLIMIT: null, GOMAXPROCS: null },
    ];
    const part = (firstVu: number, go: GoVariables) => makeSyntheticRun({ turns: 40, firstVu, go });
    const { file, run } = await merge(await part(1, used), await part(51, unset), await part(101, used));
    expect([file.go, run.go]).toEqual([used, [used, unset]]);
    expect(run.verdict).toBe("PASS");
  });

  it("must have the same settings", async () => {
    const folder = await makeSyntheticRun({ turns: 20 });
    const other = await makeSyntheticRun({ turns: 20, firstVu: 51, settings: { GATE: "alert" } });
    await expect(mergeRuns([folder, other])).rejects.toThrow(
      `GATE: expected "target" in ${other} as in ${folder}, got "alert"`,
    );
    await expect(mergeRuns([join(folder, "nowhere")])).rejects.toThrow(/expected run.json/);
  });
});
