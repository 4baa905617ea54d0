/**
 * Finds the proxy that k6 uses for a URL, and connects through it. k6 takes Go's `http.ProxyFromEnvironment`
 * (golang.org/x/net/http/httpproxy), whose rules differ from curl's: HTTP_PROXY counts in upper case too, ALL_PROXY does not
 * count, and no loopback host goes through a proxy.
 */

import { request } from "node:http";
import { BlockList, isIP, type Socket } from "node:net";

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

/**
 * Returns the proxy for a URL (http, https, ws or wss); null for none. Throws where Go refuses to use HTTP_PROXY, and for a
 * variable that is no URL, on which k6's dials fail.
 */
export function proxyFor(target: URL, env: NodeJS.ProcessEnv): ProxyServer | null {
  const isTls = target.protocol === "https:" || target.protocol === "wss:";
  const names = isTls ? ["HTTPS_PROXY", "https_proxy"] : ["HTTP_PROXY", "http_proxy"];
  const variable = names.find((name) => env[name]);
  if (variable === undefined) return null;
  if (!isTls && env.REQUEST_METHOD) throw new Error("refusing to use HTTP_PROXY value in CGI environment");
  if (isExcluded(target, env.NO_PROXY || env.no_proxy || "")) return null;
  return { url: parseProxy(variable, env[variable] ?? ""), variable };
}

/** A proxy without a scheme is one of HTTP. */
function parseProxy(variable: string, text: string): URL {
  const url = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (URL.canParse(url) && new URL(url).host !== "") return new URL(url);
  throw new Error(`${variable}: expected a URL such as http://proxy:3128, got something else`);
}

function isExcluded(target: URL, noProxy: string): boolean {
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
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`).toString("base64");
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

/** The host of a URL, without the brackets of an IPv6 address. */
export function hostOf(url: URL): string {
  return url.hostname.replaceAll(/[[\]]/g, "").toLowerCase();
}

/** The port of a URL, or the default of its scheme. */
export function portOf(url: URL): number {
  return Number(url.port || (url.protocol === "wss:" || url.protocol === "https:" ? 443 : 80));
}
