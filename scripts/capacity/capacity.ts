/**
 * `make capacity` (`capacity.ts SCENARIO [K6 ARGUMENTS]`): searches the largest load with which an agent meets the targets of GATE, by
 * a series of ordinary runs. RESUME=results/capacity_... goes on with an earlier search.
 */

import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { VERSION } from "../../lib/report/version.ts";
import { maskUrl, shownSettings } from "../../lib/settings/masking.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetUrl } from "../../lib/settings/target_url.ts";
import { gatingExpressions, requiredPercentiles } from "../../lib/settings/thresholds.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { sampleContext } from "../results/report_from_log.ts";
import { makeRunFolder } from "../results/run_folder.ts";
import { INTERRUPTED } from "../run/conclude.ts";
import { followInterrupts } from "../run/interrupts.ts";
import { type PreparedPlan, prepare } from "../run/prepare.ts";
import { runProblems } from "../run/run_problems.ts";
import { fail } from "../run/terminal.ts";
import { splitWords } from "../run/words.ts";
import { type CapacitySettings, readCapacitySettings } from "./capacity_settings.ts";
import { answerSentence, explanationsOf } from "./explain.ts";
import type { CapacityResult, Probe } from "./probe.ts";
import { loadSettings, runProbe } from "./run_probe.ts";
import { runSearch, type SearchOutcome } from "./run_search.ts";
import { turnsNeeded } from "./share_targets.ts";
import type { Pace } from "./timing.ts";
import { writeCapacityReport } from "./write_report.ts";

const BAD_INPUT = 107;
const NOT_CARRIED = 99;

/** How many times as many turns are planned as the gate needs at least, so that a few slow ones are allowed. */
const PLANNED_TIMES = 2;

/** What a caller waits in a turn beside the speech, in s, before any was measured: the reply's first second and the wait for it. */
const FIRST_GUESS_SEC = 2.5;

/** Settings that the load of a probe is made of, which no two probes share. */
const OF_LOAD = ["USERS", "TIME", "SPAWN_RATE", "CALLS_PER_SEC", "RESULTS_DIR", "CAPACITY"];

/** Searches; resolves with the exit code. */
async function searchCapacity(scenario: ScenarioName, args: readonly string[]): Promise<number> {
  const { env } = process;
  const { problems, settings: capacity } = readCapacitySettings(env);
  const pace = firstPace(scenario, env, capacity);
  const first = { load: capacity.limits.start, purpose: "grow", length: 1, pooledWith: [] } as const;
  const prepared = prepare(scenario, { ...env, ...loadSettings(first, pace) });
  const all = [...problems, ...runProblems(prepared, env, args)];
  const resumed = await earlierSearch(env.RESUME ?? "", scenario, prepared.settings).catch((error: Error) => error);
  if (resumed instanceof Error) all.push(resumed.message);
  if (all.length > 0 || resumed instanceof Error) {
    for (const problem of all) console.error(problem);
    console.error(`${all.length} problem(s); no call was made (exit code ${BAD_INPUT})`);
    return BAD_INPUT;
  }
  const folder = resumed?.folder ?? (await makeRunFolder(`capacity_${scenario}`, new Date(), env.RESULTS_DIR));
  const stop = new AbortController();
  const stopFollowing = followInterrupts(() => stop.abort());
  const describe = resultOf(scenario, prepared, capacity);
  try {
    const found = await runSearch({
      limits: capacity.limits,
      budgetSec: capacity.budgetSec,
      pace,
      probes: resumed?.probes ?? [],
      probe: (planned, now, before) =>
        runProbe({ scenario, env, args, folder, judge: judgeContext(scenario, prepared) }, planned, now, before),
      onProgress: (outcome) => writeCapacityReport(folder, describe(outcome)),
      print: (line) => console.log(line),
      signal: stop.signal,
    });
    if (found === null) return BAD_INPUT;
    const result = describe(found);
    await writeCapacityReport(folder, result);
    console.log(`\n${result.sentence}`);
    for (const text of result.explanations) console.log(`  ${text}`);
    console.log(`${join(folder, "capacity.html")}  exit code ${result.exitCode}`);
    return result.exitCode;
  } finally {
    stopFollowing();
  }
}

