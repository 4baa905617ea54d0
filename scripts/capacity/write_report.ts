/** Writes the report files of a search: `capacity.json`, `capacity.md`, `junit.xml` and `capacity.html`. */

import { type WriteFile, writeFiles } from "../readers/write_files.ts";
import { capacityHtml } from "./capacity_html.ts";
import { capacityJunit } from "./capacity_junit.ts";
import { capacityMd } from "./capacity_md.ts";
import type { CapacityResult } from "./probe.ts";

/**
 * Writes all files into the folder of a search: `capacity.json` first, as the others show what it says, and the page last, as it is
 * the largest. Throws one error that names those that could not be written.
 */
export async function writeCapacityReport(folder: string, result: CapacityResult, write?: WriteFile): Promise<void> {
  const problem = await writeFiles(
    folder,
    [
      ["capacity.json", () => `${JSON.stringify(result, null, 2)}\n`],
      ["capacity.md", () => capacityMd(result)],
      ["junit.xml", () => capacityJunit(result)],
      ["capacity.html", () => capacityHtml(result)],
    ],
    write,
  );
  if (problem !== null) throw new Error(problem);
}
