/** Runs the probes of a search with k6, each as an ordinary run in a folder of its own, and judges them. */

import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { parseObject } from "../results/lines.ts";
import { makeNewFolder } from "../results/run_folder.ts";
import { EXITS } from "../run/exit_codes.ts";
import { runScenario } from "../run/runner.ts";
import { type Gate, type JudgedRun, judgeRuns } from "./judge_runs.ts";
import type { CapacityResult, Probe, ProbeOutcome } from "./probe.ts";
import { type Judgement, outcomeOf } from "./probe_judge.ts";
import type { PlannedProbe } from "./search.ts";
import type { RunLoad } from "./timing.ts";

/** What all probes of a search have in common. */
export interface SearchRuns {
  readonly scenario: ScenarioName;
  /** The environment, with the settings in it but for the load. */
  readonly env: NodeJS.ProcessEnv;
  /** Further arguments for k6. */
  readonly args: readonly string[];
  /** The folder of the search. */
  readonly folder: string;
  readonly of: CapacityResult["of"];
  readonly gate: Gate;
}

/** How a run ended, as its summary says. */
export interface RunEnd {
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly exitCode: number;
  /** True when the search was interrupted meanwhile. */
  readonly wasInterrupted: boolean;
}

/** The exit codes of a run that was made: it passed, failed, was interrupted, or its k6 died. */
const RUN_ENDED: readonly number[] = [EXITS.passed, EXITS.slow, EXITS.interrupted, EXITS.killed].map(
  ({ code }) => code,
);

/** The settings of a probe's run. */
export function probeEnv(
  { env, of }: Pick<SearchRuns, "env" | "of">,
  load: number,
  { spawnRate, timeSec, users }: RunLoad,
): NodeJS.ProcessEnv {
  const common = { ...env, USERS: String(users), TIME: `${timeSec}s` };
  if (of === "calls_per_sec") return { ...common, CALLS_PER_SEC: String(load) };
  // Turns of the ramp-up are not judged, so that frames that are late in it say nothing of the probe either.
  return { ...common, SPAWN_RATE: String(spawnRate), RAMP_UP_COUNTS: env.RAMP_UP_COUNTS || "false" };
}

/** Runs a probe to its end. Throws when its run could not be started, or ended in a way that no other run would change. */
export async function runProbe(
  search: SearchRuns,
  planned: PlannedProbe,
  load: RunLoad,
  earlier: readonly Probe[],
  wasInterrupted: () => boolean,
): Promise<Probe> {
  const { args, gate, of, scenario } = search;
  const pooled = planned.pooledWith.flatMap((index) => earlier[index] ?? []);
  // A search that was killed may have left a run of this number.
  const folder = await makeNewFolder(search.folder, folderName(earlier.length + 1, planned.load, of));
  const startedAtMs = Date.now();
  const env = probeEnv(search, planned.load, load);
  const { exitCode } = await runScenario({ scenario, env, args, folder, isQuiet: true });
  if (!RUN_ENDED.includes(exitCode)) throw new Error(`${folder}: expected a run that ends, got exit code ${exitCode}`);
  const { settledSec, timeSec } = load;
  const own = { folder: basename(folder), purpose: planned.purpose, settledSec, timeSec };
  const judgement = await judgeRuns(
    [...pooled, own].map((run) => judgedRun(search.folder, run)),
    gate,
  );
  const end = { ...(await summaryIn(folder)), exitCode, wasInterrupted: wasInterrupted() };
  const { outcome, reasons } = endOf(judgement, end);
  return {
    load: planned.load,
    ...own,
    pooledWith: pooled.map((probe) => probe.folder),
    startedAt: new Date(startedAtMs).toISOString(),
    tookSec: Math.round((Date.now() - startedAtMs) / 1000),
    outcome,
    reasons,
    ...judgement,
  };
}

/** What a probe has shown, by its judgement and by how its run ended. */
export function endOf(judgement: Judgement, end: RunEnd): { outcome: ProbeOutcome; reasons: readonly string[] } {
  const { exitCode, reasons, verdict, wasInterrupted } = end;
  if (verdict === "INTERRUPTED" && wasInterrupted) return { outcome: "interrupted", reasons: [] };
  if (verdict === "INVALID" || exitCode === EXITS.killed.code) {
    return { outcome: "generator", reasons: verdict === "INVALID" ? reasons : ["k6 died, or its report is not whole"] };
  }
  // The watchdog ended it.
  if (verdict === "INTERRUPTED") return { outcome: "breaks", reasons: ["the agent stopped reading, and the run hung"] };
  return { outcome: outcomeOf(judgement), reasons: [] };
}

function folderName(number: number, load: number, of: CapacityResult["of"]): string {
  return `${String(number).padStart(2, "0")}_${load}_${of === "users" ? "callers" : of}`;
}

function judgedRun(folder: string, run: Pick<Probe, "folder" | "purpose" | "settledSec" | "timeSec">): JudgedRun {
  const { purpose, settledSec, timeSec } = run;
  return { folder: join(folder, run.folder), isConfirmation: purpose === "confirm", settledSec, timeSec };
}

/** What the summary of a run says; an INVALID run where it is not whole. */
async function summaryIn(folder: string): Promise<Pick<RunEnd, "verdict" | "reasons">> {
  const summary = parseObject(await readFile(join(folder, "summary.json"), "utf8").catch(() => ""));
  const { reasons, verdict } = summary ?? {};
  if (typeof verdict !== "string" || !Array.isArray(reasons))
    return { verdict: "INVALID", reasons: ["summary.json is not whole"] };
  return { verdict, reasons };
}
