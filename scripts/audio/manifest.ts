/** `manifest.jsonl`: one line per utterance of a folder, and what makes an utterance still good. */

import { createHash } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { findSpeech } from "../../lib/audio/pcm.ts";

/** One line of `manifest.jsonl`. */
export interface ManifestEntry {
  readonly file: string;
  readonly conversation: string;
  readonly turn: number;
  readonly text: string;
  readonly voice: string;
  readonly language: string;
  readonly sample_rate: number;
  readonly channels: 1;
  readonly bytes: number;
  readonly duration_ms: number;
  readonly speech_start_ms: number;
  readonly speech_end_ms: number;
  /** Of the file. */
  readonly sha256: string;
  /** Of what was asked for: text, voice, language and format. */
  readonly content_sha256: string;
}

/** What an utterance is, before it is spoken. */
export type Spoken = Pick<
  ManifestEntry,
  "file" | "conversation" | "turn" | "text" | "voice" | "language" | "sample_rate"
>;

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
    content_sha256: contentSha256(spoken),
  };
}

/** What an utterance is known by, whichever file it is in: two with the same hash need not be paid for twice. */
export function contentSha256({ text, voice, language, sample_rate }: Omit<Spoken, "file" | "conversation" | "turn">) {
  return sha256(JSON.stringify([text, voice, language, `pcm_s16le ${sample_rate} mono`]));
}

/** Reads a folder's manifest; no entries when there is none, or when it is broken: then all is spoken again. */
export async function readManifest(folder: string): Promise<ManifestEntry[]> {
  try {
    const text = await readFile(join(folder, MANIFEST), "utf8");
    return text.split("\n").flatMap((line) => (line === "" ? [] : [withHash(JSON.parse(line) as ManifestEntry)]));
  } catch {
    return [];
  }
}

/** Manifests of 0.1.0 hold no language and no hash. */
function withHash(entry: ManifestEntry): ManifestEntry {
  const { language = "en-US" } = entry;
  return { ...entry, language, content_sha256: contentSha256({ ...entry, language }) };
}

/** Replaces a folder's manifest at once. */
export async function writeManifest(folder: string, entries: readonly object[]): Promise<void> {
  await replaceFile(join(folder, MANIFEST), entries.map((entry) => `${JSON.stringify(entry)}\n`).join(""));
}

/** Writes a file under another name and renames it, so that nobody ever sees half of it. */
export async function replaceFile(path: string, content: string | Buffer): Promise<void> {
  await writeFile(`${path}.part`, content);
  await rename(`${path}.part`, path);
}

/** Reads an entry's file; null when it is not what the entry says. */
export async function readSpoken(folder: string, entry: ManifestEntry): Promise<Buffer | null> {
  const pcm = await readFile(join(folder, entry.file)).catch(() => null);
  return pcm !== null && sha256(pcm) === entry.sha256 ? pcm : null;
}

function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
