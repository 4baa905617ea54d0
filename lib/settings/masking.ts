/** Masks secrets before they are printed or written to a file: credentials in URLs and the values of headers. */

import type { Settings } from "./settings.ts";

/** Returns the settings as they may be shown: header values and the credentials in WS_URL are replaced by `***`. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = { ...settings, WS_URL: maskUrl(settings.WS_URL) };
  shown.WS_HEADERS = Object.fromEntries(Object.keys(settings.WS_HEADERS).map((name) => [name, "***"]));
  return shown;
}

/** Replaces by `***` the parts of a URL that may be a credential: the user info, and the value of every query parameter. */
export function maskUrl(url: string): string {
  return url.replace(/\/\/[^/@]*@/, "//***@").replaceAll(/([?&][^=&]+=)[^&#]*/g, "$1***");
}
