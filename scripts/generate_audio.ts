/**
 * `make generate_audio`: synthesises the utterances of `audio/conversations/*.json` as `audio/pcm/turn_001.pcm` ... and
 * writes `manifest.jsonl`. Only changed utterances are synthesised again. Uses Azure's voices where the environment has
 * Azure's settings, else the offline voice.
 */

import { existsSync } from "node:fs";
import { classifyFailure, withoutSecrets } from "./audio/failure.ts";
import { generateAudio } from "./audio/generate_audio.ts";
import { summaryLines } from "./audio/generation_output.ts";
import { writeResampledCopy } from "./audio/resampled_copy.ts";
import { type AudioSettings, readAudioSettings, wantsAzure } from "./audio/settings.ts";
import "./run/terminal.ts";

const FOLDER = "audio/pcm";
const FOLDER_24 = "audio/pcm_24000";

/** The copies of FOLDER at other rates; FOLDER_24 is no copy: Azure fills it. */
const COPIES = [
  ["audio/pcm_8000", 8000],
  ["audio/pcm_24000_copy", 24000],
] as const;

const LEFT_ALONE = "left as it is, because only Azure renews it; runs at 24 kHz take it, remove it if it is old";

const EXIT = { missing: 1, interrupted: 105, wrongInput: 107 } as const;

/**
 * The folders to fill. Runs at 24 kHz prefer a separate folder; once it exists, Azure fills it together with the other
 * one. The offline voice has one sample rate only. Copies at the other rates of callers are always made.
 */
function foldersOf(settings: AudioSettings): (readonly [folder: string, settings: AudioSettings])[] {
  const { PCM_DIR, SAMPLE_RATE } = settings;
  const at24 = [FOLDER_24, { ...settings, SAMPLE_RATE: "24000" }] as const;
  if (PCM_DIR !== "") return [[PCM_DIR, settings]];
  if (!wantsAzure(settings)) return [[FOLDER, settings]];
  if (SAMPLE_RATE === "24000") return [at24];
  return existsSync(FOLDER_24) ? [[FOLDER, settings], at24] : [[FOLDER, settings]];
}

/** Makes the copies of the shipped utterances at other rates. */
async function copyShipped({ PCM_DIR }: AudioSettings, into: string | undefined): Promise<void> {
  if (into !== undefined || PCM_DIR !== "") return;
  for (const [copy, rateHz] of COPIES) await writeResampledCopy(FOLDER, copy, rateHz);
}

async function main(from: string, into: string | undefined): Promise<number> {
  const stop = new AbortController();
  const interrupt = () => stop.abort(new Error("interrupted"));
  for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, interrupt);
  // Node would print the reason of an unhandled rejection of a package without masking secrets.
  process.once("unhandledRejection", (reason) => {
    console.error(classifyFailure(reason, [process.env.AZURE_SPEECH_KEY ?? ""]).message);
    process.exit(EXIT.missing);
  });
  try {
    const settings = readAudioSettings(process.env);
    const source = wantsAzure(settings) ? "azure" : "offline";
    let missing = 0;
    for (const [folder, each] of into === undefined ? foldersOf(settings) : [[into, settings] as const]) {
      const generated = await generateAudio(from, folder, { settings: each, signal: stop.signal, print: console.log });
      console.log(summaryLines(folder, generated, source).join("\n"));
      missing += generated.missing.length;
    }
    await copyShipped(settings, into);
    if (source === "offline" && existsSync(FOLDER_24)) console.log(`${FOLDER_24}: ${LEFT_ALONE}`);
    if (stop.signal.aborted) return EXIT.interrupted;
    return missing > 0 ? EXIT.missing : 0;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    for (const line of text.split("\n")) console.error(withoutSecrets(line, [process.env.AZURE_SPEECH_KEY ?? ""]));
    return EXIT.wrongInput;
  }
}

const [from = "audio/conversations", into] = process.argv.slice(2);
// Open sockets to a service that does not answer would keep the process alive for half a minute.
process.exit(await main(from, into));
