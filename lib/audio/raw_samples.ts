/** Checks that a file without a header can be what it is read as: 16-bit mono PCM, little-endian. */

import { containerOf } from "./containers.ts";
import { otherSamples } from "./sample_format.ts";

/**
 * Returns what is wrong with a raw file, in the form `expected ..., got ...`; null where nothing is. `file` is its name. Not
 * every wrong format can be seen: another rate, and stereo, are samples like any other.
 */
export function rawProblem(bytes: Uint8Array, file: string): string | null {
  const kind = containerOf(bytes);
  if (kind !== null) return `expected raw samples, got ${kind}; ${remedy(kind, file)}`;
  if (bytes.length === 0) return "expected 16-bit PCM, got an empty file";
  if (bytes.length % 2 !== 0) return `expected 16-bit PCM, got an odd number of bytes (${bytes.length})`;
  const other = otherSamples(bytes);
  return other === null ? null : `expected 16-bit PCM, got ${other}; ${remedy(other, file)}`;
}

function remedy(kind: string, file: string): string {
  if (kind === "a text file") return "is it a pointer of Git LFS, or an error page that was downloaded?";
  if (kind !== "a WAV file") return "convert it to a WAV file and run make audio_manifest";
  return `${/\.wav$/i.test(file) ? "" : "rename it to .wav and "}run make audio_manifest`;
}
