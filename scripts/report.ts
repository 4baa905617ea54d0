/**
 * `make report` (`report.ts FOLDER...`): writes the report files of a run again from its `run.json` and `log.jsonl`,
 * also after a killed run. Several folders are the parts of one run: they are merged into a new run folder first.
 */

import { basename, join } from "node:path";

import { reportText } from "../lib/report/report_text.ts";
import { writeReportFiles } from "./readers/write_reports.ts";
import { machineFacts, machineText } from "./results/machine_facts.ts";
import { mergeRuns } from "./results/merge.ts";
import { reportFromLog } from "./results/report_from_log.ts";
import { fail } from "./run/terminal.ts";

/** Writes and prints the report of one run, or of several folders that are the parts of one run. */
async function report(folders: readonly string[]): Promise<void> {
  const [first] = folders;
  if (first === undefined) throw new Error('RUN: expected a folder of results/, or several, got ""');
  const folder = folders.length === 1 ? first : await mergeRuns(folders, process.env.RESULTS_DIR);
  const made = await reportFromLog(folder);
  const problem = await writeReportFiles(folder, made);
  console.log(reportText(made.run));
  const facts = machineFacts(made.machine);
  if (facts !== null) console.log(`machine    ${machineText(facts)}`);
  console.log(`${join(folder, "report.html")}  (${folders.map((path) => basename(path)).join(" + ")})`);
  if (problem !== null) throw new Error(problem);
}

await report(process.argv.slice(2)).catch(fail);