function judgeContext(scenario: ScenarioName, { settings, tiers }: PreparedPlan) {
  return {
    ...sampleContext({ scenario, settings }),
    targets: gatingExpressions(tiers, settings),
    percentiles: requiredPercentiles(tiers),
  };
}

/** The pace before anything was measured: a turn is an utterance of mean length, and a guess. */
function firstPace(scenario: ScenarioName, env: NodeJS.ProcessEnv, capacity: CapacitySettings): Pace {
  const { settings, tiers, utterances } = prepare(scenario, { ...env, USERS: "1", TIME: "60s", CALLS_PER_SEC: "" });
  const { frames } = utterances;
  const meanSec =
    (frames.reduce((sum, each) => sum + each, 0) / Math.max(1, frames.length)) * (settings.CHUNK_MS / 1000);
  const needed = turnsNeeded(gatingExpressions(tiers, settings), settings);
  return {
    of: capacity.of,
    spawnRate: (env.SPAWN_RATE ?? "").trim() === "" ? null : settings.SPAWN_RATE,
    callsRampSec: settings.CALLS_RAMP_SEC,
    settleSec: capacity.settleSec,
    coolDownSec: capacity.coolDownSec,
    fewestTurns: needed,
    plannedTurns: capacity.probeTurns || PLANNED_TIMES * needed,
    turnsPerCall: settings.TURNS_PER_USER,
    warmupTurns: settings.WARMUP_TURNS,
    turnSec: meanSec + FIRST_GUESS_SEC,
    overheadSec: null,
  };
}

/** Makes the result of what a search has found. */
function resultOf(scenario: ScenarioName, { settings }: PreparedPlan, capacity: CapacitySettings) {
  const { budgetSec, limits, of, wanted } = capacity;
  return (found: SearchOutcome): CapacityResult => {
    const findings = { ...found, scenario, of, gate: settings.GATE, wanted, settings };
    return {
      ...found,
      format: 1,
      version: VERSION,
      scenario,
      url: maskUrl(targetUrl(settings, WIRES[scenario].path)),
      of,
      gate: settings.GATE,
      maxLoad: limits.max,
      wanted,
      budgetSec,
      settings: comparable(settings),
      sentence: answerSentence(findings),
      explanations: explanationsOf(findings),
      exitCode: exitCodeOf(found, wanted),
    };
  };
}

function exitCodeOf({ answer, end }: SearchOutcome, wanted: number | null): number {
  if (end === "interrupted") return INTERRUPTED;
  return (answer ?? 0) >= (wanted ?? Number.MIN_VALUE) ? 0 : NOT_CARRIED;
}

/** The settings that all runs of a search share, secrets masked. */
function comparable(settings: Settings): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(shownSettings(settings)).filter(([name]) => !OF_LOAD.includes(name)));
}

/** The probes of an earlier search; null without RESUME. Rejects where there is none, or where it had other settings. */
async function earlierSearch(
  folder: string,
  scenario: ScenarioName,
  settings: Settings,
): Promise<{ readonly folder: string; readonly probes: readonly Probe[] } | null> {
  if (folder === "") return null;
  const text = await readFile(join(folder, "capacity.json"), "utf8").catch(() => null);
  if (text === null)
    throw new Error(`RESUME: expected the folder of a search, with capacity.json in it, got "${folder}"`);
  const earlier = JSON.parse(text) as CapacityResult;
  const now: Readonly<Record<string, unknown>> = JSON.parse(JSON.stringify({ scenario, ...comparable(settings) }));
  const before: Readonly<Record<string, unknown>> = { scenario: earlier.scenario, ...earlier.settings };
  const different = Object.keys(now).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(before[name]));
  if (different.length > 0)
    throw new Error(`RESUME: expected the settings of ${folder}, got another ${different.join(", another ")}`);
  return { folder, probes: earlier.probes.filter(({ outcome }) => outcome !== "interrupted") };
}

const [scenario = "", ...given] = process.argv.slice(2);
if (!(scenario in WIRES)) fail(`SCENARIO: expected one of ${Object.keys(WIRES).join(", ")}, got "${scenario}"`);
else
  await searchCapacity(scenario as ScenarioName, [...given, ...splitWords(process.env.EXTRA_ARGS ?? "")])
    .then((exitCode) => {
      process.exitCode = exitCode;
    })
    .catch(fail);
