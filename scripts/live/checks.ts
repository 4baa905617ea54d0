/** The checks of `make doctor`: this machine, the settings, then the connection to the agent step by step. */

import { lookup } from "node:dns/promises";
import { connect as connectTcp, type Socket } from "node:net";
import { connect as connectTls, type TLSSocket } from "node:tls";

import { maskText } from "../../lib/settings/masking.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetHeaders } from "../../lib/settings/target_url.ts";
import { pipelineRemark, statusUrl } from "../../lib/wire/pipeline_status.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { findK6 } from "../run/k6.ts";
import { BASE64, type PreparedPlan, prepare, targetSecrets } from "../run/prepare.ts";
import { dialConnection } from "./connection.ts";
import { dialRequest } from "./target.ts";

/** The result of one check. */
export interface CheckResult {
  readonly name: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do about a failed check; empty when `ok`. */
  readonly advice: string;
}

/** The longest wait for each step of the connection, in ms. */
const STEP_MS = 10_000;

const OLDEST_NODE = 20;

/** A certificate that is valid for no more days than this is reported as expiring. */
const EXPIRY_DAYS = 14;

const passed = (name: string, found: string): CheckResult => ({ name, ok: true, found, advice: "" });
const failed = (name: string, found: string, advice: string): CheckResult => ({ name, ok: false, found, advice });

/**
 * Runs the checks in order. After a failed step of the connection the later steps are not run. What a check found may quote
 * the agent, so the secrets of the settings are masked in it.
 */
export async function* runChecks(scenario: ScenarioName, env: NodeJS.ProcessEnv): AsyncGenerator<CheckResult> {
  yield checkNode();
  yield await checkK6();
  const prepared = prepare(scenario, env);
  const secrets = targetSecrets(prepared.settings);
  for await (const result of targetChecks(scenario, prepared))
    yield { ...result, found: maskText(result.found, secrets) };
}

async function* targetChecks(
  scenario: ScenarioName,
  { problems, utterances, settings }: PreparedPlan,
): AsyncGenerator<CheckResult> {
  const audio = `${utterances.files.length} utterances`;
  const advice = "see the setting; make generate_audio speaks what callers say";
  yield problems.length === 0
    ? passed("settings and audio", audio)
    : failed("settings and audio", problems.join("; "), advice);
  const url = new URL(dialRequest(scenario, settings, "x").url);
  for (const step of [checkDns, checkTcp, checkTls]) {
    const result = await step(url);
    if (result !== null) yield result;
    if (result !== null && !result.ok) return;
  }
  const upgrade = await checkUpgrade(scenario, settings);
  yield upgrade;
  if (upgrade.ok) yield await checkPipeline(scenario, settings, url);
}

function checkNode(): CheckResult {
  const major = Number(process.versions.node.split(".")[0]);
  if (major >= OLDEST_NODE) return passed("node", process.versions.node);
  return failed("node", process.versions.node, `install Node ${OLDEST_NODE} or later`);
}

async function checkK6(): Promise<CheckResult> {
  const k6 = await findK6();
  if (k6 !== null) return passed("k6", `${k6.version} at ${k6.path}`);
  return passed("k6", "none yet: the first run fetches or builds one");
}

async function checkDns(url: URL): Promise<CheckResult> {
  const host = url.hostname.replaceAll(/[[\]]/g, "");
  return lookup(host).then(
    ({ address }) => passed("DNS", `${host} is ${address}`),
    (error: Error) =>
      failed("DNS", error.message, "is HOST or WS_URL right, and is this machine in the agent's network?"),
  );
}

async function checkTcp(url: URL): Promise<CheckResult> {
  const socket = connectTcp({ host: url.hostname.replaceAll(/[[\]]/g, ""), port: portOf(url), timeout: STEP_MS });
  const problem = await problemBefore(socket, "connect");
  socket.destroy();
  if (problem === null) return passed("connection", `port ${portOf(url)} is open`);
  const advice = /REFUSED/.test(problem)
    ? "is the agent running, and does it listen on this port?"
    : "is a firewall or a network policy in between?";
  return failed("connection", problem, advice);
}

