/**
 * What callers say: finds the utterances of a folder, checks them and cuts them to their speech.
 * It reads through the functions it is given and knows no file system.
 */

import { findSpeech } from "./pcm.ts";

/** Reads a file; null when it is not there. */
export interface Files {
  text(path: string): string | null;
  bytes(path: string): ArrayBuffer | null;
}

/** How the utterances of a folder are wanted. */
export interface UtteranceOptions {
  readonly folder: string;
  readonly rateHz: number;
  readonly frameMs: number;
  /** Frames of a file that are spoken at most; 0: all. */
  readonly maxFrames: number;
}

/** One utterance, from its first to its last frame of speech, in whole frames. */
export interface Utterance {
  readonly file: string;
  readonly frames: number;
  readonly pcm: Uint8Array;
}

/** The utterances of a folder, or what is wrong with it. */
export interface UtteranceReading {
  readonly utterances: readonly Utterance[];
  readonly problems: readonly string[];
}

/** What a line of `manifest.jsonl` must hold to be spoken from. */
interface ManifestLine {
  readonly file: string;
  readonly bytes: number;
}

const MANIFEST = "manifest.jsonl";
const BYTES_PER_SAMPLE = 2;

/** Reads the utterances that the folder's manifest names, or without one `turn_001.pcm`, `turn_002.pcm` and so on. */
export function readUtterances(files: Files, options: UtteranceOptions): UtteranceReading {
  const manifest = files.text(`${options.folder}/${MANIFEST}`);
  const problems: string[] = [];
  const lines = manifest === null ? numberedFiles(files, options.folder) : manifestLines(manifest, options, problems);
  const utterances: Utterance[] = [];
  for (const line of lines) {
    const read = readUtterance(files.bytes(`${options.folder}/${line.file}`), line, options);
    if (typeof read === "string") problems.push(`${line.file}: ${read}`);
    else utterances.push(read);
  }
  if (utterances.length === 0 && problems.length === 0) {
    problems.push(
      `PCM_DIR: expected ${MANIFEST} or turn_001.pcm in ${options.folder}, got neither; run: make generate_audio`,
    );
  }
  return { utterances, problems };
}

function numberedFiles(files: Files, folder: string): ManifestLine[] {
  const lines: ManifestLine[] = [];
  for (let turn = 1; ; turn += 1) {
    const file = `turn_${String(turn).padStart(3, "0")}.pcm`;
    const bytes = files.bytes(`${folder}/${file}`)?.byteLength;
    if (bytes === undefined) return lines;
    lines.push({ file, bytes });
  }
}

function manifestLines(manifest: string, options: UtteranceOptions, problems: string[]): ManifestLine[] {
  return manifest.split("\n").flatMap((text, index) => {
    if (text.trim() === "") return [];
    const where = `${MANIFEST} line ${index + 1}`;
    let line: Record<string, unknown>;
    try {
      line = JSON.parse(text) as Record<string, unknown>;
    } catch {
      problems.push(`${where}: expected a JSON object, got ${JSON.stringify(text.slice(0, 40))}`);
      return [];
    }
    const wants: [string, unknown][] = [
      ["sample_rate", options.rateHz],
      ["channels", 1],
    ];
    const wrong = wants.filter(([name, value]) => line[name] !== value);
    for (const [name, value] of wrong)
      problems.push(`${where}: ${name}: expected ${value}, got ${JSON.stringify(line[name])}`);
    if (typeof line.file !== "string" || typeof line.bytes !== "number") {
      problems.push(`${where}: expected "file" and "bytes", got ${Object.keys(line).join(", ")}`);
      return [];
    }
    return wrong.length > 0 ? [] : [{ file: line.file, bytes: line.bytes }];
  });
}

/** Cuts an utterance out of its file; returns what is wrong where that cannot be done. */
function readUtterance(bytes: ArrayBuffer | null, line: ManifestLine, options: UtteranceOptions): Utterance | string {
  if (bytes === null) return "expected a file, got none";
  const got = bytes.byteLength;
  if (got === 0) return "expected 16-bit PCM, got an empty file";
  if (got % BYTES_PER_SAMPLE !== 0) return `expected 16-bit PCM, got an odd number of bytes (${got})`;
  if (got !== line.bytes)
    return `expected ${line.bytes} bytes as ${MANIFEST} says, got ${got}; run: make generate_audio`;
  return (
    cut(line.file, new Int16Array(bytes), options) ??
    "expected speech (a 20 ms frame with an RMS of 200 or more), got none"
  );
}

/** A last frame that speech does not fill is filled with what follows in the file, or with zeros. */
function cut(file: string, samples: Int16Array, options: UtteranceOptions): Utterance | null {
  const frameSamples = (options.rateHz * options.frameMs) / 1000;
  const spoken = options.maxFrames > 0 ? samples.subarray(0, options.maxFrames * frameSamples) : samples;
  const speech = findSpeech(spoken, options.rateHz);
  if (speech === null) return null;
  const frames = Math.ceil((speech.end - speech.start) / frameSamples);
  const pcm = new Int16Array(frames * frameSamples);
  pcm.set(spoken.subarray(speech.start, Math.min(speech.start + pcm.length, spoken.length)));
  return { file, frames, pcm: new Uint8Array(pcm.buffer) };
}
