/**
 * What callers say: finds the utterances of a folder, checks them and cuts them to their speech.
 * It reads through the functions it is given and knows no file system.
 */

import { findSpeech } from "./pcm.ts";
import { RESAMPLES, resample } from "./resample.ts";

/** Reads a file; null when it is not there. */
export interface Files {
  text(path: string): string | null;
  bytes(path: string): ArrayBuffer | null;
}

/** How the utterances of a folder are wanted. */
export interface UtteranceOptions {
  /** Where to look, the best place first. */
  readonly folders: readonly string[];
  /** The rate that the wire wants: files of that rate are preferred, files of 16 kHz are resampled to 24. */
  readonly rateHz: number;
  readonly frameMs: number;
  /** Frames of a file that are spoken at most; 0: all. */
  readonly maxFrames: number;
  /** The conversations whose utterances are wanted, by name; none: all. */
  readonly conversations: readonly string[];
}

/** One utterance, from its first to its last frame of speech, in whole frames. */
export interface Utterance {
  readonly file: string;
  /** Empty where the manifest names none, or where there is no manifest. */
  readonly conversation: string;
  readonly frames: number;
  readonly pcm: Uint8Array;
}

/** The utterances of a folder, or what is wrong with it. */
export interface UtteranceReading {
  readonly utterances: readonly Utterance[];
  readonly problems: readonly string[];
}

/** What is known of a file that may be spoken from. */
interface Source {
  readonly path: string;
  readonly file: string;
  readonly conversation: string;
  readonly bytes: number;
  readonly rateHz: number;
}

const MANIFEST = "manifest.jsonl";
const BYTES_PER_SAMPLE = 2;

/**
 * Reads the utterances that a folder's manifest names, or without one `turn_001.pcm`, `turn_002.pcm` and so on at
 * 16 kHz. The first folder that has files of the wanted rate is taken, else the first whose files can be resampled.
 */
export function readUtterances(files: Files, options: UtteranceOptions): UtteranceReading {
  const problems: string[] = [];
  const all = options.folders.map((folder) => sources(files, folder, problems));
  const unknown = unknownConversations(options.conversations, all.flat());
  if (unknown.length > 0) return { utterances: [], problems: [...problems, ...unknown] };
  const found = all.map((folder) => folder.filter((source) => isWanted(source, options.conversations)));
  const rates = options.rateHz === RESAMPLES.toHz ? [RESAMPLES.toHz, RESAMPLES.fromHz] : [options.rateHz];
  const usable = rates.flatMap((rateHz) => found.map((folder) => folder.filter((each) => each.rateHz === rateHz)));
  const utterances: Utterance[] = [];
  for (const source of usable.find((folder) => folder.length > 0) ?? []) {
    const read = readUtterance(files.bytes(source.path), source, options);
    if (typeof read === "string") problems.push(`${source.file}: ${read}`);
    else utterances.push(read);
  }
  if (utterances.length === 0 && problems.length === 0) problems.push(nothingIn(options, found.flat()));
  return { utterances, problems };
}

function isWanted({ conversation }: Source, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.includes(conversation.toLowerCase());
}

/** A folder without utterances is a problem of its own, whatever conversations are asked for. */
function unknownConversations(wanted: readonly string[], found: readonly Source[]): string[] {
  const names = [...new Set(found.map(({ conversation }) => conversation))].filter((name) => name !== "");
  const unknown = wanted.filter((name) => !names.some((known) => known.toLowerCase() === name));
  if (found.length === 0 || unknown.length === 0) return [];
  const expected = names.length > 0 ? `one of ${names.join(", ")}` : `conversations in ${MANIFEST}, which names none`;
  return unknown.map((name) => `CONVERSATION: expected ${expected}, got ${JSON.stringify(name)}`);
}

function nothingIn({ folders, rateHz }: UtteranceOptions, found: readonly Source[]): string {
  if (found.length > 0) {
    const rates = [...new Set(found.map((source) => source.rateHz))].join(" and ");
    return `PCM_DIR: expected files at ${rateHz} Hz in ${folders.join(" or ")}, got ${rates} Hz`;
  }
  const wanted = `${MANIFEST} or turn_001.pcm in ${folders.join(" or ")}`;
  return `PCM_DIR: expected ${wanted}, got neither; run: make generate_audio`;
}

