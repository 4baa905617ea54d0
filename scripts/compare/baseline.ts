/**
 * `make baseline` (`baseline.ts RUN...`): keeps what a comparison needs of runs in one small file, BASELINE, which can be committed
 * and given to `make compare` as BASE. Files of earlier baselines may stand among the runs: the new file then has theirs too.
 */

import { readFile } from "node:fs/promises";

import { fail } from "../run/terminal.ts";
import { fileProblem, replaceFile } from "../setup/files.js";
import { unusable } from "./comparability.ts";
import { digestText, isDigest } from "./digest.ts";
import { assertNotMisspelt, readRuns } from "./inputs.ts";
import { COMPARE_EXITS } from "./outcome.ts";

const DEFAULT_PATH = "baseline.json";

async function baseline(paths: readonly string[]): Promise<void> {
  assertNotMisspelt("BASELINE", process.env);
  const path = process.env.BASELINE?.trim() || DEFAULT_PATH;
  await assertReplaceable(path);
  const runs = await readRuns("RUN", paths);
  const problems = runs.flatMap(unusable);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  const text = digestText(runs);
  await replaceFile(path, text);
  const turns = runs.reduce((sum, { facts }) => sum + facts.comparedTurns, 0);
  console.log(`${path}: ${runs.length} ${runs.length === 1 ? "run" : "runs"}, ${turns} turns, ${sizeText(text)}`);
}

/** Any other file stays as it is. */
async function assertReplaceable(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw new Error(`BASELINE: expected the path of a file, got ${JSON.stringify(path)}: ${fileProblem(error)}`);
  });
  if (text !== null && !isDigest(text))
    throw new Error(
      `BASELINE: expected a new file, or one of make baseline, got ${JSON.stringify(path)}, which is another`,
    );
}

function sizeText(text: string): string {
  return `${Math.ceil(Buffer.byteLength(text) / 1000)} kB`;
}

await baseline(process.argv.slice(2)).catch((error: unknown) => fail(error, COMPARE_EXITS.refused.code));
