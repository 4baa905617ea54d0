/**
 * `make generate_audio`: synthesises the utterances of `audio/conversations/*.json` as `audio/pcm/turn_001.pcm` ... and
 * writes `manifest.jsonl`. Only changed utterances are synthesised again. Uses Azure's voices where the environment has
 * Azure's settings, else the offline voice.
 */

import { existsSync } from "node:fs";
import { AzureVoice } from "./audio/azure.ts";
import { azureAccess } from "./audio/azure_access.ts";
import { readConversations, type UtteranceSpec } from "./audio/conversations.ts";
import { classifyFailure, withoutSecrets } from "./audio/failure.ts";
import { type Generated, Generation, type GenerationEvent } from "./audio/generation.ts";
import { spokenLine, summaryLines } from "./audio/generation_output.ts";
import { Retrier } from "./audio/retry.ts";
import { type AudioSettings, readAudioSettings, wantsAzure } from "./audio/settings.ts";
import { OfflineVoice, type Voice } from "./audio/voice.ts";
import "./run/terminal.ts";

const FOLDER = "audio/pcm";
const FOLDER_24 = "audio/pcm_24000";

const LEFT_ALONE = "left as it is, because only Azure renews it; runs at 24 kHz take it, remove it if it is old";

const EXIT = { missing: 1, interrupted: 105, wrongInput: 107 } as const;

/** How a folder is filled. */
export interface GenerateOptions {
  readonly settings: AudioSettings;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Fills a folder from a folder of conversations; with the offline voice by default. Rejects for wrong input only. */
export async function generateAudio(from: string, into: string, options?: GenerateOptions): Promise<Generated> {
  const { settings, signal, print } = options ?? {
    settings: readAudioSettings({}),
    signal: new AbortController().signal,
    print: () => {},
  };
  const utterances = await readConversations(from);
  const conversations = knownConversations(utterances, settings.CONVERSATION);
  let spoken = 0;
  const onEvent = (event: GenerationEvent) => {
    if (event.type === "retry") {
      print(`${event.file}: again in ${event.waitSec.toFixed(1)} s: ${event.why}`);
      return;
    }
    spoken += 1;
    print(spokenLine(event.entry, spoken, utterances.length));
  };
  return new Generation({
    utterances,
    folder: into,
    voice: voiceOf(settings),
    // Without a key, utterances in Azure's voices, which were paid for, are kept. With a key, offline ones are
    // replaced.
    alsoKeptVoice: wantsAzure(settings) ? () => null : ({ voice }) => voice,
    conversations,
    concurrency: wantsAzure(settings) ? settings.SPEECH_CONCURRENCY : 1,
    retrier: new Retrier({
      attempts: settings.SPEECH_ATTEMPTS,
      backoffSec: settings.SPEECH_BACKOFF_SEC,
      random: Math.random,
    }),
    signal,
    onEvent,
  }).run();
}

function voiceOf(settings: AudioSettings): Voice {
  if (!wantsAzure(settings)) return new OfflineVoice();
  return new AzureVoice(
    azureAccess(settings),
    settings.SAMPLE_RATE === "24000" ? 24000 : 16000,
    settings.SPEECH_TIMEOUT_SEC,
  );
}

function knownConversations(utterances: readonly UtteranceSpec[], wanted: readonly string[]): readonly string[] {
  const names = [...new Set(utterances.map(({ conversation }) => conversation))];
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length === 0) return wanted;
  throw new Error(unknown.map((name) => `CONVERSATION: expected one of ${names.join(", ")}, got "${name}"`).join("\n"));
}

/**
 * The folders to fill. Runs at 24 kHz prefer a separate folder; once it exists, Azure fills it together with the other
 * one. The offline voice has one sample rate only, and its audio is resampled when a test starts.
 */
function foldersOf(settings: AudioSettings): (readonly [folder: string, settings: AudioSettings])[] {
  const { PCM_DIR, SAMPLE_RATE } = settings;
  const at24 = [FOLDER_24, { ...settings, SAMPLE_RATE: "24000" }] as const;
  if (PCM_DIR !== "") return [[PCM_DIR, settings]];
  if (!wantsAzure(settings)) return [[FOLDER, settings]];
  if (SAMPLE_RATE === "24000") return [at24];
  return existsSync(FOLDER_24) ? [[FOLDER, settings], at24] : [[FOLDER, settings]];
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
    if (source === "offline" && existsSync(FOLDER_24)) console.log(`${FOLDER_24}: ${LEFT_ALONE}`);
    if (stop.signal.aborted) return EXIT.interrupted;
    return missing > 0 ? EXIT.missing : 0;
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    for (const line of text.split("\n")) console.error(withoutSecrets(line, [process.env.AZURE_SPEECH_KEY ?? ""]));
    return EXIT.wrongInput;
  }
}

if (import.meta.filename === process.argv[1]) {
  const [from = "audio/conversations", into] = process.argv.slice(2);
  // Open sockets to a service that does not answer would keep the process alive for half a minute.
  process.exit(await main(from, into));
}
