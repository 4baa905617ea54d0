/** The Python environments of the peers: made once in .bin/ for each list of pinned packages, whose hashes pip checks. */

import { createHash } from "node:crypto";
import { access, readFile, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";

import { runCommand } from "../run/children.ts";

const FOLDER = ".bin/conformance";

/** The file that says that all packages were installed. */
const COMPLETE = "complete";

/** The Python programs need `asyncio.timeout`. */
const IS_NEW_ENOUGH = "import sys; sys.exit(sys.version_info < (3, 11))";

/**
 * Returns the path of a Python that has the packages of this file. Throws when there is no Python 3.11 with venv, or a package cannot
 * be installed.
 */
export async function ensurePython(requirements: string): Promise<string> {
  const hash = createHash("sha256")
    .update(await readFile(requirements))
    .digest("hex");
  const folder = resolve(FOLDER, `${basename(requirements, ".txt")}-${hash.slice(0, 12)}`);
  const python = join(folder, "bin/python");
  if (await exists(join(folder, COMPLETE))) return python;
  await run("python3", ["-c", IS_NEW_ENOUGH], "Python 3.11 or later as python3");
  await rm(folder, { recursive: true, force: true });
  await run("python3", ["-m", "venv", folder], "Python with venv");
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r"];
  await run(python, [...install, requirements], `the packages of ${requirements}`);
  await writeFile(join(folder, COMPLETE), "");
  return python;
}

async function run(command: string, args: readonly string[], expected: string): Promise<void> {
  const { exitCode, output } = await runCommand(command, args).catch((error) => ({
    exitCode: null,
    output: String(error),
  }));
  if (exitCode !== 0) throw new Error(`make conformance: expected ${expected}, got "${output.trim() || exitCode}"`);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
