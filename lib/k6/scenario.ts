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
import type { Files } from "../audio/utterances.ts";
import type { Line } from "../caller/call.ts";
import { Caller, type Phone, type Script } from "../caller/caller.ts";
import { ACCOMPANIED, companionOf, KINDS, METRIC_NAMES } from "../metrics/metrics.ts";
import type { SummaryData } from "../report/report.ts";
import type { Base64, Transport } from "../wire/codec.ts";
import type { ScenarioName } from "../wire/wires.ts";
import { type Cabinet, type Desk, openOffice } from "./run.lazy.ts";
import { CABINET, CONVERSATIONS, DESK, placeOfFile, placeOfPieces } from "./shared_texts.ts";

/** What CommonJS modules import with; k6 lets any script call it while it is read. */
declare function require(name: "k6/http"): typeof import("k6/http").default;

/** What k6 asks of a scenario once per run. */
interface Run {
  readonly options: Readonly<Record<string, unknown>>;
  setup(): { readonly remarks: readonly string[] };
  handleSummary(data: SummaryData): Record<string, string> | undefined;
}

/** What a scenario exports to k6; where a caller reads the script there is no run. */
export interface Scenario extends Partial<Run> {
  call(): void;
}

/** Takes samples: all that a caller keeps of k6's Trends, Counters and Rates. */
type Sink = (value: number, tags?: Record<string, string>) => void;

/** What all callers share, as it was read once. */
interface Shared {
  readonly name: ScenarioName;
  readonly transport: Transport;
  readonly shelf: readonly string[];
  readonly desk: Desk;
}

/** Builds a scenario on its wire. Throws after naming every problem when an input is wrong. */
export function voiceScenario(name: ScenarioName, transport: Transport, env: Record<string, string>): Scenario {
  const shelf = new SharedArray(`shelf of ${name}`, () => openOffice().prepare({ name, env, files: disk(), base64 }));
  const shared = { name, transport, shelf, desk: JSON.parse(shelf[DESK] ?? "") as Desk };
  // k6 reads a script for the run, as caller 0, and again for each caller, who would keep all that only the run needs.
  const run = __VU === 0 ? runOf(shared) : {};
  const sinks = makeSinks();
  let caller: Caller | null = null;
  return {
    ...run,
    call() {
      // Once more, because k6 can be told to leave out the setup.
      if (caller === null && exec.vu.idInInstance === 1) refuseOtherLoad(cabinetOf(shelf).load);
      caller ??= makeCaller(shared, sinks);
      caller.call();
    },
  };
}

/** What is done once per run, before the callers and after them. Throws when an input is wrong. */
function runOf({ name, transport, shelf, desk }: Shared): Run {
  const http = require("k6/http");
  const { frames, settings, url } = desk;
  const input = { scenario: name, settings, path: transport.path, pathHint: transport.pathHint };

  /** k6 escapes line breaks in what is thrown, so each problem is a line of its own before a short throw (exit 107). */
  const refuse = (problems: readonly string[]) => {
    if (problems.length === 0) return;
    for (const problem of problems) console.error(problem);
    throw new Error(`${problems.length} problem(s), see above; no call was made`);
  };

  /** A run that trusts any certificate says so. */
  const unverified = (): string[] => {
    if (exec.test.options.insecureSkipTLSVerify !== true) return [];
    return ["TLS CERTIFICATES WERE NOT VERIFIED (insecureSkipTLSVerify): anyone could have answered these calls"];
  };

  const bodyOf = (address: string): string | null => {
    const params = { headers: { ...settings.WS_HEADERS }, timeout: "5s", throw: true };
    try {
      return String(http.get(address, params).body);
    } catch {
      return null;
    }
  };

  /** Asks the agent which pipeline it runs, where only it can know; no answer is no remark, and no warning of k6's. */
  const askPipeline = (): string[] => {
    if (transport.statusPath === null) return [];
    const { pipelineRemark, statusUrl } = openOffice();
    const answer = bodyOf(statusUrl(url, transport.statusPath));
    const remark = answer === null ? null : pipelineRemark(settings.PIPELINE, answer);
    return remark === null ? [] : [remark];
  };

  const cabinet = cabinetOf(shelf);
  refuse(cabinet.problems);
  return {
    options: openOffice().runOptions(settings, cabinet.tiers, frames),
    setup() {
      const { load, remarks, tiers } = cabinetOf(shelf);
      const { maskUrl, runLine } = openOffice();
      const startedAtMs = Date.now();
      const known = [`target: ${maskUrl(url)}`, ...remarks.map((remark) => `note: ${remark}`)];
      if (!settings.TURN_LOG) for (const line of known) console.log(line);
      const found = [...unverified(), ...askPipeline()];
      const opening = runLine({ ...input, tiers, remarks: [...remarks, ...found], url, startedAtMs });
      if (settings.TURN_LOG) console.log(JSON.stringify(opening));
      refuseOtherLoad(load);
      return { remarks: found };
    },
    handleSummary(data) {
      const { endLine, reportOfK6, reportText, summaryJson } = openOffice();
      if (settings.TURN_LOG) console.log(JSON.stringify(endLine(data, settings)));
      if (settings.REPORT === "k6") return undefined;
      const { remarks, tiers } = cabinetOf(shelf);
      const report = reportOfK6(data, { ...input, remarks, tiers });
      const files: Record<string, string> = { stdout: reportText(report) };
      if (settings.RESULTS_DIR !== "") {
        files[`${settings.RESULTS_DIR}/summary.json`] = `${JSON.stringify(summaryJson(report), null, 2)}\n`;
      }
      return files;
    },
  };
}

function cabinetOf(shelf: readonly string[]): Cabinet {
  return JSON.parse(shelf[CABINET] ?? "") as Cabinet;
}

/** Ends the run when k6 was told to make another load than the settings ask for. */
function refuseOtherLoad(load: unknown): void {
  const problem = openOffice().loadProblem(load, exec.test.options.scenarios);
  if (problem !== null) exec.test.abort(problem);
}

function makeCaller({ name, transport, shelf, desk }: Shared, sinks: Readonly<Record<string, Sink>>): Caller {
  const { firstPieces, frames, quiet, rateHz, settings, url } = desk;
  const pieces = placeOfPieces(frames.length);
  const script: Script = {
    frames,
    quiet,
    rateHz,
    conversations: () => JSON.parse(shelf[CONVERSATIONS] ?? "") as string[],
    fileOf: (utterance) => shelf[placeOfFile(utterance)],
    piece: (utterance, at) => shelf[pieces + (firstPieces[utterance] ?? 0) + at] ?? "",
  };
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
  return new Caller({ settings, url, transport, script, phone, index: vu - 1, timeUpAtMs });
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

/** The files that k6 lets a script read, by their path from the script. */
function disk(): Files {
  const tried = <T>(read: () => T): T | null => {
    try {
      return read();
    } catch {
      return null;
    }
  };
  return { text: (path) => tried(() => open(path)), bytes: (path) => tried(() => open(path, "b")) };
}
