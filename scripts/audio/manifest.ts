/** Reads and writes `manifest.jsonl`, which describes the utterances of a folder, and checks whether files match it. */

import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { findSpeech } from "../../lib/audio/pcm.ts";
import { withoutMark } from "../../lib/audio/text_file.ts";
import { replaceFile } from "../setup/files.js";

/** One line of `manifest.jsonl`. */
export interface ManifestEntry {
  readonly file: string;
  readonly conversation: string;
  readonly turn: number;
  readonly text: string;
  /** The digits that are pressed behind the words; absent where there are none. */
  readonly dtmf?: string | undefined;
  readonly voice: string;
  readonly language: string;
  readonly sample_rate: number;
  readonly channels: 1;
  readonly bytes: number;
  readonly duration_ms: number;
  readonly speech_start_ms: number;
  readonly speech_end_ms: number;
  /** Hash of the file. */
  readonly sha256: string;
  /** Hash of the input of the synthesis: text, voice, language and format. */
  readonly content_sha256: string;
}

/** The fields of a manifest entry that are known before the synthesis. */
export type UtteranceInfo = Pick<
  ManifestEntry,
  "file" | "conversation" | "turn" | "text" | "dtmf" | "voice" | "language" | "sample_rate"
>;

const MANIFEST = "manifest.jsonl";

/** Where the speech begins and ends in a turn without words. */
const NO_SPEECH = { start: 0, end: 0 };

/** Makes the manifest entry of synthesised PCM. Throws when no frame of it is speech, but where only digits are pressed. */
export function manifestEntry(info: UtteranceInfo, pcm: Buffer): ManifestEntry {
  const rateHz = info.sample_rate;
  const samples = new Int16Array(new Uint8Array(pcm).buffer);
  const hasWords = info.dtmf === undefined || pcm.length > 0;
  const speech = hasWords ? findSpeech(samples, rateHz) : NO_SPEECH;
  if (speech === null) throw new Error(`${info.file}: expected speech, got none in ${pcm.length} bytes`);
  return {
    ...info,
    channels: 1,
    bytes: pcm.length,
    duration_ms: (samples.length / rateHz) * 1000,
    speech_start_ms: (speech.start / rateHz) * 1000,
    speech_end_ms: (speech.end / rateHz) * 1000,
    sha256: sha256(pcm),
    content_sha256: contentSha256(info),
  };
}

/** The hash of the input of a synthesis: utterances with the same hash are synthesised, and paid for, once. */
export function contentSha256({
  text,
  voice,
  language,
  sample_rate,
}: Omit<UtteranceInfo, "file" | "conversation" | "turn" | "dtmf">) {
  return sha256(JSON.stringify([text, voice, language, `pcm_s16le ${sample_rate} mono`]));
}

/**
 * Reads a folder's manifest. Without a manifest, or with an invalid one, there are no entries, and all is synthesised
 * again.
 */
export async function readManifest(folder: string): Promise<ManifestEntry[]> {
  try {
    const text = withoutMark(await readFile(join(folder, MANIFEST), "utf8"));
    return text.split("\n").flatMap((line) => (line === "" ? [] : [withHash(JSON.parse(line) as ManifestEntry)]));
  } catch {
    return [];
  }
}

/** Adds the hash. Manifests of version 0.1.0 have no language and no hash. */
function withHash(entry: ManifestEntry): ManifestEntry {
  const { language = "en-US" } = entry;
  return { ...entry, language, content_sha256: contentSha256({ ...entry, language }) };
}

/** Replaces a folder's manifest atomically. */
export async function writeManifest(folder: string, entries: readonly object[]): Promise<void> {
  await replaceFile(join(folder, MANIFEST), manifestText(entries));
}

/** Whether a folder's manifest has exactly these entries already. */
export async function isManifest(folder: string, entries: readonly object[]): Promise<boolean> {
  return (await readFile(join(folder, MANIFEST), "utf8").catch(() => null)) === manifestText(entries);
}

function manifestText(entries: readonly object[]): string {
  return entries.map((entry) => `${JSON.stringify(entry)}\n`).join("");
}

/** Reads the file of an entry; null when it is missing or its hash differs from the entry. */
export async function readVerifiedPcm(folder: string, entry: ManifestEntry): Promise<Buffer | null> {
  const pcm = await readFile(join(folder, entry.file)).catch(() => null);
  return pcm !== null && sha256(pcm) === entry.sha256 ? pcm : null;
}

function sha256(bytes: Buffer | string): string {
  return createHash("sha256").update(bytes).digest("hex");
}
