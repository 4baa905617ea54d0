/** Asks GitHub through `gh`, its command line tool, which is installed on GitHub's runners and takes its token from GH_TOKEN. */

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** More than the longest list that is asked for. */
const MAX_OUTPUT_BYTES = 256 * 1024 * 1024;

/** The answer to a GET request. Rejects with what gh says. */
export async function get(path: string): Promise<unknown> {
  return JSON.parse(await gh(["api", path]));
}

/** The answers of all pages of a list. Rejects with what gh says. */
export async function getPages(path: string): Promise<readonly unknown[]> {
  return JSON.parse(await gh(["api", "--paginate", "--slurp", path]));
}

/** Puts the files of a run's artifact into a folder. gh writes nothing outside it. Rejects with what gh says. */
export async function download(repository: string, runId: string, artifact: string, folder: string): Promise<void> {
  await gh(["run", "download", runId, "--repo", repository, "--name", artifact, "--dir", folder]);
}

async function gh(args: readonly string[]): Promise<string> {
  const { stdout } = await run("gh", [...args], { maxBuffer: MAX_OUTPUT_BYTES }).catch(
    (error: Error & { stderr?: string }) => {
      throw new Error((error.stderr ?? "").trim().replaceAll(/\s+/g, " ") || error.message);
    },
  );
  return stdout;
}
