/** Draws `docs/speech.svg`: the waveform of an utterance in audio/pcm, and the speech detected in it. */

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { findSpeech, rms, SPEECH_FRAME_MS } from "../../lib/audio/pcm.ts";
import { readManifest } from "../audio/manifest.ts";
import { fail } from "../run/terminal.ts";

const WIDTH = 900;
const HEIGHT = 250;
const TOP = 40;
const BOTTOM = 215;
const LEFT = 10;
const RIGHT = WIDTH - 10;

/** Draws 16-bit mono PCM as SVG with `name` as its title. Throws when the PCM holds no speech. */
export function speechPicture(name: string, samples: Int16Array, rateHz: number): string {
  const speech = findSpeech(samples, rateHz);
  if (speech === null) throw new Error(`${name}: expected speech, got none`);
  const x = (sample: number) => round(LEFT + (sample / samples.length) * (RIGHT - LEFT));
  const [start, end] = [x(speech.start), x(speech.end)];
  const ms = (sample: number) => `${Math.round((sample / rateHz) * 1000)} ms`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="sans-serif" font-size="12">`,
    `<title>Speech found in ${name}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    `<rect x="${start}" y="${TOP}" width="${round(end - start)}" height="${BOTTOM - TOP}" fill="#e3f0e6"/>`,
    `<path d="${waveform(samples, x)}" stroke="#34506b" fill="none"/>`,
    `<path d="${rmsCurve(samples, rateHz, x)}" stroke="#c2571a" fill="none" stroke-width="1.5"/>`,
    `<path d="M${start} ${TOP}V${BOTTOM}M${end} ${TOP}V${BOTTOM}" stroke="#1c7a3a" stroke-width="2"/>`,
    `<text x="${LEFT}" y="18" fill="#222">${name}</text>`,
    `<text x="${RIGHT}" y="18" text-anchor="end" fill="#c2571a">RMS of each ${SPEECH_FRAME_MS} ms frame</text>`,
    `<text x="${start}" y="34" fill="#1c7a3a">speech starts, ${ms(speech.start)}</text>`,
    `<text x="${end}" y="34" text-anchor="end" fill="#1c7a3a">ends, ${ms(speech.end)}: ttfb starts here</text>`,
    ...wholeSeconds(samples.length / rateHz).map(
      (sec) => `<text x="${x(sec * rateHz)}" y="235" text-anchor="middle" fill="#555">${sec} s</text>`,
    ),
    "</svg>\n",
  ].join("\n");
}

/** The highest and lowest sample for every two pixels. */
function waveform(samples: Int16Array, x: (sample: number) => number): string {
  const step = Math.ceil(samples.length / ((RIGHT - LEFT) / 2));
  const peak = samples.reduce((max, sample) => Math.max(max, Math.abs(sample)), 1);
  const y = (sample: number) => round((TOP + BOTTOM) / 2 - (sample / peak) * ((BOTTOM - TOP) / 2));
  let path = "";
  for (let at = 0; at < samples.length; at += step) {
    const column = samples.subarray(at, at + step);
    path += `M${x(at)} ${y(Math.max(...column))}V${round(y(Math.min(...column)) + 0.5)}`;
  }
  return path;
}

/** The RMS of each frame, relative to the highest one. */
function rmsCurve(samples: Int16Array, rateHz: number, x: (sample: number) => number): string {
  const length = (rateHz * SPEECH_FRAME_MS) / 1000;
  const levels: number[] = [];
  for (let at = 0; at + length <= samples.length; at += length) levels.push(rms(samples, at, at + length));
  const peak = Math.max(...levels);
  return levels
    .map((level, frame) => {
      const y = round(BOTTOM - (level / peak) * (BOTTOM - TOP));
      return `${frame === 0 ? "M" : "L"}${x((frame + 0.5) * length)} ${y}`;
    })
    .join("");
}

function wholeSeconds(length: number): number[] {
  return Array.from({ length: Math.floor(length) }, (_, index) => index + 1);
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

async function main(folder: string, file: string): Promise<void> {
  const entry = (await readManifest(folder)).find((each) => each.file === file);
  if (entry === undefined) throw new Error(`${folder}: expected ${file} in manifest.jsonl, got none`);
  const samples = new Int16Array(new Uint8Array(await readFile(join(folder, file))).buffer);
  const name = `${file}, ${entry.voice}: "${entry.text}"`;
  await writeFile(
    "docs/speech.svg",
    speechPicture(name.replaceAll("&", "&amp;").replaceAll("<", "&lt;"), samples, entry.sample_rate),
  );
}

if (import.meta.filename === process.argv[1]) {
  const [folder = "audio/pcm", file = "turn_002.pcm"] = process.argv.slice(2);
  await main(folder, file).catch(fail);
}
