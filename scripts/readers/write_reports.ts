/** Writes the report files of a run: `summary.json`, `stats.csv`, `junit.xml`, `summary.md` and `report.html`. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { summaryJson } from "../../lib/report/summary_json.ts";
import { machineFacts } from "../results/machine_facts.ts";
import { type RunReport, reportFromLog } from "../results/report_from_log.ts";
import { junitXml } from "./junit_xml.ts";
import { reportHtml } from "./report_html.ts";
import { statsCsv } from "./stats_csv.ts";
import { summaryMd } from "./summary_md.ts";

/**
 * Reads a run's `run.json` and `log.jsonl`, writes all report files into the same folder and returns the report.
 * `correct` changes the report before it is written, where the log is incomplete.
 */
export async function writeReports(folder: string, correct = (report: RunReport) => report): Promise<RunReport> {
  const report = correct(await reportFromLog(folder));
  const files = await reportTexts(report);
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return report;
}

/** The texts of all report files by file name. */
async function reportTexts(report: RunReport): Promise<Readonly<Record<string, string>>> {
  const { file, machine, run } = report;
  return {
    "summary.json": `${JSON.stringify(withMachineFacts({ ...summaryJson(run), k6: file.k6 }, machine), null, 2)}\n`,
    "stats.csv": statsCsv(run),
    "junit.xml": junitXml(run),
    "summary.md": summaryMd(report),
    "report.html": await reportHtml(report),
  };
}

/** Adds `generator.machine` to a `summary.json`: k6 itself cannot measure its machine. */
export function withMachineFacts<T extends object>(summary: T, machine: RunReport["machine"]): T {
  const facts = machineFacts(machine);
  const { generator } = summary as { readonly generator?: object };
  return facts === null ? summary : { ...summary, generator: { ...generator, machine: facts } };
}
