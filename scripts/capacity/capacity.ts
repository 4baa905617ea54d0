/**
 * `make capacity`: searches for the most callers, or calls per second, with which an agent meets the targets of the gate. Makes a
 * series of ordinary runs in one folder, and exits with 0 when the answer is at least CAPACITY_WANTED.
 */

import { setTimeout as delay } from "node:timers/promises";

import { makeRunFolder } from "../results/run_folder.ts";
import { EXITS } from "../run/exit_codes.ts";
import { followInterrupts } from "../run/interrupts.ts";
import { ensureK6 } from "../run/k6.ts";
import { originNotes } from "../run/make_settings.ts";
import { refuse } from "../run/run_problems.ts";
import { fail } from "../run/terminal.ts";
import { capacityResult } from "./capacity_result.ts";
import { CAPACITY_SETTINGS } from "./capacity_settings.ts";
import { type PreparedSearch, prepareSearch } from "./prepare_search.ts";
import type { CapacityResult, Probe, SearchEnd } from "./probe.ts";
import { readCapacityResult } from "./resume.ts";
import { runProbe } from "./run_probe.ts";
import { planText, search } from "./search_loop.ts";
import { writeCapacityReport } from "./write_report.ts";

/** Searches with the settings of the environment; returns the exit code. */
async function capacity(env: NodeJS.ProcessEnv): Promise<number> {
  for (const note of originNotes(env)) console.error(`note  ${note}`);
  const resumed = CAPACITY_SETTINGS.RESUME.parse((env.RESUME ?? "").trim()) ?? "";
  const before = resumed === "" ? null : await readCapacityResult(resumed);
  if (resumed !== "" && before === null) {
    return refuse([`RESUME: expected the folder of a search, with its capacity.json, got ${JSON.stringify(resumed)}`]);
  }
  const prepared = prepareSearch(env, before);
  if (!("plan" in prepared)) return refuse(prepared);
  const { earlier, plan, remarks, subject } = prepared;
  for (const remark of remarks) console.error(`note  ${remark}`);
  await ensureK6();
  const { scenario, settings } = subject;
  const folder = resumed || (await makeRunFolder(scenario, new Date(), settings.RESULTS_DIR, "capacity_"));
  console.log(`${folder}  ${planText(plan, earlier)}`);
  return searchInto(folder, prepared);
}

/** Searches, and writes what is known into the folder after each run. */
async function searchInto(folder: string, { earlier, plan, runs, subject }: PreparedSearch): Promise<number> {
  const interrupt = new AbortController();
  const isInterrupted = () => interrupt.signal.aborted;
  const stopFollowing = followInterrupts(() => interrupt.abort());
  const resultOf = (probes: readonly Probe[], end: SearchEnd | null) =>
    capacityResult({ ...subject, folder }, probes, end);
  let problem: string | null = null;
  try {
    const { end, probes } = await search(plan, earlier, {
      run: (planned, load, before) => runProbe({ ...runs, folder }, planned, load, before, isInterrupted),
      async keep(known, how) {
        problem = await writeCapacityReport(folder, resultOf(known, how)).then(
          () => null,
          (error: Error) => error.message,
        );
      },
      wait: (sec) => delay(sec * 1000, undefined, { signal: interrupt.signal }).catch(() => {}),
      isInterrupted,
      nowMs: () => performance.now(),
      print: console.log,
    });
    return conclude(resultOf(probes, end), folder, problem);
  } finally {
    stopFollowing();
  }
}

/** Prints what was found; returns the exit code. */
function conclude(
  { exitCode, explanations, sentence }: CapacityResult,
  folder: string,
  problem: string | null,
): number {
  const code = problem === null ? exitCode : EXITS.unwritten.code;
  console.log(`\n${sentence}`);
  for (const explanation of explanations) console.log(`- ${explanation}`);
  if (problem !== null) console.error(problem);
  console.log(`\n${folder}/${problem === null ? "capacity.html" : "capacity.json"}  exit code ${code}`);
  return code;
}

await capacity(process.env)
  .then((exitCode) => {
    process.exitCode = exitCode;
  })
  .catch(fail);
