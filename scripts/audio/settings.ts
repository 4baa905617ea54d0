/** Defines the settings of `make generate_audio` and reads them from the environment; docs/audio.md shows the table. */

import { readSetting } from "../../lib/settings/read_setting.ts";
import {
  matching,
  oneOf,
  positive,
  type Setting,
  wholeNumber,
  withSecret,
  wordList,
} from "../../lib/settings/setting_kinds.ts";

/** Every setting, in the order of the table in docs/audio.md. */
export const AUDIO_SETTINGS = {
  AZURE_SPEECH_KEY: withSecret("all", matching("", "the key of a Speech resource; never shown")),
  AZURE_SPEECH_REGION: matching("", "its region, such as `eastus`", "a region such as eastus", /^[a-z0-9]+$/i),
  AZURE_SPEECH_ENDPOINT: withSecret(
    "url",
    matching(
      "",
      "its endpoint, instead of the region; without a key with the Azure credential chain",
      "an https:// or wss:// URL",
      /^(?:https|wss?):\/\/[^\s/]+\S*$/i,
    ),
  ),
  AZURE_SPEECH_RESOURCE_ID: matching(
    "",
    "its resource id, with the region and without a key: the Azure credential chain",
    "a resource id that begins with /subscriptions/",
    /^\/subscriptions\/\S+$/i,
  ),
  AZURE_SPEECH_HOST: withSecret(
    "url",
    matching(
      "",
      "a Speech container, such as `ws://localhost:5000`",
      "a ws:// or wss:// URL",
      /^wss?:\/\/[^\s/]+\/?$/i,
    ),
  ),
  SPEECH_CONCURRENCY: wholeNumber(4, 1, "utterances that are spoken at once", 64),
  SPEECH_TIMEOUT_SEC: positive(30, "longest wait for one utterance, in each attempt"),
  SPEECH_ATTEMPTS: wholeNumber(6, 1, "attempts per utterance"),
  SPEECH_BACKOFF_SEC: positive(1, "pause before the second attempt; each further one is twice as long"),
  CONVERSATION: wordList([], "the conversations to speak, by name, separated by commas; all unless set"),
  SAMPLE_RATE: oneOf(
    "",
    ["", "16000", "24000"],
    "24000: into `audio/pcm_24000`, which runs at 24 kHz prefer (Azure only)",
  ),
  PCM_DIR: matching("", "another folder to write to"),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The values of all settings. */
export type AudioSettings = { readonly [Name in keyof typeof AUDIO_SETTINGS]: ValueOf<(typeof AUDIO_SETTINGS)[Name]> };

/** Reads all settings; an empty value counts as not set. Throws one error that lists every problem. */
export function readAudioSettings(env: Readonly<Record<string, string | undefined>>): AudioSettings {
  const problems: string[] = [];
  const values = Object.entries<Setting<unknown>>(AUDIO_SETTINGS).map(([name, setting]) => {
    const { problem, value } = readSetting(name, setting, env);
    if (problem !== null) problems.push(problem);
    return [name, value];
  });
  const settings = Object.fromEntries(values) as AudioSettings;
  if (problems.length === 0) problems.push(...contradictions(settings));
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return settings;
}

/** True when Azure is used. A region alone is not enough, since other tools set one in a shell too. */
export function wantsAzure(settings: AudioSettings): boolean {
  const { AZURE_SPEECH_KEY, AZURE_SPEECH_ENDPOINT, AZURE_SPEECH_RESOURCE_ID, AZURE_SPEECH_HOST } = settings;
  return [AZURE_SPEECH_KEY, AZURE_SPEECH_ENDPOINT, AZURE_SPEECH_RESOURCE_ID, AZURE_SPEECH_HOST].some(
    (text) => text !== "",
  );
}

function contradictions(settings: AudioSettings): string[] {
  const { AZURE_SPEECH_ENDPOINT, AZURE_SPEECH_HOST, AZURE_SPEECH_REGION } = settings;
  const hasAddress = [AZURE_SPEECH_ENDPOINT, AZURE_SPEECH_HOST, AZURE_SPEECH_REGION].some((text) => text !== "");
  if (hasAddress || !wantsAzure(settings)) return [];
  return ["AZURE_SPEECH_REGION: expected a region (or AZURE_SPEECH_ENDPOINT, or AZURE_SPEECH_HOST), got nothing"];
}
