/** Reads what a command was given: runs, as folders or files of `make baseline`, and the names of its settings. */

import { readFile, stat } from "node:fs/promises";

import { misspeltNames } from "../../lib/settings/misspelt_names.ts";
import { type ComparedRun, identityOf, type RunOfFolder, readRunOfFolder } from "./compared_run.ts";
import { readDigest } from "./digest.ts";

/** Throws where a name in the environment is one typing error away from that of this setting. */
export function assertNotMisspelt(name: string, env: NodeJS.ProcessEnv): void {
  const problems = misspeltNames(Object.keys(env), [name]);
  if (problems.length > 0) throw new Error(problems.join("\n"));
}

/** Reads the run of a folder that stands in a setting of this name. Throws when it is none. */
export async function readRun(name: string, folders: readonly string[]): Promise<RunOfFolder> {
  const [folder] = folders;
  if (folder === undefined || folders.length > 1)
    throw new Error(`${name}: expected one folder of results/, got ${JSON.stringify(folders.join(" "))}`);
  if ((await kindOf(folder)) !== "folder")
    throw new Error(`${name}: expected a folder of results/, got ${JSON.stringify(folder)}`);
  return readRunOfFolder(folder);
}

/**
 * Reads all runs of folders and files that stand in a setting of this name. Throws when one is neither, and when two of them are
 * the same run.
 */
export async function readRuns(name: string, paths: readonly string[]): Promise<readonly ComparedRun[]> {
  const expected = "folders of results/ or files of make baseline";
  if (paths.length === 0) throw new Error(`${name}: expected ${expected}, got ""`);
  const runs: ComparedRun[] = [];
  for (const path of paths) {
    const kind = await kindOf(path);
    if (kind === null)
      throw new Error(`${name}: expected ${expected}, got ${JSON.stringify(path)}, which is not there`);
    if (kind === "folder") runs.push(await readRunOfFolder(path));
    else runs.push(...readDigest(path, await readFile(path, "utf8")));
  }
  const known = new Map<string, ComparedRun>();
  for (const run of runs) {
    const other = known.get(identityOf(run));
    if (other !== undefined)
      throw new Error(`${name}: expected different runs, got one twice: ${other.path} and ${run.path}`);
    known.set(identityOf(run), run);
  }
  return runs;
}

async function kindOf(path: string): Promise<"folder" | "file" | null> {
  return stat(path).then(
    (found) => (found.isDirectory() ? "folder" : "file"),
    () => null,
  );
}
