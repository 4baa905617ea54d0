/** One side of a comparison: our bundle or the bare loop, a number of callers against the simulator, and what it cost. */

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { promisify } from "node:util";

import { percentile } from "../../lib/report/stats.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { CORES, type Usage, usageOf } from "../results/machine.ts";
import { readJsonLines } from "../results/results.ts";
import { ensureK6 } from "../run/k6.ts";
import { k6Env } from "../run/k6_env.ts";
import { type SimulatorProcess, spawnSimulator } from "../run/simulator_process.ts";

/** What a call is made of: its own frames only, or the agent's audio too. */
export type Traffic = "up-only" | "full duplex";

/** Which script calls: our bundle, or the bare loop. */
export type Script = "ours" | "bare";

/** What is to be measured. */
export interface SideRequest {
  readonly script: Script;
  readonly wire: ScenarioName;
  readonly traffic: Traffic;
  readonly callers: number;
  /** Seconds that are measured, once every caller is on the line and has settled. */
  readonly steadySec: number;
  /** The folder of the utterances; the shipped ones unless given. */
  readonly pcmFolder?: string;
  /** k6 on the first core and the simulator on the second. */
  readonly pinned?: boolean;
  /** The bare loop keeps its lag too, which costs it a little. */
  readonly wantsLag?: boolean;
}

/** What it cost. */
export interface SideCost {
  /** CPU of k6 for one second of one call, in ms. */
  readonly cpuMsPerCallSec: number;
  /** Resident memory of k6, the median of the steady seconds. */
  readonly rssBytes: number;
  /** Messages of one second of one call, over whole calls, as k6 counted them; null when it did not say. */
  readonly receivedPerCallSec: number | null;
  readonly sentPerCallSec: number | null;
  /** Worst lateness of each second of each call after the ramp-up, P99; null where it was not kept. */
  readonly sendLagP99Ms: number | null;
  /** CPU of the simulator for one second of one call, in ms. */
  readonly simulatorCpuMsPerCallSec: number;
  /** The simulator's own lateness over its whole life, P99. */
  readonly simulatorP99Ms: number | null;
}

/**
 * The agent that answers: a silence longer than any pause of the shipped utterances, because one that the agent heard as two
 * would be answered twice.
 */
export const FULL_DUPLEX =
  "--silence-ms 1000 --stt-ms 1000 --llm-ms 200 --tts-ms 100 --reply-ms 3000 --greeting-ms 500";

const SIMULATOR_FLAGS: Readonly<Record<Traffic, readonly string[]>> = {
  "up-only": ["--mute", "--greeting-ms", "0"],
  "full duplex": FULL_DUPLEX.split(" "),
};

/** What our callers are silent for between two utterances: the wait and the pause; or the delays, the reply and the pause. */
const BARE_SILENCE_MS: Readonly<Record<Traffic, number>> = { "up-only": 6500, "full duplex": 5800 };

/** All callers have started after this many seconds. */
const SPREAD_SEC = 5;

/** What k6 may take to begin, and the longest that is waited for all callers beyond their ramp-up, in s. */
const START_SEC = 30;

/** What the last turn and hanging up may take, in s; what is left then is cut. */
const END_SEC = 40;

/** Where the shipped utterances are. */
export const SHIPPED_PCM = "audio/pcm";

const run = promisify(execFile);

/** Runs one side to its end; `settleSec` pass between the last caller's start and the measuring. */
export async function measureSide(request: SideRequest, settleSec: number): Promise<SideCost> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const truth = ["--truth", join(folder, "truth.jsonl")];
  const simulator = await spawnSimulator([...SIMULATOR_FLAGS[request.traffic], ...truth]);
  try {
    if (request.pinned) await run("taskset", ["-a", "-c", "-p", "1", String(simulator.pid)]);
    const costs = await withK6(request, { folder, simulator, settleSec });
    await simulator.stop();
    const health = (await readJsonLines(join(folder, "truth.jsonl"))).find((line) => line?.type === "health");
    return { ...costs, ...(await leftBehind(folder)), simulatorP99Ms: health ? Number(health.p99Ms) : null };
  } finally {
    await simulator.stop();
    await rm(folder, { recursive: true });
  }
}

/** True where `taskset` is there to give each process a core of its own. */
export async function canPin(): Promise<boolean> {
  return run("taskset", ["-c", "1", "true"]).then(
    () => true,
    () => false,
  );
}

interface Stage {
  readonly folder: string;
  readonly simulator: SimulatorProcess;
  readonly settleSec: number;
}

type Costs = Pick<SideCost, "cpuMsPerCallSec" | "rssBytes" | "simulatorCpuMsPerCallSec">;

