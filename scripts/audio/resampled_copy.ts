/**
 * Keeps a copy of a folder of utterances at another sample rate. A test can resample by itself when it starts, but k6's JavaScript
 * takes ten seconds and more for what takes Node a fraction of one.
 */

import { join } from "node:path";

import { resample } from "../../lib/audio/resample.ts";
import { makeFolder, replaceFile } from "../setup/files.js";
import {
  isManifest,
  type ManifestEntry,
  manifestEntry,
  readManifest,
  readVerifiedPcm,
  writeManifest,
} from "./manifest.ts";

/** An entry of a copy's manifest. */
interface CopiedEntry extends ManifestEntry {
  /** Hash of the file that it was made from. */
  readonly source_sha256: string;
}

/**
 * Writes the utterances of a folder at `rateHz` into another one, but those that are there already. Returns how many were
 * written. Throws what the file system does.
 */
export async function writeResampledCopy(from: string, into: string, rateHz: number): Promise<number> {
  const sources = await readManifest(from);
  const known = new Map((await readManifest(into)).map((entry) => [entry.file, entry as CopiedEntry]));
  const entries: CopiedEntry[] = [];
  let written = 0;
  await makeFolder(into);
  for (const source of sources) {
    const copy = known.get(source.file);
    if (copy?.source_sha256 === source.sha256 && (await readVerifiedPcm(into, copy)) !== null) {
      const { conversation, turn, dtmf } = source;
      entries.push({ ...copy, conversation, turn, dtmf });
      continue;
    }
    const pcm = await readVerifiedPcm(from, source);
    if (pcm === null) continue;
    const resampled = Buffer.from(resample(new Int16Array(new Uint8Array(pcm).buffer), rateHz).buffer);
    await replaceFile(join(into, source.file), resampled);
    entries.push({ ...manifestEntry({ ...source, sample_rate: rateHz }, resampled), source_sha256: source.sha256 });
    written += 1;
  }
  if (!(await isManifest(into, entries))) await writeManifest(into, entries);
  return written;
}
