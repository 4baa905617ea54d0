/** Writes the files of a report into its folder; one that cannot be written does not keep the others from it. */

import { join } from "node:path";

import { fileProblem, replaceFile } from "../setup/files.js";

/** A file of a report: its name, and a function that makes its content. */
export type ReportFile = readonly [name: string, text: () => string | Promise<string>];

/** A function that writes a file whole, or throws the error of the file system. */
export type WriteFile = (path: string, text: string) => Promise<void>;

/**
 * Writes the files in their order, so that the small ones of a list that begins with them are written to a disk that is nearly full.
 * Returns a sentence on those that could not be written, or null.
 */
export async function writeFiles(
  folder: string,
  files: readonly ReportFile[],
  write: WriteFile = replaceFile,
): Promise<string | null> {
  const failed = new Map<string, string>();
  for (const [name, text] of files) {
    try {
      await write(join(folder, name), await text());
    } catch (error) {
      failed.set(name, fileProblem(error));
    }
  }
  if (failed.size === 0) return null;
  return `${folder}: could not write ${[...failed.keys()].join(", ")}: ${[...new Set(failed.values())].join("; ")}`;
}
