/**
 * Reads WAV files: RIFF/WAVE, and RF64 (EBU Tech 3306), whose sizes have 64 bits. Recorders and pipes leave 0 or the largest
 * number as the length of the samples, and transfers lose the end of a file.
 */

import { containerOf } from "../../lib/audio/containers.ts";

/** How a sample is encoded: `other` is a kind that is not read. */
export type Encoding = "int" | "float" | "alaw" | "mulaw" | "other";

/** The content of a WAV file. */
export interface Wav {
  readonly rateHz: number;
  readonly channels: number;
  readonly bits: number;
  readonly encoding: Encoding;
  /** The format tag (RFC 2361). */
  readonly tag: number;
  /** The samples as they are in the file, channels interleaved: whole frames of one sample per channel. */
  readonly data: Buffer;
}

/** The format tags of RFC 2361 that are read. */
const ENCODINGS: Readonly<Record<number, Encoding>> = { 1: "int", 3: "float", 6: "alaw", 7: "mulaw" };

/** The names of some that are not. */
const COMPRESSED: Readonly<Record<number, string>> = {
  2: "ADPCM",
  17: "IMA ADPCM",
  49: "GSM",
  80: "MPEG",
  85: "MP3",
  255: "AAC",
  353: "WMA",
};

const EXTENSIBLE = 0xfffe;

/** The end of the GUIDs of WAVE_FORMAT_EXTENSIBLE that stand for a format tag (ksmedia.h, DEFINE_WAVEFORMATEX_GUID). */
const TAG_GUID = "000000001000800000aa00389b71";

/** Sizes from here on stand for an unknown length: 4 GB - 1, and what other pipes write. Node reads no file as large. */
const UNKNOWN_BYTES = 0x7fff_0000;

/** Chunks that stand beside the samples: text, marks, levels and padding. */
const BESIDE =
  "LIST|id3 |ID3 |bext|iXML|axml|_PMX|cue |fact|PEAK|levl|smpl|inst|cart|afsp|acid|DISP|chna|JUNK|junk|PAD |FLLR".split(
    "|",
  );

const KNOWN: ReadonlySet<string> = new Set([...BESIDE, "fmt ", "data", "ds64"]);

/** Parses a WAV file. Throws when it is something else, when its format is impossible, or when it ends before its samples. */
export function parseWav(file: Buffer): Wav {
  checkKind(file);
  let format: Omit<Wav, "data"> | null = null;
  let longBytes: number | null = null;
  for (let at = 12; at + 8 <= file.length; ) {
    const id = file.toString("latin1", at, at + 4);
    const size = file.readUInt32LE(at + 4);
    const chunk = file.subarray(at + 8, Math.min(at + 8 + size, file.length));
    if (id === "fmt ") format = readFormat(chunk);
    if (id === "ds64" && chunk.length >= 16) longBytes = Number(chunk.readBigUInt64LE(8));
    if (id === "data" && format !== null) {
      const bytes = size === 0xffff_ffff && longBytes !== null ? longBytes : size;
      return { ...format, data: readSamples(file.subarray(at + 8), bytes, frameBytes(format)) };
    }
    at = nextChunk(file, at + 8 + size, size % 2);
  }
  throw new Error(`WAV: expected a ${format === null ? "format" : "data"} chunk, got none`);
}

/** Where the next chunk begins: an odd one is followed by a byte of padding, which some writers leave out. */
function nextChunk(file: Buffer, end: number, padding: number): number {
  const isKnown = (at: number) => KNOWN.has(file.toString("latin1", at, at + 4));
  return isKnown(end) && !isKnown(end + padding) ? end : end + padding;
}

function checkKind(file: Buffer): void {
  const id = file.toString("latin1", 0, 4);
  const isWave = file.toString("latin1", 8, 12) === "WAVE";
  if (isWave && ["RIFF", "RF64", "BW64"].includes(id)) return;
  const kind = isWave && id === "RIFX" ? "RIFX, whose bytes are in the other order" : containerOf(file);
  throw new Error(`WAV: expected a RIFF/WAVE file, got ${kind ?? "something else"}`);
}

