/** Builds the WebSocket URL that callers dial from the settings. */

import type { Settings } from "./settings.ts";

/**
 * Returns the URL to dial: WS_URL, or HOST with WS_PATH; `path` is the default path of the wire, used where WS_PATH is
 * not set. Without a scheme in HOST the URL is `ws://` for a loopback host and `wss://` for every other.
 */
export function targetUrl(settings: Settings, path: string): string {
  if (settings.WS_URL !== "") return settings.WS_URL;
  const [, scheme, host] = /^(?:(\w+):\/\/)?(.*)$/.exec(settings.HOST) ?? [];
  const isLoopback = /^(?:localhost|127\.[\d.]+|\[::1\])(?::|$)/i.test(host ?? "");
  const isPlaintext = scheme === undefined ? isLoopback : scheme === "ws" || scheme === "http";
  return `${isPlaintext ? "ws" : "wss"}://${host}${settings.WS_PATH || path}`;
}
