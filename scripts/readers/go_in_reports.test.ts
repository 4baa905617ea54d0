import { readFileSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";

import { reportText } from "../../lib/report/report_text.ts";
import { makeSyntheticRun } from "./synthetic_run.ts";
import { writeReports } from "./write_reports.ts";

const matchesSchema = new Ajv2020().compile(JSON.parse(readFileSync("docs/summary.schema.json", "utf8")));

const USED = { GOGC: "1600", GOMEMLIMIT: "18000MiB", GOMAXPROCS: "4" };
const TEXT = "GOGC=1600  GOMEMLIMIT=18000MiB  GOMAXPROCS=4";

/** Writes the report of a run and returns it with its files. */
async function reportOf(folder: string) {
  const { run } = await writeReports(folder);
  const text = (name: string) => readFile(join(folder, name), "utf8");
  const summary = JSON.parse(await text("summary.json"));
  expect(matchesSchema(summary), JSON.stringify(matchesSchema.errors)).toBe(true);
  return { run, summary, page: await text("report.html"), markdown: await text("summary.md") };
}

/** Puts these lines at the begin of a run's log. */
async function putFirst(folder: string, lines: readonly object[]): Promise<void> {
  const log = await readFile(join(folder, "log.jsonl"), "utf8");
  const first = lines.map((line) => `${JSON.stringify({ type: "run", ...line })}\n`);
  await writeFile(join(folder, "log.jsonl"), first.join("") + log);
}

describe("the variables of Go that a run used", () => {
  it("are in every file that a person or a program reads", async () => {
    const { markdown, page, run, summary } = await reportOf(await makeSyntheticRun({ turns: 40, go: USED }));
    expect(summary.generator.go).toEqual([USED]);
    expect(page).toContain(`<th scope="row">garbage collector of k6</th><td>${TEXT}</td>`);
    expect(markdown).toContain(`collector: ${TEXT}`);
    expect(reportText(run)).toContain(`\ncollector  ${TEXT}\n`);
  });

  it("are taken from the run line where there is no run.json, as in a pod", async () => {
    const folder = await makeSyntheticRun({ turns: 40 });
    const { k6: _, ...line } = JSON.parse(await readFile(join(folder, "run.json"), "utf8"));
    await rm(join(folder, "run.json"));
    await putFirst(folder, [{ ...line, process: "p1", go: USED }]);
    expect((await reportOf(folder)).summary.generator.go).toEqual([USED]);
  });

  it("are those of every process, where several wrote one log", async () => {
    const folder = await makeSyntheticRun({ turns: 40, go: USED });
    const other = { ...USED, GOGC: null };
    await putFirst(folder, [
      { process: "p1", go: USED },
      { process: "p2", go: other },
    ]);
    const { page, summary } = await reportOf(folder);
    expect(summary.generator.go).toEqual([USED, other]);
    expect(page).toContain(`${TEXT}  (the first of 2 that differ between processes)`);
  });

  it("are not known of a run of an earlier version, whose report is made all the same", async () => {
    const folder = await makeSyntheticRun({ turns: 40 });
    const { go: _, ...earlier } = JSON.parse(await readFile(join(folder, "run.json"), "utf8"));
    await writeFile(join(folder, "run.json"), JSON.stringify(earlier));
    await putFirst(folder, [{ process: "p1" }]);
    const { markdown, run, summary } = await reportOf(folder);
    expect([run.verdict, summary.generator.go]).toEqual(["PASS", []]);
    expect(markdown).toContain("collector: not known");
  });

  it("make a line of the log damaged where they are something else", async () => {
    const folder = await makeSyntheticRun({ turns: 40, go: USED });
    await putFirst(folder, [{ process: "p1", go: { GOGC: 400 } }]);
    const { run } = await reportOf(folder);
    expect([run.verdict, run.reasons[0]]).toEqual([
      "INVALID",
      expect.stringMatching(/^1 lines? of log.jsonl (is|are) damaged/),
    ]);
  });
});