function readFormat(chunk: Buffer): Omit<Wav, "data"> {
  if (chunk.length < 16) throw new Error(`WAV: expected a format chunk of 16 bytes or more, got ${chunk.length}`);
  const channels = chunk.readUInt16LE(2);
  const rateHz = chunk.readUInt32LE(4);
  const bits = chunk.readUInt16LE(14);
  const tag = tagOf(chunk);
  const encoding = ENCODINGS[tag];
  const format = { channels, rateHz, bits, tag };
  if (encoding === undefined) return { ...format, encoding: "other" };
  for (const [name, value] of Object.entries({ channels, "sample rate": rateHz, "bits per sample": bits })) {
    if (value === 0) throw new Error(`WAV: ${name}: expected 1 or more, got 0`);
  }
  const expected = frameBytes(format);
  // Some writers leave it empty.
  const block = chunk.readUInt16LE(12) || expected;
  if (block === expected) return { ...format, encoding };
  throw new Error(`WAV: expected ${expected} bytes for ${channels} sample(s) of ${bits} bits, got ${block}`);
}

function tagOf(format: Buffer): number {
  const tag = format.readUInt16LE(0);
  if (tag !== EXTENSIBLE || format.length < 40) return tag;
  return format.toString("hex", 26, 40) === TAG_GUID ? format.readUInt16LE(24) : tag;
}

/** The bytes of one sample of each channel; 1 where a compressed kind has none. */
function frameBytes({ bits, channels }: Pick<Wav, "bits" | "channels">): number {
  return Math.ceil(bits / 8) * channels || 1;
}

/** Cuts the samples out of what follows the header of their chunk; a frame that is not complete is dropped. */
function readSamples(rest: Buffer, bytes: number, frame: number): Buffer {
  const isUnknown = bytes >= UNKNOWN_BYTES || (bytes === 0 && soundEnd(rest) !== 0);
  const got = Math.min(isUnknown ? soundEnd(rest) : bytes, rest.length);
  if (!isUnknown && bytes - got >= frame) {
    throw new Error(`WAV: expected ${bytes} bytes of samples as its header says, got ${got}: the file is cut short`);
  }
  return rest.subarray(0, got - (got % frame));
}

/** Where the samples end and nothing but other chunks follows; the end of the file where there are none. */
function soundEnd(rest: Buffer): number {
  const starts = BESIDE.flatMap((id) => trailersOf(rest, id));
  // A chunk may hold what looks like another one.
  return starts.length === 0 ? rest.length : soundEnd(rest.subarray(0, Math.min(...starts)));
}

/** Where chunks of an id begin that reach to the end of the file. */
function trailersOf(rest: Buffer, id: string): number[] {
  const starts: number[] = [];
  const next = (from: number) => rest.indexOf(id, from, "latin1");
  for (let at = next(0); at >= 0 && at + 8 <= rest.length; at = next(at + 1)) {
    const end = at + 8 + rest.readUInt32LE(at + 4);
    if (end === rest.length || end + 1 === rest.length) starts.push(at);
  }
  return starts;
}

/**
 * Returns the samples of a 16-bit mono WAV file as raw PCM.
 * Throws when it is another kind of file, or has another rate.
 */
export function readWav(file: Buffer, rateHz: number): Buffer {
  const wav = parseWav(file);
  if (isRawPcm(wav) && wav.rateHz === rateHz) return wav.data;
  throw new Error(`WAV: expected 16-bit mono at ${rateHz} Hz, got ${describeWav(wav)}`);
}

/** True when its samples are 16-bit mono PCM. */
export function isRawPcm({ channels, bits, encoding }: Wav): boolean {
  return channels === 1 && bits === 16 && encoding === "int";
}

/** The format of a file as text for messages. */
export function describeWav({ rateHz, channels, bits, encoding, tag }: Wav): string {
  const other = ` ${COMPRESSED[tag] ?? `of the format 0x${tag.toString(16).padStart(4, "0")}`}`;
  const kind = { int: "", float: " float", alaw: " A-law", mulaw: " mu-law", other }[encoding];
  return `${bits}-bit${kind}, ${channels} channel(s), ${rateHz} Hz`;
}
