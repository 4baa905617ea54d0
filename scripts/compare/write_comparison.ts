/** Writes the files of a comparison into the folder of its run. */

import { join } from "node:path";

import { replaceFile } from "../setup/files.js";
import { compareHtml } from "./compare_html.ts";
import { compareMd } from "./compare_md.ts";
import type { ComparedRun } from "./compared_run.ts";
import type { Comparison } from "./comparison.ts";

/** Writes `compare.json`, `compare.md` and `compare.html`. Throws when one cannot be written. */
export async function writeComparison(
  folder: string,
  comparison: Comparison,
  bases: readonly ComparedRun[],
  run: ComparedRun,
): Promise<void> {
  await replaceFile(join(folder, "compare.json"), `${JSON.stringify(comparison, null, 2)}\n`);
  await replaceFile(join(folder, "compare.md"), compareMd(comparison));
  await replaceFile(join(folder, "compare.html"), await compareHtml(comparison, bases, run));
}
