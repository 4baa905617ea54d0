/**
 * `make lint_workflows` (`workflows.ts [FOLDER]`): checks GitHub workflows with actionlint (syntax) and zizmor
 * (security). Both tools are installed once in .bin/, at pinned versions. The folder is .github/workflows by default.
 */

import { execFile } from "node:child_process";
import { mkdir, readdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

import { fail } from "../run/terminal.ts";

const ZIZMOR = "zizmor==1.32.0";

/** The Go module that pins actionlint by hash. */
const ACTIONLINT_MODULE = "scripts/actionlint";

const BIN = ".bin";

const run = promisify(execFile);

/** The result of one tool. */
export interface Finding {
  readonly tool: string;
  readonly ok: boolean;
  readonly output: string;
}

/** Runs both tools on a folder of workflows. Throws when a tool cannot be installed. */
export async function lintWorkflows(folder: string): Promise<readonly Finding[]> {
  const files = (await readdir(folder)).filter((file) => /\.ya?ml$/.test(file)).map((file) => join(folder, file));
  if (files.length === 0) throw new Error(`${folder}: expected workflows, got none`);
  const [actionlint, zizmor] = [await ensureActionlint(), await ensureZizmor()];
  return [
    await findings("actionlint", actionlint, ["-no-color", ...files]),
    await findings("zizmor", zizmor, ["--offline", "--pedantic", "--no-progress", "--color", "never", ...files]),
  ];
}

async function ensureActionlint(): Promise<string> {
  const path = resolve(BIN, "actionlint");
  if (await succeeds(path, ["-version"])) return path;
  await mkdir(BIN, { recursive: true });
  const build = ["build", "-trimpath", "-o", path, "github.com/rhysd/actionlint/cmd/actionlint"];
  await run("go", build, { cwd: ACTIONLINT_MODULE }).catch(throwInstallError("actionlint", "Go"));
  return path;
}

async function ensureZizmor(): Promise<string> {
  const folder = resolve(BIN, "zizmor");
  const path = join(folder, "bin/zizmor");
  if (await succeeds(path, ["--version"])) return path;
  const install = ["-m", "pip", "install", "--quiet", "--no-deps", "--target", folder, ZIZMOR];
  await run("python3", install).catch(throwInstallError("zizmor", "Python with pip"));
  return path;
}

function throwInstallError(tool: string, needs: string): (error: unknown) => never {
  return (error) => {
    throw new Error(`${tool}: expected it to be made by ${needs}, got ${String(error)}`);
  };
}

async function succeeds(path: string, args: readonly string[]): Promise<boolean> {
  return run(path, [...args]).then(
    () => true,
    () => false,
  );
}

async function findings(tool: string, path: string, args: readonly string[]): Promise<Finding> {
  return run(path, [...args]).then(
    ({ stdout, stderr }) => ({ tool, ok: true, output: stdout + stderr }),
    ({ stdout, stderr }: { stdout: string; stderr: string }) => ({ tool, ok: false, output: stdout + stderr }),
  );
}

if (import.meta.filename === process.argv[1]) {
  await lintWorkflows(process.argv[2] ?? ".github/workflows")
    .then((all) => {
      for (const { tool, ok, output } of all) console.log(`${tool}: ${ok ? "clean" : "findings"}\n${output}`.trim());
      if (all.some(({ ok }) => !ok)) process.exitCode = 1;
    })
    .catch(fail);
}
