/** `manifest.jsonl`: one line per utterance of a folder, and what makes an utterance still good. */

import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { findSpeech } from "../../lib/pcm.ts";

/** One line of `manifest.jsonl`. */
export interface ManifestEntry {
  readonly file: string;
  readonly conversation: string;
  readonly turn: number;
  readonly text: string;
  readonly voice: string;
  readonly sample_rate: number;
  readonly channels: 1;
  readonly bytes: number;
  readonly duration_ms: number;
  readonly speech_start_ms: number;
  readonly speech_end_ms: number;
  readonly sha256: string;
}

/** What an utterance is, before it is spoken. */
export type Spoken = Pick<ManifestEntry, "file" | "conversation" | "turn" | "text" | "voice" | "sample_rate">;

const MANIFEST = "manifest.jsonl";

/** Describes PCM that was spoken. Throws when no frame of it is speech. */
export function describe(spoken: Spoken, pcm: Buffer): ManifestEntry {
  const rateHz = spoken.sample_rate;
  const samples = new Int16Array(new Uint8Array(pcm).buffer);
  const speech = findSpeech(samples, rateHz);
  if (speech === null) throw new Error(`${spoken.file}: expected speech, got none in ${pcm.length} bytes`);
  return {
    ...spoken,
    channels: 1,
    bytes: pcm.length,
    duration_ms: (samples.length / rateHz) * 1000,
    speech_start_ms: (speech.start / rateHz) * 1000,
    speech_end_ms: (speech.end / rateHz) * 1000,
    sha256: sha256(pcm),
  };
}

/** Reads a folder's manifest; no entries when there is none, or when it is broken: then all is spoken again. */
export async function readManifest(folder: string): Promise<ManifestEntry[]> {
  try {
    const text = await readFile(join(folder, MANIFEST), "utf8");
    return text.split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line) as ManifestEntry]));
  } catch {
    return [];
  }
}

/** Replaces a folder's manifest at once. */
export async function writeManifest(folder: string, entries: readonly ManifestEntry[]): Promise<void> {
  await replaceFile(join(folder, MANIFEST), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
}

/** Writes a file under another name and renames it, so that nobody ever sees half of it. */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}

/** Finds the entry that says the same in the same voice, if its file is still what it was. */
export async function stillGood(
  folder: string,
  entries: readonly ManifestEntry[],
  spoken: Spoken,
): Promise<ManifestEntry | null> {
  const keys = ["file", "text", "voice", "sample_rate"] as const;
  const entry = entries.find((candidate) => keys.every((key) => candidate[key] === spoken[key]));
  if (entry === undefined) return null;
  const pcm = await readFile(join(folder, entry.file)).catch(() => null);
  return pcm !== null && sha256(pcm) === entry.sha256 ? { ...entry, ...spoken } : null;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}
