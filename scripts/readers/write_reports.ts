/** Writes every reader of a run into its folder. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { summaryJson } from "../../lib/report/summary.ts";
import { machineFacts } from "../results/machine_facts.ts";
import { type Reread, reportFromLog } from "../results/report_from_log.ts";
import { junitXml } from "./junit_xml.ts";
import { reportHtml } from "./report_html.ts";
import { statsCsv } from "./stats_csv.ts";
import { summaryMd } from "./summary_md.ts";

/**
 * Reads a run's `run.json` and `log.jsonl` and writes all readers beside them; returns what they say. `seen` puts right
 * what the log cannot know.
 */
export async function writeReaders(folder: string, seen = (reread: Reread) => reread): Promise<Reread> {
  const reread = seen(await reportFromLog(folder));
  const files = await readersOf(reread);
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return reread;
}

/** All readers of a run, by the name of their file. */
async function readersOf(reread: Reread): Promise<Readonly<Record<string, string>>> {
  const { file, machine, run } = reread;
  return {
    "summary.json": `${JSON.stringify(withMachine({ ...summaryJson(run), k6: file.k6 }, machine), null, 2)}\n`,
    "stats.csv": statsCsv(run),
    "junit.xml": junitXml(run),
    "summary.md": summaryMd(reread),
    "report.html": await reportHtml(reread),
  };
}

/** Adds what k6 could not know of its machine to a `summary.json`. */
export function withMachine<T extends object>(summary: T, machine: Reread["machine"]): T {
  const facts = machineFacts(machine);
  const { generator } = summary as { readonly generator?: object };
  return facts === null ? summary : { ...summary, generator: { ...generator, machine: facts } };
}
