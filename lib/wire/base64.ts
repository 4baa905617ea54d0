/** Base64 as agents write it: of any length, with or without padding, in the URL alphabet, broken into lines. */

import type { Base64 } from "./codec.ts";

/** What stands in base64 text and encodes nothing: the line breaks of MIME (RFC 2045, 6.8). */
const NOT_BASE64 = /[^A-Za-z0-9+/=_-]+/g;

/** Bytes that the base64 text in [start, end) encodes, without line breaks in it: 3 for 4 characters, less its padding. */
export function base64Bytes(text: string, start = 0, end = text.length): number {
  const padding = text.endsWith("==", end) ? 2 : text.endsWith("=", end) ? 1 : 0;
  return Math.max(0, Math.floor(((end - start) * 3) / 4) - padding);
}

/** Removes line breaks and what else encodes nothing. */
export function withoutBreaks(text: string): string {
  return text.replace(NOT_BASE64, "");
}

/** Rewrites base64 to the standard alphabet with padding (RFC 4648, 4), which runtimes insist on. */
function standardBase64(text: string): string {
  const digits = withoutBreaks(text).replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return digits + "=".repeat((4 - (digits.length % 4)) % 4);
}

/** Decodes base64 to 16-bit samples, without half a sample at the end; null for what is no base64. */
export function decodeSamples(text: string, base64: Base64): Int16Array | null {
  const bytes = decode(text, base64) ?? decode(standardBase64(text), base64);
  return bytes === null ? null : new Int16Array(bytes, 0, bytes.byteLength >> 1);
}

function decode(text: string, base64: Base64): ArrayBuffer | null {
  try {
    return base64.decode(text);
  } catch {
    return null;
  }
}
