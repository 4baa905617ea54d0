/**
 * Finds the proxy that k6 uses for a URL, and connects through it. k6 takes Go's `http.ProxyFromEnvironment`
 * (golang.org/x/net/http/httpproxy), whose rules differ from curl's: HTTP_PROXY counts in upper case too, ALL_PROXY does not
 * count, and no loopback host goes through a proxy.
 */

import { request } from "node:http";
import { BlockList, isIP, type Socket } from "node:net";

import { parseAsGo } from "./go_url.ts";
import { resolveAsK6 } from "./resolve.ts";

/** A proxy, and the variable that names it. */
export interface ProxyServer {
  readonly url: URL;
  readonly variable: string;
}

/** A proxy answered CONNECT with another status than 200. The message is its reason phrase: all that k6 is told. */
export class ProxyRefusal extends Error {
  readonly status: number;

  constructor(status: number, phrase: string) {
    super(phrase);
    this.status = status;
  }
}

/** A proxy with which every dial of k6 fails. The message names the variable and does not show its value. */
export class UnusableProxy extends Error {
  /** What to do. */
  readonly advice: string;

  constructor(message: string, advice: string) {
    super(message);
    this.advice = advice;
  }
}

/**
 * Returns the proxy for a URL (http, https, ws or wss); null for none, which is also what a variable is to k6 that Go cannot
 * parse (`ignoredProxy`). Throws an UnusableProxy where Go refuses to use HTTP_PROXY, and for a variable that Go reads as
 * something else than a URL with a host: k6 then dials what does not exist.
 */
export function proxyFor(target: URL, env: NodeJS.ProcessEnv): ProxyServer | null {
  const variable = variableFor(target, env);
  if (variable === null) return null;
  const url = parseProxy(env[variable] ?? "");
  if (url === "ignored") return null;
  if (!isSecure(target) && env.REQUEST_METHOD) {
    const advice = "unset REQUEST_METHOD, or set http_proxy in a shell of its own";
    const why = `because k6 refuses to use ${variable} in a CGI environment`;
    throw new UnusableProxy(`REQUEST_METHOD: expected none, ${why}, got one`, advice);
  }
  if (isExcluded(target, env)) return null;
  if (url !== "unusable") return { url, variable };
  const expected = "expected a URL such as http://proxy:3128 with its password percent-encoded";
  const advice = `correct ${variable} (http://proxy:3128), or unset it`;
  throw new UnusableProxy(`${variable}: ${expected}, got something else (not shown)`, advice);
}

/** Says that k6 dials a URL directly although a variable is set, because Go cannot parse it; null where it does not. */
export function ignoredProxy(target: URL, env: NodeJS.ProcessEnv): string | null {
  const variable = variableFor(target, env);
  if (variable === null || isExcluded(target, env) || parseProxy(env[variable] ?? "") !== "ignored") return null;
  return `k6 ignores ${variable}: expected a URL such as http://proxy:3128 by Go's rules, got something else (not shown); percent-encode the password`;
}

/** The name of the variable that k6 reads for a URL; null where none is set. */
function variableFor(target: URL, env: NodeJS.ProcessEnv): string | null {
  const names = isSecure(target) ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
  return names.find((name) => env[name]) ?? null;
}

function isSecure(url: URL): boolean {
  return url.protocol === "https:" || url.protocol === "wss:";
}

/**
 * Reads a proxy as Go's `parseProxy` does: what is no URL with a scheme and a host is tried again behind `http://`, and is
 * ignored where neither parses. The second try takes `http://user:a^b@proxy` for a host named `http:`.
 */
function parseProxy(text: string): URL | "ignored" | "unusable" {
  const first = parseAsGo(text);
  const isWhole = first !== null && first.scheme !== "" && first.host !== "";
  const url = isWhole ? text : `http://${text}`;
  const found = isWhole ? first : parseAsGo(url);
  if (found === null) return first === null ? "ignored" : "unusable";
  if (found.host === "" || found.host.endsWith(":") || !URL.canParse(url)) return "unusable";
  return new URL(url);
}

