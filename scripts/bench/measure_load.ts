/**
 * Measures the cost of one load: k6 with our bundle or the bare loop, with a number of callers against the simulator.
 */

import { execFile, spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { promisify } from "node:util";

import { leaveSpanSec } from "../../lib/settings/workload.ts";
import { readJsonLines } from "../results/lines.ts";
import { CORES } from "../results/machine.ts";
import { guarded } from "../run/children.ts";
import { ensureK6 } from "../run/k6.ts";
import { k6Env } from "../run/k6_env.ts";
import { type SimulatorProcess, spawnSimulator } from "../run/simulator_process.ts";
import { freePort, traceCollections } from "./go_runtime.ts";
import { measureSteady, peakRssBytes, type SteadyCost } from "./load_cost.ts";
import { type LoadLag, type LoadTurns, readLoadLog } from "./load_log.ts";
import { type LoadRequest, SIMULATOR_FLAGS, SPREAD_SEC, scriptSettings } from "./load_request.ts";

/** The measured cost of a load; part of results/bench/. */
export interface LoadCost extends SteadyCost {
  /** GOGC of k6. */
  readonly gogc: string;
  /** The most resident memory of k6 from its start to its end. */
  readonly peakRssBytes: number;
  /** Messages per call-second, over whole calls, as k6 counted them; null where its summary lacks them. */
  readonly receivedPerCallSec: number | null;
  readonly sentPerCallSec: number | null;
  readonly lag: LoadLag;
  /** The bare loop has no turns. */
  readonly turns: LoadTurns;
  /** Lateness of the simulator itself from its start to its end, P99; null where its truth file lacks it. */
  readonly simulatorP99Ms: number | null;
}

/**
 * The longest time between the end of the ramp-up and the connection of all callers, in s; includes the start of k6.
 */
const START_SEC = 30;

/** The time between the end of the measurement and that of the load, in s: for the last reading of the heap. */
const SPARE_SEC = 3;

/** The longest time for the last turn of a caller, from the instant at which it leaves on, in s; then k6 is interrupted. */
const END_SEC = 40;

const run = promisify(execFile);

/** Runs one load to its end; `settleSec` pass between the connection of the last caller and the measurement. */
export async function measureLoad(request: LoadRequest, settleSec: number): Promise<LoadCost> {
  const folder = await mkdtemp(join(tmpdir(), "bench-"));
  const truth = ["--truth", join(folder, "truth.jsonl")];
  const simulator = await spawnSimulator([...SIMULATOR_FLAGS[request.traffic], ...truth]);
  try {
    if (request.pinned) await run("taskset", ["-a", "-c", "-p", "1", String(simulator.pid)]);
    const timeSec = SPREAD_SEC + settleSec + request.steadySec + SPARE_SEC;
    const { steadyFromMs, ...costs } = await runK6(request, { folder, simulator, settleSec, timeSec });
    await simulator.stop();
    const health = (await readJsonLines(join(folder, "truth.jsonl"))).find((line) => line?.type === "health");
    const simulatorP99Ms = health ? Number(health.p99Ms) : null;
    const log = await readLoadLog(folder, { steadyFromMs, timeSec });
    return { ...costs, ...log, ...(await readMessages(folder)), simulatorP99Ms };
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
  readonly timeSec: number;
}

/** What is known of a load when its k6 has ended; `steadyFromMs` is epoch ms. */
type RunCost = SteadyCost & Pick<LoadCost, "gogc" | "peakRssBytes"> & { readonly steadyFromMs: number };

async function runK6(request: LoadRequest, { folder, settleSec, simulator, timeSec }: K6Context): Promise<RunCost> {
  const { callers, gogc, pinned, wantsCollections, wantsHeap } = request;
  const profilerPort = wantsHeap ? await freePort() : null;
  const go = { ...(gogc && { GOGC: gogc }), ...(wantsCollections && { GODEBUG: "gctrace=1" }) };
  const settings = await scriptSettings(request, folder, timeSec);
  const env = k6Env({ ...process.env, ...go, HOST: simulator.host, ...settings }, pinned ? 1 : CORES);
  const command = await k6Command(request, folder, profilerPort);
  const child = guarded(() => spawn(command[0] ?? "", command.slice(1), { env, stdio: ["ignore", "ignore", "pipe"] }));
  const traced = traceCollections(child.stderr, process.stderr);
  const exited = new Promise<void>((done) => child.once("close", () => done()));
  try {
    await untilConnected(simulator, callers);
    await delay(settleSec * 1000);
    const steadyFromMs = Date.now();
    const [k6Pid, collections] = [child.pid ?? 0, wantsCollections ? traced : null];
    const cost = await measureSteady({ k6Pid, simulatorPid: simulator.pid, profilerPort, collections }, request);
    const peakBytes = await peakRssBytes(k6Pid, exited, leaveSpanSec({ USERS: callers }) + END_SEC);
    return { ...cost, gogc: env.GOGC ?? "", peakRssBytes: peakBytes, steadyFromMs };
  } finally {
    child.kill("SIGINT");
    await exited;
  }
}

async function k6Command(
  { pinned, script, wire }: LoadRequest,
  folder: string,
  profilerPort: number | null,
): Promise<readonly string[]> {
  const k6 = await ensureK6();
  const flags = ["--quiet", "--log-format", "raw", "--console-output", join(folder, "log.jsonl")];
  const summary = ["--summary-export", join(folder, "k6.json")];
  const profiler = profilerPort === null ? [] : ["--profiling-enabled", "--address", `127.0.0.1:${profilerPort}`];
  const file = script === "ours" ? `dist/${wire}.js` : "scripts/bench/bare.js";
  return [...(pinned ? ["taskset", "-c", "0"] : []), k6.path, "run", ...flags, ...summary, ...profiler, file];
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

interface ExportedSummary {
  readonly metrics: Readonly<Record<string, { readonly count?: number; readonly avg?: number } | undefined>>;
}

async function readMessages(folder: string): Promise<Pick<LoadCost, "receivedPerCallSec" | "sentPerCallSec">> {
  const text = await readFile(join(folder, "k6.json"), "utf8").catch(() => '{"metrics":{}}');
  const { metrics } = JSON.parse(text) as ExportedSummary;
  const callSec = ((metrics.ws_session_duration?.avg ?? Number.NaN) * (metrics.ws_sessions?.count ?? 0)) / 1000;
  const perCallSec = (name: string) => (callSec > 0 ? (metrics[name]?.count ?? 0) / callSec : null);
  return { receivedPerCallSec: perCallSec("ws_msgs_received"), sentPerCallSec: perCallSec("ws_msgs_sent") };
}
