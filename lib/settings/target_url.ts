/** The URL that callers dial. */

import type { Settings } from "./settings.ts";

/** The URL to dial: WS_URL, or HOST with WS_PATH or the wire's own path. */
export function targetUrl(settings: Settings, path: string): string {
  if (settings.WS_URL !== "") return settings.WS_URL;
  const [, scheme, host] = /^(?:(\w+):\/\/)?(.*)$/.exec(settings.HOST) ?? [];
  const loopback = /^(?:localhost|127\.[\d.]+|\[::1\])(?::|$)/i.test(host ?? "");
  const plain = scheme === undefined ? loopback : scheme === "ws" || scheme === "http";
  return `${plain ? "ws" : "wss"}://${host}${settings.WS_PATH || path}`;
}
