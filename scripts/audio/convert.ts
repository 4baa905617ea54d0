/**
 * Converts WAV files to 16-bit mono PCM at another rate: averages the channels and resamples with an anti-aliasing
 * filter.
 */

import { decodeMulawByte } from "../../lib/audio/mulaw.ts";
import { kaiser, sinc } from "../../lib/audio/window.ts";
import { decodeAlaw } from "./g711.ts";
import { describeWav, type Wav } from "./wav.ts";

/** Zero crossings of the filter on each side: more make it steeper, and slower to compute. */
const CROSSINGS = 24;

/** The frequency at which the filter has fallen to half, as a share of the lower Nyquist frequency. */
const CUTOFF = 0.92;

/** The Kaiser window's shape: about 80 dB of attenuation. */
const BETA = 7.86;

/** Entries of the filter's table between two zero crossings. */
const POINTS = 512;

/** Returns raw PCM at `rateHz`. Throws when the samples are compressed, or of an unsupported size. */
export function convert(wav: Wav, rateHz: number): Buffer {
  const samples = resampleTo(mix(wav), wav.rateHz, rateHz);
  const pcm = Int16Array.from(samples, (sample) => Math.max(-32768, Math.min(32767, Math.round(sample * 32768))));
  return Buffer.from(pcm.buffer);
}

/** Averages the channels; returns samples from -1 to 1. */
function mix(wav: Wav): Float64Array {
  const { data, channels } = wav;
  const { bytes, read } = sampleReader(wav);
  const frame = bytes * channels;
  return Float64Array.from({ length: Math.floor(data.length / frame) }, (_, index) => {
    let sum = 0;
    for (let channel = 0; channel < channels; channel += 1) sum += read(data, index * frame + channel * bytes);
    return sum / channels;
  });
}

/** Reads the sample at an offset, from -1 to 1. */
type ReadSample = (data: Buffer, at: number) => number;

/** How each encoding is read, by its bits per sample. */
const READERS: Readonly<Record<string, ReadSample>> = {
  "int 8": (data, at) => (data.readUInt8(at) - 128) / 128,
  "int 16": (data, at) => data.readInt16LE(at) / 2 ** 15,
  "int 24": (data, at) => data.readIntLE(at, 3) / 2 ** 23,
  "int 32": (data, at) => data.readInt32LE(at) / 2 ** 31,
  "float 32": (data, at) => data.readFloatLE(at),
  "float 64": (data, at) => data.readDoubleLE(at),
  "alaw 8": (data, at) => decodeAlaw(data.readUInt8(at)) / 2 ** 15,
  "mulaw 8": (data, at) => decodeMulawByte(data.readUInt8(at)) / 2 ** 15,
};

function sampleReader(wav: Wav): { bytes: number; read: ReadSample } {
  const read = READERS[`${wav.encoding} ${wav.bits}`];
  if (read !== undefined) return { bytes: wav.bits / 8, read };
  throw new Error(
    `WAV: expected 8, 16, 24 or 32-bit samples, 32 or 64-bit float, mu-law or A-law, got ${describeWav(wav)}`,
  );
}

/** Resamples with a windowed sinc, evaluated at the position of each output sample between the input samples. */
export function resampleTo(input: Float64Array, fromHz: number, toHz: number): Float64Array {
  if (fromHz === toHz) return input;
  const cutoff = CUTOFF * Math.min(1, toHz / fromHz);
  const reach = CROSSINGS / cutoff;
  return Float64Array.from({ length: Math.floor((input.length * toHz) / fromHz) }, (_, index) => {
    const position = (index * fromHz) / toHz;
    const last = Math.min(input.length - 1, Math.floor(position + reach));
    let sum = 0;
    for (let at = Math.max(0, Math.ceil(position - reach)); at <= last; at += 1) {
      sum += (input[at] ?? 0) * (TABLE[Math.round(Math.abs(at - position) * cutoff * POINTS)] ?? 0);
    }
    return sum * cutoff;
  });
}

/** One half of the filter: a sinc under a Kaiser window. */
const TABLE = Float64Array.from({ length: CROSSINGS * POINTS + 1 }, (_, index) => {
  const x = index / POINTS;
  return sinc(x) * kaiser(x / CROSSINGS, BETA);
});
