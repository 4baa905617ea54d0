/** The checks of `make doctor` of the road to the agent: the proxy, or DNS and the port; then TLS. It is the road of k6. */

import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";

import { maskUrl } from "../../lib/settings/masking.ts";
import { openRoute, openTcp, startTls } from "../run/open_socket.ts";
import {
  hostOf,
  ignoredProxy,
  openTunnel,
  ProxyRefusal,
  type ProxyServer,
  portOf,
  proxyFor,
  UnusableProxy,
} from "../run/proxy.ts";
import { type Resolved, resolveAsK6 } from "../run/resolve.ts";
import { trustAdvice } from "../run/trusted_roots.ts";
import { type CheckResult, failed, passed } from "./check_result.ts";
import { adviceForError } from "./failed_dial.ts";

/** The longest wait for each step of the connection, in ms. */
const STEP_MS = 10_000;

/** A certificate that is valid for no more days than this is reported as expiring. */
const EXPIRY_DAYS = 14;

/** Checks the road to the host of a URL, step by step; after a failed step the later ones are not made. */
export async function* checkRoad(url: URL, env: NodeJS.ProcessEnv): AsyncGenerator<CheckResult> {
  for await (const result of checkRoute(url, env)) {
    yield result;
    if (!result.ok) return;
  }
  if (url.protocol === "wss:") yield await checkTls(url, env);
}

async function* checkRoute(url: URL, env: NodeJS.ProcessEnv): AsyncGenerator<CheckResult> {
  let proxy: ProxyServer | null;
  try {
    proxy = proxyFor(url, env);
  } catch (error) {
    if (!(error instanceof UnusableProxy)) throw error;
    yield failed("proxy", error.message, error.advice);
    return;
  }
  const ignored = ignoredProxy(url, env);
  if (ignored !== null) yield passed("proxy", ignored);
  if (proxy !== null) {
    yield await checkProxy(url, proxy);
    return;
  }
  const host = hostOf(url);
  const resolved = await resolveAsK6(host).catch((error: Error) => error);
  if (resolved instanceof Error) {
    const advice = "is HOST or WS_URL right, and is this machine in the agent's network?";
    yield failed("DNS", resolved.message, advice);
    return;
  }
  yield passed("DNS", resolvedText(host, resolved));
  yield await checkPort(url, resolved);
}

function resolvedText(host: string, { candidates, others }: Resolved): string {
  const choice = candidates.length > 1 ? "; k6 dials any of them" : "";
  const left = others.length > 0 ? ` (k6 prefers IPv4 and does not dial ${others.join(", ")})` : "";
  return `${host} is ${candidates.join(", ")}${choice}${left}`;
}

async function checkProxy(url: URL, proxy: ProxyServer): Promise<CheckResult> {
  const target = `${hostOf(url)}:${portOf(url)}`;
  const name = `${maskUrl(proxy.url.href)} (${proxy.variable})`;
  const error = await problemOf(openTunnel(proxy, hostOf(url), portOf(url), STEP_MS));
  if (error === null) return passed("proxy", `${name} lets calls through to ${target}`);
  const said =
    error instanceof ProxyRefusal ? `answered ${error.status} ${error.message} to CONNECT ${target}` : error.message;
  return failed("proxy", `${name}: ${said}`, adviceForError(error.message, url.href));
}

/** Dials every address that k6 may dial; k6 takes one, and tries no other when it does not answer. */
async function checkPort(url: URL, { candidates, others }: Resolved): Promise<CheckResult> {
  const port = portOf(url);
  for (const address of candidates) {
    const error = await problemOf(openTcp(address, port, STEP_MS));
    if (error === null) continue;
    const found = candidates.length > 1 ? `${error.message}; k6 may dial this address` : error.message;
    return failed("connection", found, (await otherFamilyAdvice(url, others)) ?? portAdvice(error.message, url));
  }
  return passed("connection", `port ${port} is open`);
}

/** What to do where the agent answers on the family of addresses that k6 does not dial; null where it does not. */
async function otherFamilyAdvice(url: URL, others: readonly string[]): Promise<string | null> {
  for (const address of others) {
    if ((await problemOf(openTcp(address, portOf(url), STEP_MS))) !== null) continue;
    const host = address.includes(":") ? `[${address}]` : address;
    const scheme = url.protocol === "wss:" ? "wss://" : "";
    return `the agent listens on ${address} only, which k6 does not dial for ${hostOf(url)}: say HOST=${scheme}${host}:${portOf(url)}, or let it listen on IPv4 too`;
  }
  return null;
}

function portAdvice(problem: string, url: URL): string {
  if (/REFUSED/.test(problem)) return "is the agent running, and does it listen on this port?";
  if (/time-?out/i.test(problem)) return "is a firewall or a network policy in between?";
  return adviceForError(problem, url.href);
}

async function checkTls(url: URL, env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const secured = await openRoute(url, env, STEP_MS)
    .then((socket) => startTls(socket, url, env, STEP_MS))
    .catch((error: Error) => error);
  if (secured instanceof Error) return failed("TLS", secured.message, tlsAdvice(secured.message));
  const days = daysLeft(secured);
  secured.destroy();
  if (days > EXPIRY_DAYS) return passed("TLS", `the certificate is valid for ${days} more days`);
  return passed("TLS", `the certificate is valid, but for ${days} more days only`);
}

function tlsAdvice(problem: string): string {
  if (/wrong version|packet length|SSL routines|disconnected|hung up|ECONNRESET/i.test(problem))
    return "this port speaks no TLS: say HOST=ws://host:port";
  return trustAdvice();
}

function daysLeft(socket: TLSSocket): number {
  return Math.floor((Date.parse(socket.getPeerCertificate().valid_to) - Date.now()) / 86_400_000);
}

/** The error with which a connection fails; null when it opens, and it is closed again then. */
async function problemOf(opening: Promise<Socket>): Promise<Error | null> {
  return opening.then(
    (socket) => {
      socket.destroy();
      return null;
    },
    (error: Error) => error,
  );
}
