/** Runs the jobs of load-test.yml for tests, in a folder of their own, with a make and a gh that answer as a test says. */

import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { type JobRun, readWorkflow, runJob } from "./workflow_steps.ts";

/** The repository in which the jobs run. */
export const REPOSITORY = "owner/agent";

/** How the names of the artifacts end. */
export const LOAD = "acs_media-cascade";

/** The workflow. */
export const WORKFLOW = await readWorkflow(".github/workflows/load-test.yml");

const folders: string[] = [];

/** Removes what the tests of a file left behind. */
export async function removeFolders(): Promise<void> {
  for (const folder of folders) await rm(folder, { recursive: true });
}

/** A new folder, which `removeFolders` removes. */
export async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "steps-"));
  folders.push(folder);
  return folder;
}

/** What GitHub answers, as fake_gh.js takes it, and what `make compare` finds: without an outcome it fails. */
export interface World {
  readonly pages?: Readonly<Record<string, unknown>>;
  readonly artifacts?: Readonly<Record<string, string>>;
  readonly outcome?: string;
  /** The gate of the load fails. */
  readonly gateFails?: boolean;
}

/** What came of a job, and what it asked of gh and of make. */
export interface Ran extends JobRun {
  readonly calls: readonly Readonly<Record<string, unknown>>[];
  /** A line for each call of make, with its arguments and COMPARE_MARGIN. */
  readonly made: string;
  readonly folder: string;
}

/** A make that makes a run, or what `make compare` found of it. */
const MAKE = `#!/bin/sh
echo "$@ margin=$COMPARE_MARGIN" >> made.txt
case "$1" in
  run_load_test_*) mkdir -p results/now && echo '{"verdict":"PASS"}' > results/now/summary.json && echo '## PASS' > results/now/summary.md; exit $ENDS ;;
  compare)
    if [ -z "$OUTCOME" ]; then echo "COMPARE_MARGIN: expected a share"; exit 2; fi
    echo "{\\"outcome\\":\\"$OUTCOME\\"}" > results/now/compare.json
    echo 'ttfb P95 +2 ms: same' > results/now/compare.md
    test "$OUTCOME" = same ;;
esac
`;

const GITHUB = {
  GITHUB_REPOSITORY: REPOSITORY,
  GITHUB_REPOSITORY_OWNER: "owner",
  GITHUB_RUN_ID: "900",
  GITHUB_SERVER_URL: "https://github.example",
  GITHUB_WORKFLOW_REF: `${REPOSITORY}/.github/workflows/pull.yml@refs/pull/5/merge`,
  GITHUB_REF_NAME: "5/merge",
  GITHUB_REF_TYPE: "branch",
};

/** The inputs of a load test that compares with nothing. */
const INPUTS = {
  host: "agent.example.com",
  scenario: "acs_media",
  pipeline: "cascade",
  capacity: "custom",
  compare_with: "",
  fail_on_regression: true,
};

/** What a job is given beside the world. */
interface Given {
  readonly inputs?: Readonly<Record<string, string | boolean>>;
  /** The event that started the workflow. */
  readonly event?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs the scripts of a job's steps in a new folder, which only the job `load` finds the project in. */
export async function run(name: "load" | "comment", world: World, { inputs, event = {}, env }: Given): Promise<Ran> {
  const folder = await newFolder();
  const project = name === "load" ? ["package.json", "lib", "scripts", "node_modules"] : [];
  for (const path of project) await symlink(resolve(path), join(folder, path));
  const bin = await newFolder();
  const gh = `#!/bin/sh\nexec "${process.execPath}" "${resolve("scripts/github/fake_gh.js")}" "$@"\n`;
  for (const [tool, text] of Object.entries({ gh, make: MAKE })) {
    await writeFile(join(bin, tool), text);
    await chmod(join(bin, tool), 0o755);
  }
  const { pages = {}, artifacts = {}, outcome = "", gateFails = false } = world;
  const answers = join(bin, "answers");
  await writeFile(answers, JSON.stringify({ pages, artifacts }));
  const tools = { PATH: `${bin}:${process.env.PATH}`, FAKE_GH: answers, OUTCOME: outcome, ENDS: gateFails ? "2" : "0" };
  const job = await runJob(WORKFLOW, name, {
    inputs: { ...INPUTS, ...inputs },
    contexts: { github: { token: "t0ken", sha: "0123456789abcdef", event } },
    folder,
    env: () => ({ ...GITHUB, ...tools, ...env }),
  });
  const calls = (await readFile(`${answers}.calls`, "utf8").catch(() => "")).split("\n").filter((line) => line !== "");
  const made = await readFile(join(folder, "made.txt"), "utf8").catch(() => "");
  return { ...job, calls: calls.map((line) => JSON.parse(line)), made, folder };
}

/** What the scripts printed. */
export function outputOf({ steps }: JobRun): string {
  return steps.map(({ output }) => output).join("\n");
}