async function withK6(request: SideRequest, { folder, settleSec, simulator }: Stage): Promise<Costs> {
  const { callers, pinned, script, steadySec } = request;
  const k6 = await ensureK6();
  const flags = ["--quiet", "--log-format", "raw", "--console-output", join(folder, "log.jsonl")];
  const summary = ["--summary-export", join(folder, "k6.json")];
  const file = script === "ours" ? `dist/${request.wire}.js` : "scripts/bench/bare.js";
  const command = [...(pinned ? ["taskset", "-c", "0"] : []), k6.path, "run", ...flags, ...summary, file];
  const callSec = SPREAD_SEC + settleSec + steadySec + 3;
  const env = script === "ours" ? ourSettings(request, folder, callSec) : await bareSettings(request, callSec);
  const child = spawn(command[0] ?? "", command.slice(1), {
    env: k6Env({ ...process.env, HOST: simulator.host, ...env }, pinned ? 1 : CORES),
    stdio: ["ignore", "ignore", "inherit"],
  });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  try {
    await allCalling(simulator, callers);
    await after(settleSec * 1000);
    const costs = await steady(child.pid ?? 0, simulator.pid, request);
    await Promise.race([ended, after(END_SEC * 1000, undefined, { ref: false })]);
    return costs;
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}

function ourSettings({ callers, pcmFolder, traffic }: SideRequest, folder: string, sec: number) {
  const answered = traffic === "up-only" ? { GREETING_TIMEOUT_SEC: "0" } : {};
  const rampUp = { SPAWN_RATE: String(callers / SPREAD_SEC), RAMP_UP_COUNTS: "false" };
  const spoken = pcmFolder === undefined ? {} : { PCM_DIR: resolve(pcmFolder) };
  const wanted = { USERS: String(callers), TIME: `${sec}s`, BARGE_EVERY: "0", TURN_LOG: "true", RESULTS_DIR: folder };
  return { ...wanted, ...rampUp, ...answered, ...spoken };
}

async function bareSettings({ callers, pcmFolder, traffic, wantsLag, wire }: SideRequest, sec: number) {
  const silenceMs = BARE_SILENCE_MS[traffic];
  const pcm = resolve(await middling(pcmFolder ?? SHIPPED_PCM));
  const load = { CALLS: String(callers), SEC: String(sec), SPREAD_SEC: String(SPREAD_SEC), WIRE: wire };
  return { ...load, PCM: pcm, SILENCE_MS: String(silenceMs), ...(wantsLag && { LAG: "1" }) };
}

/** The utterance of middling length: the bare loop says one only. */
async function middling(folder: string): Promise<string> {
  const lines = (await readJsonLines(join(folder, "manifest.jsonl"))).filter((line) => line !== null);
  const byLength = lines.sort((a, b) => Number(a.bytes) - Number(b.bytes));
  const file = byLength[Math.floor(byLength.length / 2)]?.file;
  if (file === undefined) throw new Error(`${folder}: expected utterances, got none; run: make generate_audio`);
  return join(folder, String(file));
}

/** Resolves when so many calls are up. Throws when that takes too long. */
async function allCalling({ host }: SimulatorProcess, callers: number): Promise<void> {
  let calls = 0;
  for (const giveUpAtMs = Date.now() + (SPREAD_SEC + START_SEC) * 1000; Date.now() < giveUpAtMs; await after(200)) {
    const status = await fetch(`http://${host}/api/v1/browser/status`);
    calls = ((await status.json()) as { active_connections: { total_connections: number } }).active_connections
      .total_connections;
    if (calls >= callers) return;
  }
  throw new Error(`expected ${callers} calls within ${SPREAD_SEC + START_SEC} s, got ${calls}`);
}

async function steady(k6Pid: number, simulatorPid: number, { callers, steadySec }: SideRequest): Promise<Costs> {
  const [k6From, simulatorFrom] = [await used(k6Pid), await used(simulatorPid)];
  const fromMs = performance.now();
  const rss: number[] = [];
  while (performance.now() - fromMs < steadySec * 1000) {
    await after(1000);
    rss.push((await used(k6Pid)).rssBytes);
  }
  const callSec = (callers * (performance.now() - fromMs)) / 1000;
  const [k6To, simulatorTo] = [await used(k6Pid), await used(simulatorPid)];
  return {
    cpuMsPerCallSec: ((k6To.cpuSec - k6From.cpuSec) * 1000) / callSec,
    simulatorCpuMsPerCallSec: ((simulatorTo.cpuSec - simulatorFrom.cpuSec) * 1000) / callSec,
    rssBytes: percentile(
      rss.sort((a, b) => a - b),
      50,
    ),
  };
}

async function used(pid: number): Promise<Usage> {
  const usage = await usageOf(pid);
  if (usage === null) throw new Error("expected a running k6 and a /proc that tells its use, got neither");
  return usage;
}

interface ExportedSummary {
  readonly metrics: Readonly<Record<string, { readonly count?: number; readonly avg?: number } | undefined>>;
}

async function leftBehind(folder: string) {
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
