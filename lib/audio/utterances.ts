/**
 * Reads the utterances that callers speak from a folder of PCM files: finds the files, checks them and cuts them to
 * their speech. It reads through the functions that it is given, so that it runs in k6 and in Node.
 */

import { type DtmfPress, dtmfPresses, dtmfProblem, withQuietFor } from "./dtmf.ts";
import { findSpeech } from "./pcm.ts";
import { rawProblem } from "./raw_samples.ts";
import { FROM_HZ, resample, resamplesTo } from "./resample.ts";
import { encodingProblem, withoutMark } from "./text_file.ts";

/** How to read a file by its path; null when it does not exist. */
export interface Files {
  text(path: string): string | null;
  bytes(path: string): ArrayBuffer | null;
}

/** Which utterances to read, and in which format to return them. */
export interface UtteranceOptions {
  /** The folders to search, the preferred one first. */
  readonly folders: readonly string[];
  /** The sample rate to return, in Hz: files of that rate are preferred; others are resampled from 16 kHz. */
  readonly rateHz: number;
  /** Length of a frame, in ms. */
  readonly frameMs: number;
  /** At most this many frames from the start of a file are used; 0: all. */
  readonly maxFrames: number;
  /** Names, in lower case, of the conversations whose utterances to read; empty: all. */
  readonly conversations: readonly string[];
}

/** One utterance: whole frames from its first to its last speech frame, and on to its last digit where it has any. */
export interface Utterance {
  /** Name of its file. */
  readonly file: string;
  /** Name of its conversation. Empty where the manifest names none, or where there is no manifest. */
  readonly conversation: string;
  readonly frames: number;
  /** The digits that are pressed in it, in order. */
  readonly presses: readonly DtmfPress[];
  /** 16-bit mono PCM. */
  readonly pcm: Uint8Array;
}

/** The utterances that could be read, and one error text for each problem. */
export interface UtteranceResult {
  readonly utterances: readonly Utterance[];
  readonly problems: readonly string[];
}

/** A file that should hold an utterance, as the manifest describes it. */
interface SourceFile {
  readonly path: string;
  readonly file: string;
  readonly conversation: string;
  readonly bytes: number;
  readonly rateHz: number;
  /** The digits that are pressed behind its words; without bytes it has no words. */
  readonly dtmf: string;
}

const MANIFEST = "manifest.jsonl";

/** The rates that files may have, in Hz. */
const FILE_RATES = [8000, 16000, 24000];

/**
 * Reads the utterances that a folder's `manifest.jsonl` names, or without a manifest `turn_001.pcm`, `turn_002.pcm` and
 * so on at 16 kHz. Uses the first folder that has files of the rate to return, else the first whose files can be
 * resampled.
 */
export function readUtterances(files: Files, options: UtteranceOptions): UtteranceResult {
  const problems: string[] = [];
  const all = options.folders.map((folder) => sourceFiles(files, folder, problems));
  const unknown = unknownConversations(options.conversations, all.flat());
  if (unknown.length > 0) return { utterances: [], problems: [...problems, ...unknown] };
  const found = all.map((folder) => folder.filter((source) => isWanted(source, options.conversations)));
  const rates = resamplesTo(options.rateHz) ? [options.rateHz, FROM_HZ] : [options.rateHz];
  const usable = rates.flatMap((rateHz) => found.map((folder) => folder.filter((source) => source.rateHz === rateHz)));
  const utterances: Utterance[] = [];
  const chosen = usable.find((folder) => folder.length > 0) ?? [];
  problems.push(...rateProblems(found.find((folder) => folder.includes(chosen[0] as SourceFile)) ?? []));
  for (const source of chosen) {
    const read = readUtterance(files.bytes(source.path), source, options);
    if (typeof read === "string") problems.push(`${source.file}: ${read}`);
    else utterances.push(read);
  }
  if (utterances.length === 0 && problems.length === 0) problems.push(noUtterancesProblem(options, found.flat()));
  return { utterances, problems };
}

function isWanted({ conversation }: SourceFile, wanted: readonly string[]): boolean {
  return wanted.length === 0 || wanted.includes(conversation.toLowerCase());
}

/**
 * Returns an error text for each conversation that no file belongs to; none when there are no files at all, which is a
 * problem of its own.
 */
function unknownConversations(wanted: readonly string[], found: readonly SourceFile[]): string[] {
  const names = [...new Set(found.map(({ conversation }) => conversation))].filter((name) => name !== "");
  const unknown = wanted.filter((name) => !names.some((known) => known.toLowerCase() === name));
  if (found.length === 0 || unknown.length === 0) return [];
  const expected = names.length > 0 ? `one of ${names.join(", ")}` : `conversations in ${MANIFEST}, which names none`;
  return unknown.map((name) => `CONVERSATION: expected ${expected}, got ${JSON.stringify(name)}`);
}

/** Returns an error text for each file of a rate that no call has, so that it is not left out without a word. */
function rateProblems(folder: readonly SourceFile[]): string[] {
  const wrong = folder.filter(({ rateHz }) => !FILE_RATES.includes(rateHz));
  return wrong.map(({ file, rateHz }) => `${file}: expected ${FILE_RATES.join(", ")} Hz, got ${rateHz} Hz`);
}

