import { readFileSync } from "node:fs";
import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { reportFromLog, withVerdictOfK6 } from "../results/report_from_log.ts";
import { writeError } from "../setup/files.js";
import { makeSyntheticRun, type SyntheticRunOptions } from "./synthetic_run.ts";
import { writeReportFiles, writeReports } from "./write_reports.ts";

const matchesSchema = new Ajv2020().compile(JSON.parse(readFileSync("docs/summary.schema.json", "utf8")));

async function reportsOf(options: SyntheticRunOptions) {
  const folder = await makeSyntheticRun(options);
  const { run } = await writeReports(folder);
  const text = (name: string) => readFile(join(folder, name), "utf8");
  return { folder, run, text };
}

describe("the report files of a run", () => {
  it("are written from run.json and log.jsonl alone", async () => {
    const { folder, run } = await reportsOf({ turns: 60 });
    expect(run.verdict).toBe("PASS");
    expect((await readdir(folder)).sort()).toEqual([
      "junit.xml",
      "log.jsonl",
      "report.html",
      "run.json",
      "stats.csv",
      "summary.json",
      "summary.md",
    ]);
  });

  it("count each line once, also where it is in the log twice", async () => {
    const folder = await makeSyntheticRun({ turns: 40 });
    await appendFile(join(folder, "log.jsonl"), await readFile(join(folder, "log.jsonl")));
    const { run } = await writeReports(folder);
    expect([run.verdict, run.stats.turns?.count, run.stats.ttfb?.count]).toEqual(["PASS", 40, 40]);
    expect(run.remarks[0]).toMatch(/^44 lines of log.jsonl are in it more than once/);
  });

  it("report INTERRUPTED for a log without an end line, even when its last line is cut off", async () => {
    const folder = await makeSyntheticRun({ turns: 40, ends: false });
    await appendFile(join(folder, "log.jsonl"), '{"type":"turn","run":"x","ttf');
    const { run } = await writeReports(folder);
    expect(run.verdict).toBe("INTERRUPTED");
    expect(run.stats.turns?.count).toBe(40);
  });

  it("need no run.json where the log has a run line, as in a pod", async () => {
    const folder = await makeSyntheticRun({ turns: 40 });
    const { k6: _, ...runLine } = JSON.parse(await readFile(join(folder, "run.json"), "utf8"));
    const log = await readFile(join(folder, "log.jsonl"), "utf8");
    await rm(join(folder, "run.json"));
    await expect(writeReports(folder)).rejects.toThrow(/expected run.json, or a "run" line in log.jsonl, got neither/);
    await writeFile(join(folder, "log.jsonl"), `output of k6\n${JSON.stringify({ type: "run", ...runLine })}\n${log}`);
    expect((await writeReports(folder)).run.verdict).toBe("PASS");
  });

  it("hold the remarks of the run line once each, also after a killed run", async () => {
    const opening = { type: "run", remarks: ["known before", "the agent runs another"] };
    for (const ends of [true, false]) {
      const folder = await makeSyntheticRun({ turns: 40, ends });
      const log = await readFile(join(folder, "log.jsonl"), "utf8");
      await writeFile(join(folder, "log.jsonl"), `${JSON.stringify(opening)}\n${log}`);
      expect((await writeReports(folder)).run.remarks).toEqual(opening.remarks);
    }
  });

  it("report the dropped calls of an open load from the end line", async () => {
    const folder = await makeSyntheticRun({ turns: 40, settings: { CALLS_PER_SEC: "1" }, ends: false });
    const end = { type: "end", interrupted: false, droppedIterations: 3, remarks: ["the agent runs another"] };
    await appendFile(join(folder, "log.jsonl"), JSON.stringify(end));
    const { run } = await writeReports(folder);
    expect(run.reasons).toEqual(["3 calls found no free caller: raise USERS or lower CALLS_PER_SEC"]);
    expect(run.remarks).toContain("the agent runs another");
  });
});

describe("the report files of a run whose run.json is not whole", () => {
  const settings = /expected run.json, or a "run" line in log.jsonl, got neither: run.json is/;

  it("are made from the run line of the log where run.json is empty or cut off", async () => {
    const folder = await makeSyntheticRun({ turns: 40 });
    const [whole, log] = [await readFile(join(folder, "run.json"), "utf8"), await readFile(join(folder, "log.jsonl"))];
    for (const [text, problem] of [
      ["", "empty"],
      ["\0\0\0", "damaged"],
      [whole.slice(0, 300), "damaged"],
    ] as const) {
      await writeFile(join(folder, "run.json"), text);
      await writeFile(join(folder, "log.jsonl"), log);
      await expect(writeReports(folder)).rejects.toThrow(settings);
      const runLine = JSON.stringify({ type: "run", ...JSON.parse(whole) });
      await writeFile(join(folder, "log.jsonl"), `${runLine}\n${log}`);
      const { run } = await writeReports(folder);
      expect([run.verdict, run.remarks]).toEqual(["PASS", [`run.json is ${problem}: the inputs are those of the log`]]);
    }
  });

  it("are not made from a run.json of something else", async () => {
    const folder = await makeSyntheticRun({ turns: 40 });
    for (const file of [{}, { scenario: "other", settings: {}, thresholds: {} }]) {
      await writeFile(join(folder, "run.json"), JSON.stringify(file));
      await expect(writeReports(folder)).rejects.toThrow(/run.json: expected the scenario, settings and thresholds/);
    }
  });
});

