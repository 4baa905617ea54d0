/**
 * A step of load-test.yml: downloads the runs that COMPARE_WITH names into `base/`, one folder each. Its outputs are `folders`,
 * or `comparison=no_base` when there is none to compare with, which is no failure. A COMPARE_WITH that cannot be read is one.
 */

import { existsSync } from "node:fs";
import { readdir, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";

import { fail } from "../run/terminal.ts";
import { type Base, readCompareWith } from "./compare_with.ts";
import { download, get, getPages } from "./gh.ts";
import { type Artifact, foreignTo, type Here, runsOfBranch, type WorkflowRun } from "./runs.ts";
import { addToSummary, annotate, setOutput } from "./workflow_output.ts";

const INTO = "base";

/** How many of a branch's runs are passed over at most, because they measured nothing that counts. */
const MAX_PASSED_OVER = 5;

const {
  ARTIFACT = "",
  COMPARE_WITH = "",
  GITHUB_REPOSITORY = "",
  GITHUB_RUN_ID = "",
  GITHUB_WORKFLOW_REF = "",
} = process.env;

const here: Here = { repository: GITHUB_REPOSITORY, runId: GITHUB_RUN_ID, workflowRef: GITHUB_WORKFLOW_REF };

/** What was found: folders of runs, and notes on what was not. */
interface Found {
  readonly folders: readonly string[];
  readonly notes: readonly string[];
}

/** Downloads all runs, and hands over their folders. */
async function findBase(): Promise<void> {
  const folders = new Set<string>();
  const notes: string[] = [];
  for (const base of readCompareWith(COMPARE_WITH)) {
    const found = await ("branch" in base ? findOnBranch(base) : findRun(base.runId));
    for (const folder of found.folders) folders.add(folder);
    notes.push(...found.notes.map((note) => note.replaceAll(/\s+/g, " ")));
  }
  if (folders.size === 0) notes.push("there is no run to compare with; the load test itself counts");
  for (const note of notes) annotate(folders.size === 0 ? "warning" : "notice", note);
  // As code: the notes may quote an artifact.
  if (notes.length > 0) await addToSummary(["````text", ...notes.map((note) => `- ${note}`), "````"].join("\n"));
  await (folders.size === 0 ? setOutput("comparison", "no_base") : setOutput("folders", [...folders].join(" ")));
}

/** One run, whatever its verdict: the comparison says what it thinks of it. */
async function findRun(runId: string): Promise<Found> {
  try {
    return { folders: [await fetchRun(runId)], notes: [] };
  } catch (error) {
    return { folders: [], notes: [`run ${runId}: ${(error as Error).message}`] };
  }
}

/** The last runs of a branch that passed or failed: one that is INVALID, or was interrupted, is passed over. */
async function findOnBranch({ branch, count }: Extract<Base, { branch: string }>): Promise<Found> {
  const folders: string[] = [];
  const notes: string[] = [];
  try {
    const path = `repos/${here.repository}/actions/artifacts?per_page=100&name=${encodeURIComponent(ARTIFACT)}`;
    const pages = (await getPages(path)) as readonly { artifacts: readonly Artifact[] }[];
    const runs = runsOfBranch(
      pages.flatMap(({ artifacts }) => artifacts),
      branch,
      here,
    );
    for (const runId of runs.slice(0, count + MAX_PASSED_OVER)) {
      if (folders.length === count) break;
      const { folder, note } = await fetchMeasured(runId);
      if (folder !== null) folders.push(folder);
      else notes.push(note);
    }
  } catch (error) {
    notes.push(`${branch}: ${(error as Error).message}`);
  }
  if (folders.length < count) {
    notes.push(`${branch}: expected ${count} ${count === 1 ? "run" : "runs"} with ${ARTIFACT}, got ${folders.length}`);
  }
  return { folders, notes };
}

async function fetchMeasured(runId: string): Promise<{ folder: string; note: "" } | { folder: null; note: string }> {
  try {
    const folder = await fetchRun(runId);
    const verdict = await verdictOf(folder);
    if (verdict === "PASS" || verdict === "FAIL") return { folder, note: "" };
    return { folder: null, note: `run ${runId} is passed over: expected PASS or FAIL, got ${JSON.stringify(verdict)}` };
  } catch (error) {
    return { folder: null, note: `run ${runId} is passed over: ${(error as Error).message}` };
  }
}

/** Downloads a run into a folder that is named by its id alone; returns the folder. Throws when the run is none of ours. */
async function fetchRun(runId: string): Promise<string> {
  const run = (await get(`repos/${here.repository}/actions/runs/${runId}`)) as WorkflowRun;
  const foreign = foreignTo(here, run);
  if (foreign !== null) throw new Error(`expected a load test of ${here.repository}; ${foreign}`);
  const folder = join(INTO, runId);
  const artifact = `${folder}.artifact`;
  for (const path of [folder, artifact]) await rm(path, { recursive: true, force: true });
  await download(here.repository, runId, ARTIFACT, artifact);
  const inside = await readdir(artifact, { withFileTypes: true });
  const runs = [
    artifact,
    ...inside.filter((entry) => entry.isDirectory()).map(({ name }) => join(artifact, name)),
  ].filter((path) => existsSync(join(path, "log.jsonl")));
  const [path] = runs;
  if (path === undefined || runs.length > 1)
    throw new Error(`expected one log.jsonl in ${ARTIFACT}, got ${runs.length}`);
  await rename(path, folder);
  return folder;
}

/** The verdict in a folder's summary.json. */
async function verdictOf(folder: string): Promise<unknown> {
  const summary = JSON.parse(await readFile(join(folder, "summary.json"), "utf8")) as { verdict?: unknown } | null;
  return summary?.verdict;
}

await findBase().catch(fail);
