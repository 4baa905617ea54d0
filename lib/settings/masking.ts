/** Masks what must not be shown: credentials in URLs and the values of headers. */

import type { Settings } from "./settings.ts";

/** The settings as they may be shown: secret values and credentials in URLs are masked. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = { ...settings, WS_URL: maskUrl(settings.WS_URL) };
  shown.WS_HEADERS = Object.fromEntries(Object.keys(settings.WS_HEADERS).map((name) => [name, "***"]));
  return shown;
}

/** Masks what may be a credential in a URL: user info, and every query value. */
export function maskUrl(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//***@").replaceAll(/([?&][^=&]+=)[^&#]*/g, "$1***");
}