describe("the report files on a disk that is full", () => {
  it("are written as far as they fit, the small ones first, and what is missing is named in one sentence", async () => {
    const report = await reportFromLog(await makeSyntheticRun({ turns: 40 }));
    const written: string[] = [];
    const sentence = await writeReportFiles("results/x", report, {}, async (path, text) => {
      if (text.length > 20_000) throw Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC" });
      written.push(path);
    });
    expect(written.map((path) => path.slice("results/x/".length))).toEqual([
      "summary.json",
      "summary.md",
      "junit.xml",
      "stats.csv",
    ]);
    expect(sentence).toBe("results/x: could not write report.html: the disk is full (ENOSPC)");
  });
});

describe("the report files in the folder of another user", () => {
  it("are named in one sentence that says once why none can be written", async () => {
    const report = await reportFromLog(await makeSyntheticRun({ turns: 40 }));
    const sentence = await writeReportFiles("results/x", report, {}, async (path) => {
      const cause = Object.assign(new Error(`EACCES: permission denied, open '${path}.part'`), { code: "EACCES" });
      throw writeError(path, cause);
    });
    const names = "summary.json, summary.md, junit.xml, stats.csv, report.html";
    const why = `permission denied for uid ${process.getuid?.()} (EACCES)`;
    expect(sentence).toBe(`results/x: could not write ${names}: ${why}`);
  });
});

