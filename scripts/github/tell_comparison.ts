/**
 * A step of load-test.yml, after `make compare` (`tell_comparison.ts FOLDER`): puts the comparison into the job summary and into
 * `comparison/comment.md`, and sets the output `comparison`. Exit code 1 when the run is slower, unless FAIL_ON_REGRESSION is false.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { fail } from "../run/terminal.ts";
import { commentText, consequenceOf, readOutcome } from "./comparison.ts";
import { addToSummary, annotate, setOutput } from "./workflow_output.ts";

/** Tells what was found for a run's folder. */
async function tell(folder: string): Promise<void> {
  const { BASE = "", COMMIT = "", FAIL_ON_REGRESSION, LOAD = "", ...env } = process.env;
  const outcome = await readOutcome(folder);
  const text = commentText(await readFile(join(folder, "compare.md"), "utf8"), {
    load: LOAD,
    base: BASE.split(" "),
    runId: env.GITHUB_RUN_ID ?? "",
    repositoryUrl: `${env.GITHUB_SERVER_URL}/${env.GITHUB_REPOSITORY}`,
    commit: COMMIT,
  });
  await mkdir("comparison", { recursive: true });
  await writeFile("comparison/comment.md", text);
  await addToSummary(text);
  await setOutput("comparison", outcome);
  const consequence = consequenceOf(outcome, FAIL_ON_REGRESSION !== "false");
  if (consequence === null) return;
  annotate(consequence.level, consequence.text);
  if (consequence.fails) process.exitCode = 1;
}

await tell(process.argv[2] ?? "").catch(fail);
