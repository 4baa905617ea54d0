/** What the doctor looks at, one check after the other: each says what it found, and what to do when it is bad. */

import { lookup } from "node:dns/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import type { Settings } from "../../lib/settings/settings.ts";
import { pipelineRemark, statusUrl } from "../../lib/wire/pipeline_status.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { findK6 } from "../run/k6.ts";
import { prepare } from "../run/prepare.ts";
import { dialLine } from "./connection.ts";
import { dialOf } from "./target.ts";

/** What a check found. */
export interface Diagnosis {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do; empty when all is well. */
  readonly advice: string;
}

/** How long the target may take over each step, in ms. */
const STEP_MS = 10_000;

const OLDEST_NODE = 20;

/** Days before its end at which a certificate is worth a word. */
const EXPIRY_DAYS = 14;

const good = (name: string, found: string): Diagnosis => ({ name, ok: true, found, advice: "" });
const bad = (name: string, found: string, advice: string): Diagnosis => ({ name, ok: false, found, advice });

/** Examines this machine, then the target step by step; what comes after a failed step of the target is not tried. */
export async function* diagnose(scenario: ScenarioName, env: NodeJS.ProcessEnv): AsyncGenerator<Diagnosis> {
  yield checkNode();
  yield await checkK6();
  const { problems, script, settings } = prepare(scenario, env);
  const audio = `${script.files.length} utterances`;
  const advice = "see the setting; make generate_audio speaks what callers say";
  yield problems.length === 0
    ? good("settings and audio", audio)
    : bad("settings and audio", problems.join("; "), advice);
  const url = new URL(dialOf(scenario, settings, "x").url);
  for (const step of [checkDns, checkTcp, checkTls]) {
    const diagnosis = await step(url);
    if (diagnosis !== null) yield diagnosis;
    if (diagnosis !== null && !diagnosis.ok) return;
  }
  const upgrade = await checkUpgrade(scenario, settings);
  yield upgrade;
  if (upgrade.ok) yield await checkPipeline(scenario, settings, url);
}

function checkNode(): Diagnosis {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= OLDEST_NODE) return good("node", process.versions.node);
  return bad("node", process.versions.node, `install Node ${OLDEST_NODE} or later`);
}

async function checkK6(): Promise<Diagnosis> {
  const k6 = await findK6();
  if (k6 !== null) return good("k6", `${k6.version} at ${k6.path}`);
  return good("k6", "none yet: the first run fetches or builds one");
}

async function checkDns(url: URL): Promise<Diagnosis> {
  const host = url.hostname.replaceAll(/[[\]]/g, "");
  return lookup(host).then(
    ({ address }) => good("DNS", `${host} is ${address}`),
    (error: Error) => bad("DNS", error.message, "is HOST or WS_URL right, and is this machine in the agent's network?"),
  );
}

async function checkTcp(url: URL): Promise<Diagnosis> {
  const socket = connectTcp({ host: url.hostname.replaceAll(/[[\]]/g, ""), port: portOf(url), timeout: STEP_MS });
  const problem = await outcome(socket, "connect");
  socket.destroy();
  if (problem === null) return good("connection", `port ${portOf(url)} is open`);
  const advice = /REFUSED/.test(problem)
    ? "is the agent running, and does it listen on this port?"
    : "is a firewall or a network policy in between?";
  return bad("connection", problem, advice);
}

async function checkTls(url: URL): Promise<Diagnosis | null> {
  if (url.protocol !== "wss:") return null;
  const host = url.hostname;
  const socket = connectTls({
    host,
    port: portOf(url),
    servername: /^[\d.]+$/.test(host) ? "" : host,
    timeout: STEP_MS,
  });
  const problem = await outcome(socket, "secureConnect");
  const days = problem === null ? daysLeft(socket) : 0;
  socket.destroy();
  if (problem !== null) return bad("TLS", problem, tlsAdvice(problem));
  if (days > EXPIRY_DAYS) return good("TLS", `the certificate is valid for ${days} more days`);
  return good("TLS", `the certificate is valid, but for ${days} more days only`);
}

function tlsAdvice(problem: string): string {
  if (/wrong version|packet length|SSL routines|disconnected|ECONNRESET/i.test(problem))
    return "this port speaks no TLS: say HOST=ws://host:port";
  return "trust its authority (SSL_CERT_FILE for k6, NODE_EXTRA_CA_CERTS here), or renew the certificate";
}

function daysLeft(socket: TLSSocket): number {
  return Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000);
}

async function checkUpgrade(scenario: ScenarioName, settings: Settings): Promise<Diagnosis> {
  const dialled = await dialLine(dialOf(scenario, settings, `${settings.SESSION_PREFIX}doctor`));
  if (dialled.line !== null) {
    dialled.line.close(1000);
    return good("upgrade", "101, the agent takes calls");
  }
  const { body, error, status } = dialled;
  const words = status > 0 ? `${status} ${body.trim().slice(0, 120)}`.trim() : error;
  return bad("upgrade", words, ADVICE[status] ?? "look into the agent's logs");
}

const ADVICE: Readonly<Record<number, string>> = {
  401: "the agent wants credentials: set WS_HEADERS",
  403: "a wrong path, or credentials are missing: see WS_PATH and WS_HEADERS",
  404: "the path is wrong: set WS_PATH; browser backends since 2026 want /api/v1/browser/conversation",
  429: "the agent throttles new calls: lower SPAWN_RATE, or raise its quota",
  500: "the agent is broken, or full: its connection limit answers so",
  502: "the gateway is up and the agent behind it is down",
  503: "the agent is starting, or full",
};

async function checkPipeline(scenario: ScenarioName, settings: Settings, url: URL): Promise<Diagnosis> {
  const { statusPath } = WIRES[scenario];
  if (statusPath === null) return good("pipeline", `${settings.PIPELINE}, which the caller chooses on this wire`);
  const body = await fetch(statusUrl(url.href, statusPath), {
    headers: settings.WS_HEADERS,
    signal: AbortSignal.timeout(STEP_MS),
  })
    .then((response) => response.text())
    .catch(() => "");
  const remark = pipelineRemark(settings.PIPELINE, body);
  if (remark !== null) return bad("pipeline", remark, "set PIPELINE to what the agent runs");
  return good("pipeline", settings.PIPELINE);
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "wss:" ? 443 : 80));
}

/** Null when the event came, else what came instead of it. */
async function outcome(socket: Socket, event: string): Promise<string | null> {
  return new Promise((done) => {
    socket.once(event, () => done(null));
    socket.once("error", (error: NodeJS.ErrnoException) => done((error.message || (error.code ?? "failed")).trim()));
    socket.once("timeout", () => done(`no answer within ${STEP_MS / 1000} s`));
    socket.once("end", () => done("the other side hung up"));
  });
}
