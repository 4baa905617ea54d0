/**
 * `make soak`: one long load, as the make targets make it, and what grows in it: memory, pace, error, log. Fails when
 * the run does not pass, or when a slope is more than noise.
 */

import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { SETTINGS } from "../../lib/settings/settings.ts";
import { buildAll } from "../build.ts";
import { type Load, loadOnce, proofOf } from "../e2e/load.ts";
import { usageOf } from "../results/machine.ts";
import { childOf } from "../run/children.ts";
import { ensureK6 } from "../run/k6.ts";
import { GO_VARIABLES } from "../run/k6_env.ts";
import { fail } from "../run/terminal.ts";
import { madeBy, shown } from "./markdown.ts";
import { FULL_DUPLEX } from "./measure_load.ts";
import { askedNumber } from "./options.ts";
import { type Slope, slopeOf } from "./slope.ts";
import { faultsOf, growing, type Sample, type SlopeName, slopesOf, slopesTable } from "./soak_slopes.ts";

const ROWS_FILE = "results/soak.json";

/** The bench's agent, with a stop that a short first word is enough for. */
const AGENT = `${FULL_DUPLEX} --barge-ms 250`;

/** Its utterances are long enough to interrupt with, from their first word on. */
const CONVERSATION = "claim_status";

/** All callers have started after this many seconds. */
const RAMP_UP_SEC = 5;

/** What is to be soaked, and how it is looked at. */
export interface SoakRequest {
  readonly users: number;
  readonly timeSec: number;
  readonly sampleSec: number;
  /** The first seconds, in which memory is still being taken. */
  readonly settleSec: number;
  /** More settings of the load. */
  readonly settings: Readonly<Record<string, string>>;
  readonly print: (line: string) => void;
}

/** What came of it. */
export interface Soaked {
  readonly run: Load;
  readonly slopes: Readonly<Record<SlopeName, Slope>>;
  readonly simulator: Slope;
  /** What is wrong whatever the slopes are. */
  readonly faults: readonly string[];
  /** What grows by more than it may. */
  readonly growth: readonly string[];
  readonly valuesPerHour: number;
  readonly samples: readonly Sample[];
}

/** Runs a soak to its end. */
export async function soak(request: SoakRequest): Promise<Soaked> {
  const { print, sampleSec, settings, settleSec, timeSec, users } = request;
  const all: Sample[] = [];
  const fromMs = Date.now();
  let timer: NodeJS.Timeout | undefined;
  // As often as Go collects by itself, so that the memory is what is in use and not what is still to be collected.
  const memory = { GOGC: process.env.GOGC || "100" };
  const load = { ...memory, USERS: String(users), SPAWN_RATE: String(users / RAMP_UP_SEC), TIME: `${timeSec}s` };
  const run = await loadOnce(AGENT.split(" "), { ...load, ...settings }, (_, folder, pids) => {
    timer = setInterval(async () => {
      const sample = await sampleOf(folder, pids.runner, pids.simulator);
      if (sample === null) return;
      all.push(sample);
      print(`${((sample.atMs - fromMs) / 1000).toFixed(0).padStart(6)} s  ${sampleText(sample)}`);
    }, sampleSec * 1000);
  }).finally(() => clearInterval(timer));
  const [steadyFromMs, steadyToMs] = [fromMs + settleSec * 1000, fromMs + timeSec * 1000];
  const isSteady = ({ atMs }: { readonly atMs: number }) => atMs >= steadyFromMs && atMs <= steadyToMs;
  const samples = all.filter(isSteady);
  const { ttfbErrors } = await proofOf(run);
  const valuesPerHour = (trendValues(run) * 3600) / timeSec;
  const record = { users, samples, calls: run.log.calls, ttfbErrors, valuesPerHour, verdict: run.summary.verdict };
  const simulator = slopeOf(samples.map(({ atMs, simulatorBytes }) => ({ atMs, value: simulatorBytes / 1e6 })));
  const slopes = slopesOf(record);
  return {
    run,
    slopes,
    simulator,
    faults: faultsOf(record),
    growth: growing(slopes, record),
    valuesPerHour,
    samples: all,
  };
}

/** How many values all Trends have, each with its series. */
function trendValues({ summary }: Load): number {
  return Object.values(summary.metrics).reduce((sum, { count, p50 }) => sum + (p50 == null ? 0 : (count ?? 0)), 0);
}

/** Null while there is no k6. */
async function sampleOf(folder: string, runnerPid: number, simulatorPid: number): Promise<Sample | null> {
  const k6Pid = await childOf(runnerPid, "k6");
  const [k6, simulator] = [k6Pid === null ? null : await usageOf(k6Pid), await usageOf(simulatorPid)];
  const log = await stat(join(folder, "log.jsonl")).catch(() => null);
  if (k6 === null || simulator === null || log === null) return null;
  return { atMs: Date.now(), k6Bytes: k6.rssBytes, simulatorBytes: simulator.rssBytes, logBytes: log.size };
}

function sampleText({ k6Bytes, logBytes, simulatorBytes }: Sample): string {
  const mb = (bytes: number) => shown(bytes / 1e6);
  return `k6 ${mb(k6Bytes)} MB, simulator ${mb(simulatorBytes)} MB, log ${mb(logBytes)} MB`;
}

async function main(): Promise<boolean> {
  const { env } = process;
  await ensureK6();
  await buildAll("dist");
  const timeSec = SETTINGS.TIME.read(env.TIME ?? "30m");
  if (timeSec === undefined) throw new Error(`TIME: expected ${SETTINGS.TIME.expected}, got "${env.TIME}"`);
  const { faults, growth, run, samples, simulator, slopes, valuesPerHour } = await soak({
    users: askedNumber(env, "USERS", 50),
    timeSec,
    sampleSec: askedNumber(env, "SAMPLE_SEC", 10),
    settleSec: askedNumber(env, "SETTLE_SEC", Math.min(180, timeSec / 5)),
    // The shipped utterances and the pauses of people, not those of quick tests.
    settings: {
      PCM_DIR: env.PCM_DIR ?? "",
      CONVERSATION: env.PCM_DIR ? "" : CONVERSATION,
      PAUSE_BETWEEN_TURNS_SEC: env.PAUSE_BETWEEN_TURNS_SEC ?? "",
    },
    print: console.log,
  });
  const broken = [...faults, ...growth];
  await mkdir("results", { recursive: true });
  const file = {
    ...(await madeBy("soak", env, ["USERS", "TIME", "PCM_DIR", ...GO_VARIABLES])),
    slopes,
    simulator,
    broken,
  };
  await writeFile(ROWS_FILE, `${JSON.stringify({ ...file, samples }, null, 2)}\n`);
  console.log(`\n${slopesTable({ ...slopes, "memory of the simulator, MB (not judged)": simulator })}\n`);
  for (const reason of run.summary.reasons) console.log(`${run.summary.verdict}  ${reason}`);
  const keptPerValue = (slopes.memory.perHour * 1e6) / valuesPerHour;
  console.log(
    `k6 keeps ${Math.round(valuesPerHour)} values of Trends per hour: ${shown(keptPerValue)} bytes of growth for each`,
  );
  const { calls, turns } = run.log;
  console.log(`${turns.length} turns, ${calls.length} calls, verdict ${run.summary.verdict}, ${run.folder}`);
  for (const line of broken) console.error(line);
  return broken.length === 0;
}

if (import.meta.filename === process.argv[1]) {
  await main()
    .then((good) => {
      if (!good) process.exitCode = 1;
    })
    .catch(fail);
}
