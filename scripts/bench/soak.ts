/**
 * `make soak`: runs one long load as the make targets do, and checks that memory, pace, error and log do not grow.
 * Fails when the run does not pass, or when a slope exceeds what is allowed by more than noise.
 */

import { mkdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GO_VARIABLES } from "../../lib/report/go_variables.ts";

import { SETTINGS } from "../../lib/settings/settings.ts";
import { type Load, loadOnce, verifyLoad } from "../e2e/load.ts";
import setup from "../e2e/setup.ts";
import { usageOf } from "../results/machine.ts";
import { childOf } from "../run/children.ts";
import { fail } from "../run/terminal.ts";
import { parseTrace } from "./go_runtime.ts";
import { FULL_DUPLEX } from "./load_request.ts";
import { formatNumber } from "./markdown.ts";
import { numberOption } from "./options.ts";
import { currentOrigin } from "./origin.ts";
import { fitSlope, type Point, type Slope } from "./slope.ts";
import { excessGrowth, type Sample, type SlopeName, slopesOf, slopesTable, violationsOf } from "./soak_slopes.ts";

const RESULTS_FILE = "results/soak.json";

/** The agent of `make bench`; it takes 250 ms of speech for a barge-in, so that a short first word is enough. */
const AGENT = `${FULL_DUPLEX} --barge-ms 250`;

/** The utterances of this conversation are long enough for a barge-in from their first word on. */
const CONVERSATION = "claim_status";

/** All callers have started after this many seconds. */
const RAMP_UP_SEC = 5;

/** The load of a soak, and how it is sampled. */
export interface SoakRequest {
  readonly users: number;
  readonly timeSec: number;
  readonly sampleSec: number;
  /** The first seconds, which are not judged because memory still grows in them. */
  readonly settleSec: number;
  /** More settings of the load. */
  readonly settings: Readonly<Record<string, string>>;
  readonly print: (line: string) => void;
}

/** The result of a soak. */
export interface SoakResult {
  readonly run: Load;
  readonly slopes: Readonly<Record<SlopeName, Slope>>;
  readonly simulator: Slope;
  /** Violations that do not depend on the slopes. */
  readonly violations: readonly string[];
  /** Slopes that exceed what is allowed. */
  readonly growth: readonly string[];
  readonly valuesPerHour: number;
  readonly samples: readonly Sample[];
}

/** Runs a soak to its end. */
export async function soak(request: SoakRequest): Promise<SoakResult> {
  const { print, sampleSec, settings, settleSec, timeSec, users } = request;
  const all: Sample[] = [];
  const fromMs = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const load = {
    GODEBUG: "gctrace=1",
    USERS: String(users),
    SPAWN_RATE: String(users / RAMP_UP_SEC),
    TIME: `${timeSec}s`,
  };
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
  const { ttfbErrors } = await verifyLoad(run);
  const valuesPerHour = (trendValues(run) * 3600) / timeSec;
  const liveMb = liveHeap(run.output, fromMs).filter(isSteady);
  const record = {
    users,
    samples,
    liveMb,
    calls: run.log.calls,
    ttfbErrors,
    valuesPerHour,
    verdict: run.summary.verdict,
  };
  const simulator = fitSlope(samples.map(({ atMs, simulatorBytes }) => ({ atMs, value: simulatorBytes / 1e6 })));
  const slopes = slopesOf(record);
  return {
    run,
    slopes,
    simulator,
    violations: violationsOf(record),
    growth: excessGrowth(slopes, record),
    valuesPerHour,
    samples: all,
  };
}

/**
 * What k6's heap held after each collection, in MB: from what Go prints of each with GODEBUG=gctrace=1. Instants count from
 * the start of k6, which is a second or two after the start of the run: no slope depends on it.
 */
function liveHeap(output: string, startedAtMs: number): Point[] {
  return output.split("\n").flatMap((line) => {
    const traced = parseTrace(line);
    if (traced === null) return [];
    return [{ atMs: startedAtMs + traced.startSec * 1000, value: (traced.liveMib * 2 ** 20) / 1e6 }];
  });
}

/** The number of values of all Trends, those of their tagged series included. */
function trendValues({ summary }: Load): number {
  return Object.values(summary.metrics).reduce((sum, { count, p50 }) => sum + (p50 == null ? 0 : (count ?? 0)), 0);
}

/** Null while k6, the simulator or the log does not exist. */
async function sampleOf(folder: string, runnerPid: number, simulatorPid: number): Promise<Sample | null> {
  const k6Pid = await childOf(runnerPid, "k6");
  const [k6, simulator] = [k6Pid === null ? null : await usageOf(k6Pid), await usageOf(simulatorPid)];
  const log = await stat(join(folder, "log.jsonl")).catch(() => null);
  if (k6 === null || simulator === null || log === null) return null;
  return { atMs: Date.now(), k6Bytes: k6.rssBytes, simulatorBytes: simulator.rssBytes, logBytes: log.size };
}

function sampleText({ k6Bytes, logBytes, simulatorBytes }: Sample): string {
  const mb = (bytes: number) => formatNumber(bytes / 1e6);
  return `k6 ${mb(k6Bytes)} MB, simulator ${mb(simulatorBytes)} MB, log ${mb(logBytes)} MB`;
}

async function main(): Promise<boolean> {
  const { env } = process;
  await setup();
  const timeSec = SETTINGS.TIME.parse(env.TIME ?? "30m");
  if (timeSec === undefined) throw new Error(`TIME: expected ${SETTINGS.TIME.expected}, got "${env.TIME}"`);
  const { growth, run, samples, simulator, slopes, valuesPerHour, violations } = await soak({
    users: numberOption(env, "USERS", 50),
    timeSec,
    sampleSec: numberOption(env, "SAMPLE_SEC", 10),
    settleSec: numberOption(env, "SETTLE_SEC", Math.min(180, timeSec / 5)),
    // The shipped utterances and the default pauses, not the short ones of the end-to-end tests.
    settings: {
      PCM_DIR: env.PCM_DIR ?? "",
      CONVERSATION: env.PCM_DIR ? "" : CONVERSATION,
      PAUSE_BETWEEN_TURNS_SEC: env.PAUSE_BETWEEN_TURNS_SEC ?? "",
    },
    print: console.log,
  });
  const broken = [...violations, ...growth];
  await mkdir("results", { recursive: true });
  const file = {
    ...(await currentOrigin("soak", env, ["USERS", "TIME", "PCM_DIR", ...GO_VARIABLES])),
    slopes,
    simulator,
    broken,
  };
  await writeFile(RESULTS_FILE, `${JSON.stringify({ ...file, samples }, null, 2)}\n`);
  console.log(`\n${slopesTable({ ...slopes, "memory of the simulator, MB (not judged)": simulator })}\n`);
  for (const reason of run.summary.reasons) console.log(`${run.summary.verdict}  ${reason}`);
  const keptPerValue = (slopes.memory.perHour * 1e6) / valuesPerHour;
  console.log(
    `k6 keeps ${Math.round(valuesPerHour)} values of Trends per hour: ${formatNumber(keptPerValue)} bytes of growth for each`,
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