describe("the report files of a run with an incomplete log", () => {
  it("are INVALID and begin with the number of missing lines, whatever the other lines say", async () => {
    for (const options of [{ turns: 60 }, { turns: 60, failsEvery: 4 }]) {
      const folder = await makeSyntheticRun(options);
      const lines = (await readFile(join(folder, "log.jsonl"), "utf8")).split("\n");
      await writeFile(join(folder, "log.jsonl"), lines.filter((_, index) => index < 10 || index >= 22).join("\n"));
      const { run } = await writeReports(folder);
      expect(run.verdict).toBe("INVALID");
      expect(run.reasons[0]).toMatch(/^12 of 66 lines of the log are missing/);
      expect(await readFile(join(folder, "summary.md"), "utf8")).toMatch(/^## Load test: INVALID\n\n- 12 of 66/);
    }
  });

  it("say how many lines are missing of an interrupted run, too", async () => {
    const folder = await makeSyntheticRun({ turns: 40, ends: false });
    const lines = (await readFile(join(folder, "log.jsonl"), "utf8")).split("\n");
    await writeFile(join(folder, "log.jsonl"), lines.filter((_, index) => index < 3 || index >= 5).join("\n"));
    const { run } = await writeReports(folder);
    expect([run.verdict, run.reasons[0]]).toEqual(["INTERRUPTED", expect.stringMatching(/^at least 2 lines/)]);
  });

  it("all give k6's verdict and name first what is missing", async () => {
    const folder = await makeSyntheticRun({ turns: 10, ends: false });
    const judged = { verdict: "PASS", reasons: ["every threshold of the target tier holds"] } as const;
    const report = await reportFromLog(folder);
    await writeReportFiles(folder, withVerdictOfK6(report, judged, "log.jsonl: expected 37 lines, got 11"));
    const text = (name: string) => readFile(join(folder, name), "utf8");
    expect(JSON.parse(await text("summary.json"))).toMatchObject(judged);
    expect(await text("report.html")).toContain("<h1>PASS</h1>");
    expect(await text("junit.xml")).toContain("the run is PASS");
    for (const name of ["report.html", "summary.md"]) {
      expect(await text(name)).toContain("every threshold of the target tier holds");
      expect(await text(name)).toMatch(/log.jsonl: expected 37 lines, got 11; the verdict is k6(&#39;|'|’)s own/);
    }
  });
});

describe("the report files of a run with machine samples", () => {
  const SAMPLE = { k6: 0.4, others: 1.6, stolen: 0, cores: 2, rssBytes: 2 ** 27 };
  const atMs = Date.UTC(2026, 0, 2, 3, 4, 5);

  /** A run in which every turn was late by `lagMs` while other programs used most of the CPU. */
  async function busyMachine(lagMs: number) {
    const folder = await makeSyntheticRun({ turns: 60 });
    const log = await readFile(join(folder, "log.jsonl"), "utf8");
    await writeFile(join(folder, "log.jsonl"), log.replaceAll('"lagMs":[2,3,2]', `"lagMs":[2,${lagMs},2]`));
    const lines = Array.from({ length: 90 }, (_, index) => JSON.stringify({ atMs: atMs + index * 1000, ...SAMPLE }));
    await writeFile(join(folder, "machine.jsonl"), `${lines.join("\n")}\n{"atMs":1767323`);
    const { run } = await writeReports(folder);
    return { run, text: (name: string) => readFile(join(folder, name), "utf8") };
  }

  it("show the CPU use in each file for people and in summary.json, which matches its schema", async () => {
    const { run, text } = await busyMachine(3);
    const summary = JSON.parse(await text("summary.json"));
    expect(matchesSchema(summary), JSON.stringify(matchesSchema.errors)).toBe(true);
    expect(summary.generator.machine).toMatchObject({ cores: 2, othersCores: { mean: 1.6, max: 1.6 }, pausedSec: 0 });
    const machineLine =
      "2 cores  k6 0.40 (max 0.40)  others 1.60 (max 1.60)  stolen 0.00 (max 0.00)  memory of k6 128 MB";
    for (const name of ["report.html", "summary.md"]) expect(await text(name)).toContain(machineLine);
    expect([run.verdict, run.reasons.length]).toEqual(["PASS", 1]);
  });

  it("give the cause of the lateness as the last reason of an INVALID run", async () => {
    const { run, text } = await busyMachine(200);
    expect(run.verdict).toBe("INVALID");
    expect(run.reasons[0]).toMatch(/^this machine was too slow/);
    expect(run.reasons.at(-1)).toMatch(/^other programs took the CPU/);
    expect(JSON.parse(await text("summary.json")).reasons).toEqual(run.reasons);
    expect(await text("report.html")).toContain("<li>other programs took the CPU");
  });
});

describe("summary.json", () => {
  it("matches its schema for runs of every kind", async () => {
    for (const options of [{ turns: 60 }, { turns: 60, failsEvery: 4 }, { turns: 0 }, { turns: 30, ends: false }]) {
      const summary = JSON.parse(await (await reportsOf(options)).text("summary.json"));
      expect(matchesSchema(summary), JSON.stringify(matchesSchema.errors)).toBe(true);
    }
  });

  it("does not match its schema when a field is missing or of another type", async () => {
    const summary = JSON.parse(await (await reportsOf({ turns: 30 })).text("summary.json"));
    expect(matchesSchema({ ...summary, verdict: "GREEN" })).toBe(false);
    expect(matchesSchema({ ...summary, metrics: { ttfb: { p95: "fast", grade: {} } } })).toBe(false);
    expect(matchesSchema({ ...summary, generator: undefined })).toBe(false);
  });
});

describe("stats.csv", () => {
  it("has a row for each series, with empty cells where there are too few samples for a percentile", async () => {
    const rows = (await (await reportsOf({ turns: 60 })).text("stats.csv")).trim().split("\n");
    expect(rows[0]).toBe("name,kind,count,avg,min,p50,p90,p95,p99,max,rate");
    expect(rows.find((row) => row.startsWith("ttfb,"))).toMatch(
      /^ttfb,trend,60,[\d.]+,[\d.]+,[\d.]+,[\d.]+,[\d.]+,,[\d.]+,$/,
    );
    expect(rows.find((row) => row.startsWith("ttfb/01,"))).toMatch(
      /^ttfb\/01,trend,6,[\d.]+,[\d.]+,[\d.]+,,,,[\d.]+,$/,
    );
    expect(rows.find((row) => row.startsWith("turn_success,"))).toBe("turn_success,rate,60,,,,,,,,1");
    for (const row of rows) expect(row.split(",")).toHaveLength(11);
    expect(rows.filter((row) => row.startsWith("stage")).map((row) => row.split(",")[0])).toEqual(["stage/stt"]);
  });
});

describe("junit.xml", () => {
  it("has a test case for each expression of each tier, and fails only in the tier that gates", async () => {
    const { text } = await reportsOf({ turns: 60, failsEvery: 12 });
    const xml = await text("junit.xml");
    expect(xml.match(/<testcase /g)).toHaveLength(13);
    expect(xml).toContain('<testsuite name="target (gates)" tests="4" failures="1" skipped="0">');
    expect(xml).toContain('message="turn_success is 91.7 %; wanted rate&gt;0.95"');
    expect(xml).toContain('<testsuite name="acceptable" tests="4" failures="0" skipped="0">');
    expect(xml).toMatch(
      /<testcase classname="verdict" name="the run is FAIL"><failure message="turn_success rate is 91.7 %/,
    );
  });

  it("fails where there are no samples", async () => {
    const xml = await (await reportsOf({ turns: 0 })).text("junit.xml");
    expect(xml).toContain('message="ttfb is no data; wanted p(95)&lt;2000"');
  });
});

describe("summary.md", () => {
  it("begins with the verdict and its reason, and grades every expression", async () => {
    const summary = await (await reportsOf({ turns: 60, failsEvery: 12 })).text("summary.md");
    expect(summary).toMatch(/^## Load test: FAIL\n\n- turn\\_success rate is 91.7 %/);
    expect(summary).toContain("| turn\\_success | 91.7 % | rate\\>0.95 **FAIL** | rate\\>0.90 ok | rate\\>0.85 ok |");
    expect(summary).toContain("| rate/openai | 5 |");
  });
});
