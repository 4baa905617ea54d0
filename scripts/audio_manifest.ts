/**
 * `make audio_manifest PCM_DIR=...`: writes a manifest for a folder of speech files that generate_audio did not make.
 * Raw `.pcm` files are used unchanged; for each `.wav` file a `.pcm` file is written beside it, converted only with
 * CONVERT=true.
 */

import { readdir, readFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";

import { rawProblem } from "../lib/audio/raw_samples.ts";
import { flag, oneOf } from "../lib/settings/setting_kinds.ts";
import { convert } from "./audio/convert.ts";
import { manifestEntry, readManifest, writeManifest } from "./audio/manifest.ts";
import { describeWav, isRawPcm, parseWav } from "./audio/wav.ts";
import { fail } from "./run/terminal.ts";
import { replaceFile } from "./setup/files.js";

/** How files are read and converted. */
export interface ForeignOptions {
  /** The sample rate of `.pcm` files and of conversions, in Hz. */
  readonly rateHz: number;
  /** True: WAV files of other formats are converted. */
  readonly converts: boolean;
}

/** One line of the manifest of foreign files. */
export interface ForeignEntry {
  readonly file: string;
  /** The WAV file that it was made from; undefined for a raw file. */
  readonly source: string | undefined;
  readonly duration_ms: number;
  readonly speech_start_ms: number;
  readonly speech_end_ms: number;
}

const RATES_HZ = [16000, 24000];

/** Writes a folder's manifest. Throws one error that lists every invalid file; then nothing is written. */
export async function writeForeignManifest(folder: string, options: ForeignOptions): Promise<ForeignEntry[]> {
  const files = (await readdir(folder)).filter((file) => /\.(pcm|wav)$/i.test(file)).sort();
  const before = await readManifest(folder);
  if (before.some(({ text }) => text !== undefined)) {
    throw new Error(`PCM_DIR: expected a folder of foreign files, got ${folder}, which make generate_audio fills`);
  }
  const converted = new Set(before.flatMap((entry) => ("source" in entry ? [entry.file] : [])));
  const problems: string[] = [];
  const found: { entry: ForeignEntry; pcm: Buffer }[] = [];
  for (const file of files.filter((each) => !converted.has(each))) {
    try {
      const speech = await readSpeech(folder, file, options);
      if (speech.source !== undefined && files.includes(speech.file) && !converted.has(speech.file)) {
        throw new Error(`expected no other file of its name, got ${speech.file}, which would be overwritten`);
      }
      const conversation = basename(resolve(folder));
      const turn = found.length + 1;
      found.push({ entry: entryOf({ ...speech, conversation, turn }), pcm: speech.pcm });
    } catch (error) {
      problems.push(`${file}: ${error instanceof Error ? error.message.replace(`${file}: `, "") : String(error)}`);
    }
  }
  if (files.length === 0) problems.push(`${folder}: expected .pcm or .wav files, got none`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  for (const { entry, pcm } of found) if (entry.source !== undefined) await replaceFile(join(folder, entry.file), pcm);
  const entries = found.map(({ entry }) => entry);
  await writeManifest(folder, entries);
  return entries;
}

/** Audio files that are neither `.pcm` nor `.wav`. */
async function unusedFiles(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).sort();
  return names.filter((name) =>
    /\.(aac|aiff?|al|alaw|amr|au|caf|flac|g711|m4a|mp3|mp4|ogg|opus|raw|snd|ul|ulaw|wave|webm|wma)$/i.test(name),
  );
}

interface Speech {
  readonly file: string;
  readonly source: string | undefined;
  readonly rateHz: number;
  readonly pcm: Buffer;
}

async function readSpeech(folder: string, file: string, { rateHz, converts }: ForeignOptions): Promise<Speech> {
  const bytes = await readFile(join(folder, file));
  if (/\.pcm$/i.test(file)) {
    const problem = rawProblem(bytes, file);
    if (problem !== null) throw new Error(problem);
    return { file, source: undefined, rateHz, pcm: bytes };
  }
  const wav = parseWav(bytes);
  const target = { file: file.replace(/\.wav$/i, ".pcm"), source: file };
  if (isRawPcm(wav) && RATES_HZ.includes(wav.rateHz)) return { ...target, rateHz: wav.rateHz, pcm: wav.data };
  if (converts) return { ...target, rateHz, pcm: convert(wav, rateHz) };
  throw new Error(`expected 16-bit mono at 16000 or 24000 Hz, got ${describeWav(wav)}; CONVERT=true converts it`);
}

function entryOf({ file, source, rateHz, pcm, conversation, turn }: Speech & { conversation: string; turn: number }) {
  const info = { file, conversation, turn, text: "", voice: "", language: "", sample_rate: rateHz };
  const { text, voice, language, content_sha256, ...entry } = manifestEntry(info, pcm);
  return { ...entry, source };
}

async function main(env: NodeJS.ProcessEnv): Promise<void> {
  const folder = env.PCM_DIR ?? "";
  const rate = oneOf("16000", ["16000", "24000"], "").parse(env.SAMPLE_RATE || "16000");
  const converts = flag(false, "").parse(env.CONVERT || "false");
  if (folder === "") throw new Error("PCM_DIR: expected a folder, got nothing");
  if (rate === undefined)
    throw new Error(`SAMPLE_RATE: expected 16000 or 24000, got ${JSON.stringify(env.SAMPLE_RATE)}`);
  if (converts === undefined) throw new Error(`CONVERT: expected true or false, got ${JSON.stringify(env.CONVERT)}`);
  const entries = await writeForeignManifest(folder, { rateHz: Number(rate), converts });
  for (const { file, source, duration_ms, speech_start_ms, speech_end_ms } of entries) {
    const [length, start, end] = [duration_ms, speech_start_ms, speech_end_ms].map((ms) => (ms / 1000).toFixed(2));
    console.log(
      `${file}  ${length} s, speech from ${start} to ${end} s${source === undefined ? "" : `, from ${source}`}`,
    );
  }
  for (const file of await unusedFiles(folder)) console.log(`${file}: not used; make a .wav file of it`);
  console.log(`${folder}: ${entries.length} utterances in manifest.jsonl`);
}

if (import.meta.filename === process.argv[1]) {
  await main(process.env).catch((error: unknown) => fail(error, 107));
}