/** Null where the URL has no TLS. */
async function checkTls(url: URL): Promise<CheckResult | null> {
  if (url.protocol !== "wss:") return null;
  const host = url.hostname;
  const socket = connectTls({
    host,
    port: portOf(url),
    servername: /^[\d.]+$/.test(host) ? "" : host,
    timeout: STEP_MS,
  });
  const problem = await problemBefore(socket, "secureConnect");
  const days = problem === null ? daysLeft(socket) : 0;
  socket.destroy();
  if (problem !== null) return failed("TLS", problem, tlsAdvice(problem));
  if (days > EXPIRY_DAYS) return passed("TLS", `the certificate is valid for ${days} more days`);
  return passed("TLS", `the certificate is valid, but for ${days} more days only`);
}

function tlsAdvice(problem: string): string {
  if (/wrong version|packet length|SSL routines|disconnected|ECONNRESET/i.test(problem))
    return "this port speaks no TLS: say HOST=ws://host:port";
  return "trust its authority (SSL_CERT_FILE for k6, NODE_EXTRA_CA_CERTS here), or renew the certificate";
}

function daysLeft(socket: TLSSocket): number {
  return Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000);
}

async function checkUpgrade(scenario: ScenarioName, settings: Settings): Promise<CheckResult> {
  const result = await dialConnection(dialRequest(scenario, settings, `${settings.SESSION_PREFIX}doctor`));
  if (result.connection !== null) {
    result.connection.close(1000);
    return passed("upgrade", "101, the agent takes calls");
  }
  const { body, error, status } = result;
  const found = status > 0 ? `${status} ${body.trim().slice(0, 120)}`.trim() : error;
  return failed("upgrade", found, ADVICE[status] ?? "look into the agent's logs");
}

/** Advice by the HTTP status of a refused upgrade. */
const ADVICE: Readonly<Record<number, string>> = {
  401: "the agent wants credentials: set WS_HEADERS",
  403: "a wrong path, or credentials are missing: see WS_PATH and WS_HEADERS",
  404: "the path is wrong: set WS_PATH; browser backends since 2026 want /api/v1/browser/conversation",
  429: "the agent throttles new calls: lower SPAWN_RATE, or raise its quota",
  500: "the agent is broken, or full: its connection limit answers so",
  502: "the gateway is up and the agent behind it is down",
  503: "the agent is starting, or full",
};

async function checkPipeline(scenario: ScenarioName, settings: Settings, url: URL): Promise<CheckResult> {
  const { statusPath } = WIRES[scenario];
  if (statusPath === null) return passed("pipeline", `${settings.PIPELINE}, which the caller chooses on this wire`);
  const body = await fetch(statusUrl(url.href, statusPath), {
    headers: targetHeaders(settings, BASE64),
    signal: AbortSignal.timeout(STEP_MS),
  })
    .then((response) => response.text())
    .catch(() => "");
  const remark = pipelineRemark(settings.PIPELINE, body);
  if (remark !== null) return failed("pipeline", remark, "set PIPELINE to what the agent runs");
  return passed("pipeline", settings.PIPELINE);
}

function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "wss:" ? 443 : 80));
}

/** Waits for an event of a socket; resolves with null, or with the problem that came instead. */
async function problemBefore(socket: Socket, event: string): Promise<string | null> {
  return new Promise((done) => {
    socket.once(event, () => done(null));
    socket.once("error", (error: NodeJS.ErrnoException) => done((error.message || (error.code ?? "failed")).trim()));
    socket.once("timeout", () => done(`no answer within ${STEP_MS / 1000} s`));
    socket.once("end", () => done("the other side hung up"));
  });
}
