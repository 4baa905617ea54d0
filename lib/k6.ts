/**
 * The only file that knows k6: its metrics, sockets, files and clocks, bound to what the rest of the house asks
 * for. It takes no decisions.
 */

import { sleep } from "k6";
import { SharedArray } from "k6/data";
import { b64decode, b64encode } from "k6/encoding";
import exec from "k6/execution";
import { Counter, Rate, Trend } from "k6/metrics";
import ws, { type Socket } from "k6/ws";

import type { Line } from "./call.ts";
import { Caller, type Phone, type Script } from "./caller.ts";
import type { Base64, Transport } from "./codec.ts";
import type { Settings } from "./config.ts";
import { ACCOMPANIED, companionOf, KINDS, METRIC_NAMES } from "./metrics.ts";
import { type Cabinet, type Desk, openOffice } from "./office.ts";
import type { SummaryData } from "./report.ts";
import { maskUrl, targetUrl } from "./target.ts";
import type { ScenarioName } from "./wires.ts";

/** What CommonJS modules import with; k6 lets any script call it while it is read. */
declare function require(name: "k6/http"): typeof import("k6/http").default;

/** Only the setup asks anything over HTTP, and it runs as caller 0: each of the others would carry 20 kB of it for nothing. */
const http = __VU === 0 ? require("k6/http") : null;

/** What a scenario exports to k6. */
export interface Scenario {
  readonly options: Readonly<Record<string, unknown>>;
  setup(): { readonly remarks: readonly string[] };
  call(): void;
  handleSummary(data: SummaryData): Record<string, string> | undefined;
}

/** Takes samples: all that a caller keeps of k6's Trends, Counters and Rates. */
type Sink = (value: number, tags?: Record<string, string>) => void;

/** Builds a scenario on its wire. Throws after naming every problem when an input is wrong. */
export function voiceScenario(name: ScenarioName, transport: Transport, env: Record<string, string>): Scenario {
  const shared = new SharedArray(`utterances of ${name}`, () => {
    const { desk, cabinet, pieces } = openOffice().prepare({
      name,
      env,
      files: { text: textOf, bytes: bytesOf },
      base64,
    });
    return [JSON.stringify(desk), JSON.stringify(cabinet), ...pieces];
  });
  const { conversations, files, firstPieces, frames, quiet, rateHz, settings } = JSON.parse(shared[0] ?? "") as Desk;
  const openCabinet = () => JSON.parse(shared[1] ?? "") as Cabinet;
  if (__VU === 0) refuse(openCabinet().problems);

  const script: Script = {
    files,
    conversations,
    frames,
    rateHz,
    quiet,
    piece: (utterance, at) => shared[2 + (firstPieces[utterance] ?? 0) + at] ?? "",
  };
  // k6 takes the options of its first look at a script; every caller would keep hundreds of thresholds for nothing.
  const options = __VU === 0 ? openOffice().runOptions(settings, openCabinet().tiers, frames) : {};
  const input = { scenario: name, settings, path: transport.path, pathHint: transport.pathHint };
  const sinks = makeSinks();
  let caller: Caller | null = null;

  return {
    options,
    setup() {
      const { load, remarks, tiers } = openCabinet();
      const url = targetUrl(settings, transport.path);
      const startedAtMs = Date.now();
      const known = [`target: ${maskUrl(url)}`, ...remarks.map((remark) => `note: ${remark}`)];
      if (!settings.TURN_LOG) for (const line of known) console.log(line);
      const found = [...unverified(), ...askPipeline(settings, url, transport.statusPath)];
      const opening = openOffice().runLine({ ...input, tiers, remarks: [...remarks, ...found], url, startedAtMs });
      if (settings.TURN_LOG) console.log(JSON.stringify(opening));
      refuseOtherLoad(load);
      return { remarks: found };
    },
    call() {
      // Once more, because k6 can be told to leave out the setup.
      if (caller === null && exec.vu.idInInstance === 1) refuseOtherLoad(openCabinet().load);
      caller ??= makeCaller(name, { settings, transport, script, sinks });
      caller.call();
    },
    handleSummary(data) {
      const { endLine, reportOfK6, reportText, summaryJson } = openOffice();
      if (settings.TURN_LOG) console.log(JSON.stringify(endLine(data, settings)));
      if (settings.REPORT === "k6") return undefined;
      const { remarks, tiers } = openCabinet();
      const run = reportOfK6(data, { ...input, remarks, tiers });
      const files: Record<string, string> = { stdout: reportText(run) };
      if (settings.RESULTS_DIR !== "") {
        files[`${settings.RESULTS_DIR}/summary.json`] = `${JSON.stringify(summaryJson(run), null, 2)}\n`;
      }
      return files;
    },
  };
}

