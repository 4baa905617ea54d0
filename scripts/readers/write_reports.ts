/** Writes the report files of a run: `summary.json`, `summary.md`, `junit.xml`, `stats.csv` and `report.html`. */

import { summaryJson } from "../../lib/report/summary_json.ts";
import { machineFacts } from "../results/machine_facts.ts";
import { type RunReport, reportFromLog } from "../results/report_from_log.ts";
import { junitXml } from "./junit_xml.ts";
import { reportHtml } from "./report_html.ts";
import { statsCsv } from "./stats_csv.ts";
import { summaryMd } from "./summary_md.ts";
import { type WriteFile, writeFiles } from "./write_files.ts";

/** Makes a run's report from its `run.json` and `log.jsonl`, and writes all files of it. Throws when one cannot be written. */
export async function writeReports(folder: string): Promise<RunReport> {
  const report = await reportFromLog(folder);
  const problem = await writeReportFiles(folder, report);
  if (problem !== null) throw new Error(problem);
  return report;
}

/**
 * Writes all files of a report into a run's folder, the smallest ones first: what fits on a full disk is written. Returns
 * a sentence on those that could not be written, or null. `summary` is the content of `summary.json`.
 */
export async function writeReportFiles(
  folder: string,
  report: RunReport,
  summary: object = summaryOf(report),
  write?: WriteFile,
): Promise<string | null> {
  const { run } = report;
  return writeFiles(
    folder,
    [
      ["summary.json", () => `${JSON.stringify(summary, null, 2)}\n`],
      ["summary.md", () => summaryMd(report)],
      ["junit.xml", () => junitXml(run)],
      ["stats.csv", () => statsCsv(run)],
      ["report.html", () => reportHtml(report)],
    ],
    write,
  );
}

/** The content of `summary.json` by a report from the log. */
export function summaryOf({ file, machine, run }: RunReport): object {
  return withMachineFacts({ ...summaryJson(run), k6: file.k6 }, machine);
}

/** Adds `generator.machine` to a `summary.json`: k6 itself cannot measure its machine. */
export function withMachineFacts<T extends object>(summary: T, machine: RunReport["machine"]): T {
  const facts = machineFacts(machine);
  const { generator } = summary as { readonly generator?: object };
  return facts === null ? summary : { ...summary, generator: { ...generator, machine: facts } };
}
