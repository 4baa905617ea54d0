/**
 * Measures the cost of one load: k6 with our bundle or the bare loop, with a number of callers against the simulator.
 */

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { percentile } from "../../lib/report/stats.ts";
import { leaveSpanSec } from "../../lib/settings/workload.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { readJsonLines } from "../results/lines.ts";
import { CORES, type Usage, usageOf } from "../results/machine.ts";
import { guarded } from "../run/children.ts";
import { ensureK6 } from "../run/k6.ts";
import { k6Env } from "../run/k6_env.ts";
import { type SimulatorProcess, spawnSimulator } from "../run/simulator_process.ts";

/** The direction of the audio: from the caller only, or from the agent too. */
export type Traffic = "up-only" | "full duplex";

/** The script that k6 runs: our bundle, or the bare loop. */
export type Script = "ours" | "bare";

/** The load to measure. */
export interface LoadRequest {
  readonly script: Script;
  readonly wire: ScenarioName;
  readonly traffic: Traffic;
  readonly callers: number;
  /** The length of the measurement, which starts when all callers are connected and the settling time is over. */
  readonly steadySec: number;
  /** The folder of the utterances; the shipped ones unless given. */
  readonly pcmFolder?: string;
  /** True: k6 runs on the first core, the simulator on the second. */
  readonly pinned?: boolean;
  /** True: the bare loop records its send lag too, which costs it a little CPU. */
  readonly wantsLag?: boolean;
}

/** The measured cost of a load; part of results/bench/. */
export interface LoadCost {
  /** CPU of k6 per call-second, in ms. */
  readonly cpuMsPerCallSec: number;
  /** Resident memory of k6, the median over the measured seconds. */
  readonly rssBytes: number;
  /** Messages per call-second, over whole calls, as k6 counted them; null where its summary lacks them. */
  readonly receivedPerCallSec: number | null;
  readonly sentPerCallSec: number | null;
  /** The P99 of the send lag after the ramp-up; null where it was not recorded. */
  readonly sendLagP99Ms: number | null;
  /** CPU of the simulator per call-second, in ms. */
  readonly simulatorCpuMsPerCallSec: number;
  /** Lateness of the simulator itself from its start to its end, P99; null where its truth file lacks it. */
  readonly simulatorP99Ms: number | null;
}

/**
 * Flags of an agent that replies. Its silence is longer than any pause in the shipped utterances, because it would
 * reply twice to an utterance that it took for two.
 */
export const FULL_DUPLEX =
  "--silence-ms 1000 --stt-ms 1000 --llm-ms 200 --tts-ms 100 --reply-ms 3000 --greeting-ms 500";

const SIMULATOR_FLAGS: Readonly<Record<Traffic, readonly string[]>> = {
  "up-only": ["--mute", "--greeting-ms", "0"],
  "full duplex": FULL_DUPLEX.split(" "),
};

/**
 * The time between two utterances of our callers, which the bare loop imitates. Up-only: the wait for a reply and the
 * pause. Full duplex: the delays of the agent, the reply and the pause.
 */
const BARE_SILENCE_MS: Readonly<Record<Traffic, number>> = { "up-only": 6500, "full duplex": 5800 };

/** All callers have started after this many seconds. */
const SPREAD_SEC = 5;

/**
 * The longest time between the end of the ramp-up and the connection of all callers, in s; includes the start of k6.
 */
const START_SEC = 30;

/** The longest time for the last turn of a caller, from the instant at which it leaves on, in s; then k6 is interrupted. */
const END_SEC = 40;

/** The folder of the shipped utterances. */
export const SHIPPED_PCM = "audio/pcm";

const run = promisify(execFile);

/** Runs one load to its end; `settleSec` pass between the connection of the last caller and the measurement. */
export async function measureLoad(request: LoadRequest, settleSec: number): Promise<LoadCost> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const truth = ["--truth", join(folder, "truth.jsonl")];
  const simulator = await spawnSimulator([...SIMULATOR_FLAGS[request.traffic], ...truth]);
  try {
    if (request.pinned) await run("taskset", ["-a", "-c", "-p", "1", String(simulator.pid)]);
    const costs = await runK6(request, { folder, simulator, settleSec });
    await simulator.stop();
    const health = (await readJsonLines(join(folder, "truth.jsonl"))).find((line) => line?.type === "health");
    return { ...costs, ...(await readK6Results(folder)), simulatorP99Ms: health ? Number(health.p99Ms) : null };
  } finally {
    await simulator.stop();
    await rm(folder, { recursive: true });
  }
}

/** True where `taskset` exists and can pin a process to the second core. */
export async function canPin(): Promise<boolean> {
  return run("taskset", ["-c", "1", "true"]).then(
    () => true,
    () => false,
  );
}

interface K6Context {
  readonly folder: string;
  readonly simulator: SimulatorProcess;
  readonly settleSec: number;
}

type Costs = Pick<LoadCost, "cpuMsPerCallSec" | "rssBytes" | "simulatorCpuMsPerCallSec">;

