/** Makes one probe: an ordinary run with its own report, and what of it counts for the search. */

import { mkdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

import type { ScenarioName } from "../../lib/wire/wires.ts";
import { scanLog } from "../results/scan_log.ts";
import { INTERRUPTED } from "../run/conclude.ts";
import { runScenario } from "../run/runner.ts";
import type { Probe, ProbeOutcome } from "./probe.ts";
import { type JudgeContext, outcomeOf, ProbeJudge, type Span } from "./probe_judge.ts";
import type { PlannedProbe } from "./search.ts";
import { type Pace, runLoad } from "./timing.ts";

/** What every probe of a search has in common. */
export interface ProbeInputs {
  readonly scenario: ScenarioName;
  /** The environment, with the settings in it, but the load. */
  readonly env: NodeJS.ProcessEnv;
  /** Further arguments for k6. */
  readonly args: readonly string[];
  /** The folder of the search. */
  readonly folder: string;
  readonly judge: JudgeContext;
}

/** The load of a run as settings. */
export function loadSettings(probe: PlannedProbe, pace: Pace): Readonly<Record<string, string>> {
  const { spawnRate, timeSec, users } = runLoad(probe, pace);
  const callers = { USERS: String(users), TIME: `${timeSec}s` };
  return pace.of === "users"
    ? { ...callers, SPAWN_RATE: String(spawnRate) }
    : { ...callers, CALLS_PER_SEC: String(probe.load) };
}

/**
 * Runs a probe and judges it, together with the probes to whose samples its own are added. Returns null where k6 was not
 * started.
 */
export async function runProbe(
  inputs: ProbeInputs,
  planned: PlannedProbe,
  pace: Pace,
  before: readonly Probe[],
): Promise<Probe | null> {
  const { args, env, folder, scenario } = inputs;
  const startedAt = new Date();
  const own = join(folder, `${String(before.length + 1).padStart(2, "0")}_${planned.purpose}_${planned.load}`);
  await mkdir(own, { recursive: true });
  const run = await runScenario({ scenario, env: { ...env, ...loadSettings(planned, pace) }, args, folder: own });
  if (run.folder === null) return null;
  const pooled = planned.pooledWith.flatMap((index) => before[index] ?? []);
  const { settledSec, timeSec } = runLoad(planned, pace);
  const judge = new ProbeJudge(inputs.judge);
  for (const earlier of pooled) {
    const span = await spanOf(join(folder, earlier.folder), earlier.settledSec, earlier.timeSec);
    await judgeRun(judge, join(folder, earlier.folder), span, earlier.purpose === "confirm");
  }
  await judgeRun(judge, own, await spanOf(own, settledSec, timeSec), planned.purpose === "confirm");
  const judgement = judge.judgement();
  const { reasons, verdict } = await verdictOf(own);
  return {
    ...judgement,
    load: planned.load,
    purpose: planned.purpose,
    folder: basename(own),
    pooledWith: pooled.map((earlier) => earlier.folder),
    startedAt: startedAt.toISOString(),
    settledSec,
    timeSec,
    tookSec: (Date.now() - startedAt.getTime()) / 1000,
    outcome: outcomeOfRun(run.exitCode, verdict) ?? outcomeOf(judgement),
    reasons,
  };
}

/** How a run ended that says nothing of the agent; null for any other. */
function outcomeOfRun(exitCode: number, verdict: string): ProbeOutcome | null {
  if (exitCode === INTERRUPTED || verdict === "INTERRUPTED") return "interrupted";
  return verdict === "INVALID" ? "generator" : null;
}

/** The part of a run that is judged: from when the load had settled until TIME was over, counted from its first dial. */
async function spanOf(folder: string, settledSec: number, timeSec: number): Promise<Span> {
  let firstAtMs = Number.POSITIVE_INFINITY;
  await scanLog(folder, { call: ({ dialAtMs }) => (firstAtMs = Math.min(firstAtMs, dialAtMs)) });
  return { fromMs: firstAtMs + settledSec * 1000, toMs: firstAtMs + timeSec * 1000 };
}

async function judgeRun(judge: ProbeJudge, folder: string, span: Span, isConfirmation: boolean): Promise<void> {
  judge.beginRun(span, isConfirmation);
  await scanLog(folder, { turn: (line) => judge.turn(line), call: (line) => judge.call(line) });
}

async function verdictOf(folder: string): Promise<{ readonly verdict: string; readonly reasons: readonly string[] }> {
  const text = await readFile(join(folder, "summary.json"), "utf8").catch(() => "{}");
  const { reasons = [], verdict = "INTERRUPTED" } = JSON.parse(text) as { verdict?: string; reasons?: string[] };
  return { verdict, reasons };
}