function noUtterancesProblem({ folders, rateHz }: UtteranceOptions, found: readonly SourceFile[]): string {
  if (found.length > 0) {
    const rates = [...new Set(found.map((source) => source.rateHz))].join(" and ");
    return `PCM_DIR: expected files at ${rateHz} Hz in ${folders.join(" or ")}, got ${rates} Hz`;
  }
  const wanted = `${MANIFEST} or turn_001.pcm in ${folders.join(" or ")}`;
  return `PCM_DIR: expected ${wanted}, got neither; run: make generate_audio`;
}

function sourceFiles(files: Files, folder: string, problems: string[]): SourceFile[] {
  const manifest = files.text(`${folder}/${MANIFEST}`);
  return manifest === null ? numberedFiles(files, folder) : manifestFiles(manifest, folder, problems);
}

/** Finds `turn_001.pcm` and the files that follow it without a gap. */
function numberedFiles(files: Files, folder: string): SourceFile[] {
  const found: SourceFile[] = [];
  for (let turn = 1; ; turn += 1) {
    const file = `turn_${String(turn).padStart(3, "0")}.pcm`;
    const path = `${folder}/${file}`;
    const bytes = files.bytes(path)?.byteLength;
    if (bytes === undefined) return found;
    found.push({ path, file, conversation: "", bytes, rateHz: FROM_HZ, dtmf: "" });
  }
}

/** Reads the lines of a manifest, one JSON object each; adds a problem for each invalid line. */
function manifestFiles(manifest: string, folder: string, problems: string[]): SourceFile[] {
  const encoding = encodingProblem(manifest);
  if (encoding !== null) {
    problems.push(`${MANIFEST}: ${encoding}`);
    return [];
  }
  return withoutMark(manifest)
    .split("\n")
    .flatMap((text, index) => {
      if (text.trim() === "") return [];
      const line = parseLine(text);
      const problem =
        line === null ? `expected a JSON object, got ${JSON.stringify(text.slice(0, 40))}` : fieldProblem(line);
      if (problem !== null || line === null) {
        problems.push(`${MANIFEST} line ${index + 1}: ${problem}`);
        return [];
      }
      const { file, bytes, sample_rate: rateHz } = line as { file: string; bytes: number; sample_rate: number };
      const conversation = typeof line.conversation === "string" ? line.conversation : "";
      const dtmf = typeof line.dtmf === "string" ? line.dtmf : "";
      return [{ path: `${folder}/${file}`, file, conversation, bytes, rateHz, dtmf }];
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

function fieldProblem(line: Readonly<Record<string, unknown>>): string | null {
  const kinds: readonly [string, string][] = [
    ["file", "string"],
    ["bytes", "number"],
    ["sample_rate", "number"],
  ];
  const missing = kinds.find(([name, kind]) => typeof line[name] !== kind);
  if (missing !== undefined) return `${missing[0]}: expected a ${missing[1]}, got ${JSON.stringify(line[missing[0]])}`;
  if (line.channels !== 1) return `channels: expected 1, got ${JSON.stringify(line.channels)}`;
  const problem = line.dtmf === undefined ? null : dtmfProblem(line.dtmf);
  return problem === null ? null : `dtmf: ${problem}`;
}

/** Checks the bytes of a file and cuts the utterance out of them; returns an error text where that cannot be done. */
function readUtterance(bytes: ArrayBuffer | null, source: SourceFile, options: UtteranceOptions): Utterance | string {
  if (bytes === null) return "expected a file, got none";
  const got = bytes.byteLength;
  const hasWords = source.dtmf === "" || got > 0;
  const problem = hasWords ? rawProblem(new Uint8Array(bytes), source.file) : null;
  if (problem !== null) return problem;
  if (got !== source.bytes)
    return `expected ${source.bytes} bytes as ${MANIFEST} says, got ${got}; run: make generate_audio`;
  const samples = new Int16Array(bytes);
  const spoken = hasWords ? cutToSpeech(samples, source.rateHz, options) : samples;
  if (spoken === null) return "expected speech (a 20 ms frame with an RMS of 200 or more), got none";
  const { conversation, dtmf, file } = source;
  const frameSamples = frameSamplesOf(options);
  const presses = dtmfPresses(dtmf, spoken.length / frameSamples, options.frameMs);
  const pcm = withQuietFor(presses, spoken, frameSamples);
  return { file, conversation, frames: pcm.length / frameSamples, presses, pcm: new Uint8Array(pcm.buffer) };
}

function frameSamplesOf({ rateHz, frameMs }: UtteranceOptions): number {
  return (rateHz * frameMs) / 1000;
}

/**
 * Resamples where needed, and cuts the samples to their speech; null without speech. Speech is searched in the samples
 * that are sent, because resampling can weaken a last hiss below the threshold of speech. A last frame that speech does
 * not fill is filled with what follows in the file, or with zeros.
 */
function cutToSpeech(samples: Int16Array, rateHz: number, options: UtteranceOptions): Int16Array | null {
  const { frameMs, maxFrames } = options;
  const spoken = maxFrames > 0 ? samples.subarray(0, (maxFrames * rateHz * frameMs) / 1000) : samples;
  const sent = rateHz === options.rateHz ? spoken : resample(spoken, options.rateHz);
  const speech = findSpeech(sent, options.rateHz);
  if (speech === null) return null;
  const frameSamples = frameSamplesOf(options);
  const pcm = new Int16Array(Math.ceil((speech.end - speech.start) / frameSamples) * frameSamples);
  pcm.set(sent.subarray(speech.start, speech.start + pcm.length));
  return pcm;
}
