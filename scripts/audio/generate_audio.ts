/**
 * Synthesises the utterances of a folder of conversations into a folder of audio, by the settings of `make
 * generate_audio`.
 */

import { AzureVoice } from "./azure.ts";
import { azureAccess } from "./azure_access.ts";
import { readConversations, type UtteranceSpec } from "./conversations.ts";
import { type Generated, Generation, type GenerationEvent } from "./generation.ts";
import { spokenLine } from "./generation_output.ts";
import { Retrier } from "./retry.ts";
import { type AudioSettings, readAudioSettings, wantsAzure } from "./settings.ts";
import { OfflineVoice, type Voice } from "./voice.ts";

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
