/**
 * Makes folders with a given number of utterances of the same lengths. Two of them (with five and with fifty
 * utterances) show the memory that the number of utterances costs, and nothing else.
 */

import { copyFile, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readJsonLines } from "../results/lines.ts";
import { SHIPPED_PCM } from "./load_request.ts";

/** The number of shipped utterances of which a folder has copies. */
const DIFFERENT = 5;

/** Makes a folder of `count` utterances, copies of the five shortest shipped ones; returns its path. */
export async function makeUtteranceFolder(count: number, from = SHIPPED_PCM): Promise<string> {
  const shipped = (await readJsonLines(join(from, "manifest.jsonl"))).filter((line) => line !== null);
  const shortest = shipped.sort((a, b) => Number(a.bytes) - Number(b.bytes)).slice(0, DIFFERENT);
  if (shortest.length < DIFFERENT) {
    throw new Error(`${from}: expected ${DIFFERENT} utterances, got ${shortest.length}; run: make generate_audio`);
  }
  const folder = await mkdtemp(join(tmpdir(), "utterances-"));
  const lines: string[] = [];
  for (let at = 0; at < count; at += 1) {
    const { bytes, channels, file: source, sample_rate } = shortest[at % DIFFERENT] ?? {};
    const file = `turn_${String(at + 1).padStart(3, "0")}.pcm`;
    await copyFile(join(from, String(source)), join(folder, file));
    lines.push(JSON.stringify({ file, bytes, sample_rate, channels }));
  }
  await writeFile(join(folder, "manifest.jsonl"), `${lines.join("\n")}\n`);
  return folder;
}
