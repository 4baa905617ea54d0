/** Makes the WebSocket URL that callers dial, and the headers that go with it, from the settings. */

import type { Base64 } from "../wire/codec.ts";
import { maskUrl } from "./masking.ts";
import type { Settings } from "./settings.ts";
import { urlParts } from "./url_parts.ts";

const MAX_PORT = 65535;

/**
 * Returns the URL to dial: WS_URL, or HOST with WS_PATH; `path` is the default path of the wire, used where WS_PATH is
 * not set. Without a scheme in HOST the URL is `ws://` for a loopback host and `wss://` for every other. The URL has no user
 * info, which `targetHeaders` returns as a header, and no fragment, which a WebSocket has no use for (RFC 6455, 3).
 */
export function targetUrl(settings: Settings, path: string): string {
  const { host, path: ownPath, query, scheme } = urlParts(settings.WS_URL || urlOfHost(settings, path));
  return `${scheme}${host}${ownPath}${query === null ? "" : `?${query}`}`;
}

function urlOfHost(settings: Settings, path: string): string {
  const [, scheme, host] = /^(?:(\w+):\/\/)?(.*)$/.exec(settings.HOST) ?? [];
  const isLoopback = /^(?:localhost|127\.[\d.]+|\[::1\])(?::|$)/i.test(host ?? "");
  const isPlaintext = scheme === undefined ? isLoopback : scheme === "ws" || scheme === "http";
  return `${isPlaintext ? "ws" : "wss"}://${host}${settings.WS_PATH || path}`;
}

/**
 * Returns the headers of every upgrade: WS_HEADERS, and the user info of WS_URL as `Authorization: Basic` (RFC 7617) where
 * WS_HEADERS has no `Authorization`. k6 dials no URL with user info.
 */
export function targetHeaders(settings: Settings, base64: Base64): Readonly<Record<string, string>> {
  const { userInfo } = urlParts(settings.WS_URL);
  const isGiven = Object.keys(settings.WS_HEADERS).some((name) => name.toLowerCase() === "authorization");
  if (userInfo === null || isGiven) return settings.WS_HEADERS;
  const credentials = userInfo.includes(":") ? userInfo : `${userInfo}:`;
  return { Authorization: `Basic ${base64.encode(bytesOf(credentials))}`, ...settings.WS_HEADERS };
}

/** The bytes of a part of a URL, in which `%` begins an escape. */
function bytesOf(part: string): ArrayBuffer {
  const escaped = part.replaceAll(/[^%]+/g, encodeURIComponent);
  const bytes = escaped.match(/%[\da-f]{2}|[^%]/gi) ?? [];
  return Uint8Array.from(bytes, (byte) => (byte.length === 3 ? Number.parseInt(byte.slice(1), 16) : byte.charCodeAt(0)))
    .buffer;
}

/** Finds what no runtime dials, and each one reports in another way, or not at all. */
export function urlProblems({ WS_PATH, WS_URL }: Settings): string[] {
  const { host, path, userInfo } = urlParts(WS_URL);
  const problems = Object.entries({ WS_URL: `${userInfo ?? ""}${path}`, WS_PATH: WS_PATH.split(/[?#]/)[0] ?? "" })
    .filter(([, text]) => /%(?![\da-f]{2})/i.test(text))
    .map(([name]) => `${name}: expected every % to begin an escape such as %20, got one that does not`);
  const [, port = "1"] = /^(?:[^:[\]\\]+|\[[\da-f:.]+\])(?::(\d{1,5}))?$/i.exec(host) ?? [host, "0"];
  if (WS_URL === "" || (Number(port) >= 1 && Number(port) <= MAX_PORT)) return problems;
  return [
    ...problems,
    `WS_URL: expected a host, and a port from 1 to ${MAX_PORT}, got ${JSON.stringify(maskUrl(host))}`,
  ];
}