async function runK6(request: LoadRequest, { folder, settleSec, simulator }: K6Context): Promise<Costs> {
  const { callers, pinned, script, steadySec } = request;
  const k6 = await ensureK6();
  const flags = ["--quiet", "--log-format", "raw", "--console-output", join(folder, "log.jsonl")];
  const summary = ["--summary-export", join(folder, "k6.json")];
  const file = script === "ours" ? `dist/${request.wire}.js` : "scripts/bench/bare.js";
  const command = [...(pinned ? ["taskset", "-c", "0"] : []), k6.path, "run", ...flags, ...summary, file];
  const callSec = SPREAD_SEC + settleSec + steadySec + 3;
  const env = script === "ours" ? bundleSettings(request, folder, callSec) : await bareSettings(request, callSec);
  const child = guarded(() =>
    spawn(command[0] ?? "", command.slice(1), {
      env: k6Env({ ...process.env, HOST: simulator.host, ...env }, pinned ? 1 : CORES),
      stdio: ["ignore", "ignore", "inherit"],
    }),
  );
  const exited = new Promise<void>((done) => child.once("close", () => done()));
  try {
    await untilConnected(simulator, callers);
    await delay(settleSec * 1000);
    const costs = await measureUsage(child.pid ?? 0, simulator.pid, request);
    const endMs = (leaveSpanSec({ USERS: callers }) + END_SEC) * 1000;
    await Promise.race([exited, delay(endMs, undefined, { ref: false })]);
    return costs;
  } finally {
    child.kill("SIGINT");
    await exited;
  }
}

function bundleSettings({ callers, pcmFolder, traffic }: LoadRequest, folder: string, sec: number) {
  const greeting = traffic === "up-only" ? { GREETING_TIMEOUT_SEC: "0" } : {};
  const rampUp = { SPAWN_RATE: String(callers / SPREAD_SEC), RAMP_UP_COUNTS: "false" };
  const pcm = pcmFolder === undefined ? {} : { PCM_DIR: resolve(pcmFolder) };
  const load = { USERS: String(callers), TIME: `${sec}s`, BARGE_EVERY: "0", TURN_LOG: "true", RESULTS_DIR: folder };
  return { ...load, ...rampUp, ...greeting, ...pcm };
}

async function bareSettings({ callers, pcmFolder, traffic, wantsLag, wire }: LoadRequest, sec: number) {
  const silenceMs = BARE_SILENCE_MS[traffic];
  const pcm = resolve(await medianUtterance(pcmFolder ?? SHIPPED_PCM));
  const load = { CALLS: String(callers), SEC: String(sec), SPREAD_SEC: String(SPREAD_SEC), WIRE: wire };
  return { ...load, PCM: pcm, SILENCE_MS: String(silenceMs), ...(wantsLag && { LAG: "1" }) };
}

/** The file of the utterance of median length: the bare loop sends only one. */
async function medianUtterance(folder: string): Promise<string> {
  const lines = (await readJsonLines(join(folder, "manifest.jsonl"))).filter((line) => line !== null);
  const byLength = lines.sort((a, b) => Number(a.bytes) - Number(b.bytes));
  const file = byLength[Math.floor(byLength.length / 2)]?.file;
  if (file === undefined) throw new Error(`${folder}: expected utterances, got none; run: make generate_audio`);
  return join(folder, String(file));
}

/** Resolves when all callers are connected. Rejects when that takes longer than the ramp-up and `START_SEC`. */
async function untilConnected({ host }: SimulatorProcess, callers: number): Promise<void> {
  let calls = 0;
  for (const giveUpAtMs = Date.now() + (SPREAD_SEC + START_SEC) * 1000; Date.now() < giveUpAtMs; await delay(200)) {
    const status = await fetch(`http://${host}/api/v1/browser/status`);
    calls = ((await status.json()) as { active_connections: { total_connections: number } }).active_connections
      .total_connections;
    if (calls >= callers) return;
  }
  throw new Error(`expected ${callers} calls within ${SPREAD_SEC + START_SEC} s, got ${calls}`);
}

async function measureUsage(k6Pid: number, simulatorPid: number, { callers, steadySec }: LoadRequest): Promise<Costs> {
  const [k6From, simulatorFrom] = [await requireUsage(k6Pid), await requireUsage(simulatorPid)];
  const fromMs = performance.now();
  const rss: number[] = [];
  while (performance.now() - fromMs < steadySec * 1000) {
    await delay(1000);
    rss.push((await requireUsage(k6Pid)).rssBytes);
  }
  const callSec = (callers * (performance.now() - fromMs)) / 1000;
  const [k6To, simulatorTo] = [await requireUsage(k6Pid), await requireUsage(simulatorPid)];
  return {
    cpuMsPerCallSec: ((k6To.cpuSec - k6From.cpuSec) * 1000) / callSec,
    simulatorCpuMsPerCallSec: ((simulatorTo.cpuSec - simulatorFrom.cpuSec) * 1000) / callSec,
    rssBytes: percentile(
      rss.sort((a, b) => a - b),
      50,
    ),
  };
}

async function requireUsage(pid: number): Promise<Usage> {
  const usage = await usageOf(pid);
  if (usage === null) throw new Error("expected a running k6 and its usage in /proc, got neither");
  return usage;
}

interface ExportedSummary {
  readonly metrics: Readonly<Record<string, { readonly count?: number; readonly avg?: number } | undefined>>;
}

async function readK6Results(folder: string) {
  const text = await readFile(join(folder, "k6.json"), "utf8").catch(() => '{"metrics":{}}');
  const { metrics } = JSON.parse(text) as ExportedSummary;
  const callSec = ((metrics.ws_session_duration?.avg ?? Number.NaN) * (metrics.ws_sessions?.count ?? 0)) / 1000;
  const perCallSec = (name: string) => (callSec > 0 ? (metrics[name]?.count ?? 0) / callSec : null);
  const lines = await readJsonLines(join(folder, "log.jsonl"));
  const lagMs = lines.flatMap((line) => (Array.isArray(line?.lagMs) ? (line.lagMs as number[]) : []));
  const sorted = lagMs.sort((a, b) => a - b);
  return {
    receivedPerCallSec: perCallSec("ws_msgs_received"),
    sentPerCallSec: perCallSec("ws_msgs_sent"),
    sendLagP99Ms: sorted.length > 0 ? percentile(sorted, 99) : null,
  };
}