/** k6 escapes line breaks in what is thrown, so each problem is a line of its own before a short throw (exit 107). */
function refuse(problems: readonly string[]): void {
  if (problems.length === 0) return;
  for (const problem of problems) console.error(problem);
  throw new Error(`${problems.length} problem(s), see above; no call was made`);
}

/** Ends the run when k6 was told to make another load than the settings ask for. */
function refuseOtherLoad(load: unknown): void {
  const problem = openOffice().loadProblem(load, exec.test.options.scenarios);
  if (problem !== null) exec.test.abort(problem);
}

/** A run that trusts any certificate says so. */
function unverified(): string[] {
  if (exec.test.options.insecureSkipTLSVerify !== true) return [];
  return ["TLS CERTIFICATES WERE NOT VERIFIED (insecureSkipTLSVerify): anyone could have answered these calls"];
}

/** Asks the agent which pipeline it runs, where only it can know; no answer is no remark, and no warning of k6's. */
function askPipeline(settings: Settings, url: string, statusPath: string | null): string[] {
  if (statusPath === null || http === null) return [];
  const { pipelineRemark, statusUrl } = openOffice();
  const answer = bodyOf(http, statusUrl(url, statusPath), settings.WS_HEADERS);
  const remark = answer === null ? null : pipelineRemark(settings.PIPELINE, answer);
  return remark === null ? [] : [remark];
}

function bodyOf(client: NonNullable<typeof http>, url: string, headers: Settings["WS_HEADERS"]): string | null {
  const params = { headers: { ...headers }, timeout: "5s", throw: true };
  try {
    return String(client.get(url, params).body);
  } catch {
    return null;
  }
}

interface CallerInput {
  readonly settings: Settings;
  readonly transport: Transport;
  readonly script: Script;
  readonly sinks: Readonly<Record<string, Sink>>;
}

function makeCaller(name: string, { settings, transport, script, sinks }: CallerInput): Caller {
  // Kept, because fetching it anew for each reading of the clock costs 25 times as much.
  const { instance } = exec;
  const epochOffsetMs = Date.now() - instance.currentTestRunDuration;
  const run = settings.RESULTS_DIR.split("/").at(-1) ?? "";
  const vu = exec.vu.idInTest;
  const phone: Phone = {
    epochOffsetMs,
    base64,
    now: () => instance.currentTestRunDuration,
    sleep,
    random: Math.random,
    uuid: () => crypto.randomUUID(),
    dial,
    add({ metric, value, tags }) {
      sinks[metric]?.(value, tags);
      sinks[companionOf(metric)]?.(1, tags);
    },
    log({ type, ...line }) {
      if (!settings.TURN_LOG) return;
      sinks.log_lines?.(1);
      console.log(JSON.stringify({ type, run, scenario: name, pipeline: settings.PIPELINE, vu, ...line }));
    },
  };
  const timeUpAtMs = exec.scenario.startTime + settings.TIME * 1000 - epochOffsetMs;
  return new Caller({ settings, transport, script, phone, index: vu - 1, timeUpAtMs });
}

const base64: Base64 = {
  encode: (bytes) => b64encode(bytes),
  decode: (text) => b64decode(text),
};

const dial: Phone["dial"] = (url, headers, connected) => {
  const response = ws.connect(url, { headers: { ...headers } }, (socket) => connected(lineOf(socket)));
  return {
    status: response.status,
    error: response.error,
    body: response.body,
    retryAfter: response.headers["Retry-After"] ?? "",
  };
};

/** Methods are taken off the socket once: k6 makes them anew each time that they are looked up. */
function lineOf(socket: Socket): Line {
  const { send, sendBinary } = socket;
  return {
    sendText: send,
    sendBinary,
    close: (code) => socket.close(code),
    every: (firstInMs, intervalMs, run) =>
      socket.setTimeout(() => {
        socket.setInterval(run, intervalMs);
        run();
      }, firstInMs),
    onMessage: (take) => socket.on("message", take),
    onError: (take) => socket.on("error", (error) => take(String(error))),
    onClose: (take) => socket.on("close", take),
  };
}

/** One k6 metric for each of ours, and a Counter of samples beside each that a threshold may gate. */
function makeSinks(): Readonly<Record<string, Sink>> {
  const make = {
    trend: (name: string) => new Trend(name, true),
    counter: (name: string) => new Counter(name),
    rate: (name: string) => new Rate(name),
  };
  return Object.fromEntries([
    ...METRIC_NAMES.map((name) => [name, make[KINDS[name]](name).add]),
    ...ACCOMPANIED.map((name) => [companionOf(name), new Counter(companionOf(name)).add]),
  ]);
}

function textOf(path: string): string | null {
  try {
    return open(path);
  } catch {
    return null;
  }
}

function bytesOf(path: string): ArrayBuffer | null {
  try {
    return open(path, "b");
  } catch {
    return null;
  }
}