function isExcluded(target: URL, env: NodeJS.ProcessEnv): boolean {
  const noProxy = env.NO_PROXY || env.no_proxy || "";
  const host = hostOf(target);
  if (host === "localhost" || isLoopback(host)) return true;
  return noProxy.split(",").some((entry) => matches(entry.trim().toLowerCase(), host, String(portOf(target))));
}

function isLoopback(host: string): boolean {
  return host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}

/** An entry of NO_PROXY: `*`, an address or a name, both with a port or without one, or a range of addresses. */
function matches(entry: string, host: string, port: string): boolean {
  if (entry === "") return false;
  if (entry === "*") return true;
  const [, network = "", bits] = /^([^/]+)\/(\d+)$/.exec(entry) ?? [];
  if (bits !== undefined) return isIP(network) !== 0 && isInNetwork(host, network, Number(bits));
  // As in Go, brackets belong to a port, and an address in brackets without one matches nothing.
  const [, bracketed, bare, entryPort] = /^(?:\[(.*)\](?=:)|([^:]*))(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? bare ?? entry;
  if (entryPort !== undefined && entryPort !== port) return false;
  if (isIP(name) !== 0) return name === host;
  const suffix = name.startsWith("*.") ? name.slice(1) : name;
  if (suffix.startsWith(".")) return host.endsWith(suffix);
  return suffix !== "" && (host === suffix || host.endsWith(`.${suffix}`));
}

function isInNetwork(host: string, network: string, bits: number): boolean {
  const family = isIP(network) === 4 ? "ipv4" : "ipv6";
  if (isIP(host) !== isIP(network) || bits > (family === "ipv4" ? 32 : 128)) return false;
  const list = new BlockList();
  list.addSubnet(network, bits, family);
  return list.check(host, family);
}

/**
 * Opens a tunnel to a host and port through a proxy, as gorilla/websocket does. Rejects with a ProxyRefusal where the proxy
 * refuses, and with the socket's error where it cannot be reached.
 */
export async function openTunnel(proxy: ProxyServer, host: string, port: number, timeoutMs: number): Promise<Socket> {
  const { hostname, password, protocol, username } = proxy.url;
  if (protocol === "socks5:") throw new Error("proxy: k6 can use socks5://, make doctor and make call cannot");
  if (protocol !== "http:") throw new Error(`proxy: unknown scheme: ${protocol.replace(":", "")}`);
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  const credentials = Buffer.from(unescaped(`${username}:${password}`), "latin1").toString("base64");
  const dialled = await resolveAsK6(hostname.replaceAll(/[[\]]/g, ""));
  return new Promise((done, failed) => {
    const connect = request({
      host: dialled.address,
      port: portOf(proxy.url),
      method: "CONNECT",
      path: address,
      headers: { Host: address, ...(password !== "" && { "Proxy-Authorization": `Basic ${credentials}` }) },
      agent: false,
      timeout: timeoutMs,
    });
    connect.once("connect", ({ statusCode = 0, statusMessage = "" }, socket: Socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      socket.setTimeout(0);
      if (statusCode === 200) return done(socket);
      socket.destroy();
      failed(new ProxyRefusal(statusCode, statusMessage));
    });
    connect.once("timeout", () => connect.destroy(new Error(`no answer within ${timeoutMs / 1000} s: i/o timeout`)));
    connect.once("error", failed);
    connect.end();
  });
}

/** The bytes of a user info, one per character: as in Go, they need not be UTF-8. */
function unescaped(userInfo: string): string {
  return userInfo.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** The host of a URL, without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replaceAll(/[[\]]/g, "").toLowerCase();
}

/** The port of a URL, or the default of its scheme. */
export function portOf(url: URL): number {
  return Number(url.port || (isSecure(url) ? 443 : 80));
}
