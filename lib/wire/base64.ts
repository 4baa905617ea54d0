/** Base64 as agents write it: of any length, with or without padding, in the URL alphabet, broken into lines. */

import type { Base64 } from "./codec.ts";
import { loadSpelling } from "./spelling.lazy.ts";

/** Bytes that the base64 text in [start, end) encodes, without line breaks in it: 3 for 4 characters, less its padding. */
export function base64Bytes(text: string, start = 0, end = text.length): number {
  const padding = text.endsWith("==", end) ? 2 : text.endsWith("=", end) ? 1 : 0;
  return Math.max(0, Math.floor(((end - start) * 3) / 4) - padding);
}

/** Decodes base64 in any spelling to bytes; null for what is no base64. */
export function decodeBase64(text: string, base64: Base64): ArrayBuffer | null {
  return decode(text, base64) ?? decode(loadSpelling().standardBase64(text), base64);
}

/** Decodes base64 to 16-bit samples, without half a sample at the end; null for what is no base64. */
export function decodeSamples(text: string, base64: Base64): Int16Array | null {
  const bytes = decodeBase64(text, base64);
  return bytes === null ? null : new Int16Array(bytes, 0, bytes.byteLength >> 1);
}

/** Encodes each frame of `frameBytes` bytes by itself, padding included, so that a frame is a slice of the text. */
export function packFrames(bytes: Uint8Array, frameBytes: number, base64: Base64): string {
  let packed = "";
  for (let at = 0; at < bytes.length; at += frameBytes)
    packed += base64.encode(bytes.slice(at, at + frameBytes).buffer);
  return packed;
}

/** Characters of one packed frame of `frameBytes` bytes. */
export function packedFrameChars(frameBytes: number): number {
  return Math.ceil(frameBytes / 3) * 4;
}

function decode(text: string, base64: Base64): ArrayBuffer | null {
  try {
    return base64.decode(text);
  } catch {
    return null;
  }
}