function sources(files: Files, folder: string, problems: string[]): Source[] {
  const manifest = files.text(`${folder}/${MANIFEST}`);
  return manifest === null ? numberedFiles(files, folder) : manifestFiles(manifest, folder, problems);
}

function numberedFiles(files: Files, folder: string): Source[] {
  const found: Source[] = [];
  for (let turn = 1; ; turn += 1) {
    const file = `turn_${String(turn).padStart(3, "0")}.pcm`;
    const path = `${folder}/${file}`;
    const bytes = files.bytes(path)?.byteLength;
    if (bytes === undefined) return found;
    found.push({ path, file, conversation: "", bytes, rateHz: RESAMPLES.fromHz });
  }
}

function manifestFiles(manifest: string, folder: string, problems: string[]): Source[] {
  return manifest.split("\n").flatMap((text, index) => {
    if (text.trim() === "") return [];
    const line = parseLine(text);
    const wrong = line === null ? `expected a JSON object, got ${JSON.stringify(text.slice(0, 40))}` : wrongField(line);
    if (wrong !== null || line === null) {
      problems.push(`${MANIFEST} line ${index + 1}: ${wrong}`);
      return [];
    }
    const { file, bytes, sample_rate: rateHz } = line as { file: string; bytes: number; sample_rate: number };
    const conversation = typeof line.conversation === "string" ? line.conversation : "";
    return [{ path: `${folder}/${file}`, file, conversation, bytes, rateHz }];
  });
}

function parseLine(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

function wrongField(line: Readonly<Record<string, unknown>>): string | null {
  const kinds: readonly [string, string][] = [
    ["file", "string"],
    ["bytes", "number"],
    ["sample_rate", "number"],
  ];
  const missing = kinds.find(([name, kind]) => typeof line[name] !== kind);
  if (missing !== undefined) return `${missing[0]}: expected a ${missing[1]}, got ${JSON.stringify(line[missing[0]])}`;
  return line.channels === 1 ? null : `channels: expected 1, got ${JSON.stringify(line.channels)}`;
}

/** Cuts an utterance out of its file; returns what is wrong where that cannot be done. */
function readUtterance(bytes: ArrayBuffer | null, source: Source, options: UtteranceOptions): Utterance | string {
  if (bytes === null) return "expected a file, got none";
  const got = bytes.byteLength;
  if (got === 0) return "expected 16-bit PCM, got an empty file";
  if (got % BYTES_PER_SAMPLE !== 0) return `expected 16-bit PCM, got an odd number of bytes (${got})`;
  if (got !== source.bytes)
    return `expected ${source.bytes} bytes as ${MANIFEST} says, got ${got}; run: make generate_audio`;
  return (
    cut(source, new Int16Array(bytes), options) ??
    "expected speech (a 20 ms frame with an RMS of 200 or more), got none"
  );
}

/**
 * Speech is looked for in what is sent: resampling takes a last hiss below the threshold of speech.
 * A last frame that speech does not fill is filled with what follows in the file, or with zeros.
 */
function cut({ file, conversation, rateHz }: Source, samples: Int16Array, options: UtteranceOptions): Utterance | null {
  const { frameMs, maxFrames } = options;
  const spoken = maxFrames > 0 ? samples.subarray(0, (maxFrames * rateHz * frameMs) / 1000) : samples;
  const sent = rateHz === options.rateHz ? spoken : resample(spoken);
  const speech = findSpeech(sent, options.rateHz);
  if (speech === null) return null;
  const frameSamples = (options.rateHz * frameMs) / 1000;
  const frames = Math.ceil((speech.end - speech.start) / frameSamples);
  const pcm = new Int16Array(frames * frameSamples);
  pcm.set(sent.subarray(speech.start, speech.start + pcm.length));
  return { file, conversation, frames, pcm: new Uint8Array(pcm.buffer) };
}
