/** Writes every reader of a run into its folder. */

import { writeFile } from "node:fs/promises";
import { join } from "node:path";

import { type Run, summaryJson } from "../../lib/summary.ts";
import { type Reread, reportFromLog } from "../rereport.ts";
import { reportHtml } from "./html.ts";
import { junitXml } from "./junit.ts";
import { statsCsv } from "./stats_csv.ts";
import { summaryMd } from "./summary_md.ts";

/**
 * Reads a run's `run.json` and `log.jsonl` and writes all readers beside them; returns what they say. `seen` puts right
 * what the log cannot know.
 */
export async function writeReaders(folder: string, seen = (reread: Reread) => reread): Promise<Run> {
  const reread = seen(await reportFromLog(folder));
  const files = await readersOf(reread);
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)));
  return reread.run;
}

/** All readers of a run, by the name of their file. */
async function readersOf(reread: Reread): Promise<Readonly<Record<string, string>>> {
  const { file, run } = reread;
  return {
    "summary.json": `${JSON.stringify({ ...summaryJson(run), k6: file.k6 }, null, 2)}\n`,
    "stats.csv": statsCsv(run),
    "junit.xml": junitXml(run),
    "summary.md": summaryMd(run),
    "report.html": await reportHtml(reread),
  };
}
