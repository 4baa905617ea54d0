import { afterEach, describe, expect, it } from "vitest";
import { type AzureRateHz, AzureVoice } from "./azure.ts";
import { azureAccess } from "./azure_access.ts";
import type { UtteranceSpec } from "./conversations.ts";
import {
  FakeSpeechService,
  type FakeSpeechServiceOptions,
  fakeAudio,
  type ServiceFault,
} from "./fake_speech_service.ts";
import { readAudioSettings } from "./settings.ts";

const KEY = "0123456789abcdef+/=secret";

let service: FakeSpeechService;
afterEach(() => service.stop());

async function voiceFor(
  options: FakeSpeechServiceOptions,
  env: Record<string, string> = {},
  rateHz: AzureRateHz = 16000,
) {
  service = await FakeSpeechService.start(options);
  const access = azureAccess(
    readAudioSettings({ AZURE_SPEECH_KEY: KEY, AZURE_SPEECH_HOST: service.host, ...env }),
    async () => ({ getToken: async () => ({ token: "the-token", expiresOnTimestamp: 0 }) }),
  );
  return new AzureVoice(access, rateHz, Number(env.SPEECH_TIMEOUT_SEC ?? 10));
}

const utterance = (text: string): UtteranceSpec => ({
  conversation: "c",
  turn: 1,
  text,
  language: "en-US",
  voice: "en-US-JennyMultilingualNeural",
  offlineVoice: "slt",
  writtenAt: "c.json:1",
});

const never = new AbortController().signal;

describe("the SDK against the fake service", () => {
  it.each([1, 8])(
    "returns 50 utterances, %d at once, byte for byte",
    async (concurrency) => {
      const voice = await voiceFor({ credential: KEY });
      const texts = Array.from({ length: 50 }, (_, index) => `utterance number ${index} of fifty`);
      const queue = [...texts];
      const spoken = new Map<string, Buffer>();
      const worker = async () => {
        for (let text = queue.shift(); text !== undefined; text = queue.shift())
          spoken.set(text, await voice.speak(utterance(text), never));
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      for (const text of texts) expect(spoken.get(text)?.equals(fakeAudio(text, 16000))).toBe(true);
      expect(service.requests).toHaveLength(50);
    },
    60_000,
  );

  it("requests the voice, language and pauses of the utterance, as raw PCM of the configured rate", async () => {
    const voice = await voiceFor({}, {}, 24000);
    const spoken = { ...utterance("Well [400ms] Tom & Ann's"), language: "en-GB", voice: "en-GB-RyanNeural" };
    const pcm = await voice.speak(spoken, never);
    expect(service.requests[0]).toMatchObject({ format: "raw-24khz-16bit-mono-pcm", credential: KEY });
    expect(service.requests[0]?.ssml).toContain(
      'xml:lang="en-GB"><voice name="en-GB-RyanNeural">Well<break time="400ms"/>Tom &amp; Ann&apos;s</voice>',
    );
    expect(pcm).toEqual(fakeAudio('Well<break time="400ms"/>Tom &amp; Ann&apos;s', 24000));
  });
});

describe("Azure is accessed", () => {
  it("with a key and an endpoint", async () => {
    service = await FakeSpeechService.start({ credential: KEY });
    const settings = readAudioSettings({ AZURE_SPEECH_KEY: KEY, AZURE_SPEECH_ENDPOINT: `${service.host}/custom/path` });
    const voice = new AzureVoice(azureAccess(settings), 16000, 10);
    expect(await voice.speak(utterance("hello"), never)).toEqual(fakeAudio("hello", 16000));
  });

  it("without a key, with a token of the credential chain for an endpoint", async () => {
    service = await FakeSpeechService.start({ credential: "Bearer the-token" });
    const settings = readAudioSettings({ AZURE_SPEECH_ENDPOINT: `${service.host}/custom/path` });
    const chain = async () => ({ getToken: async () => ({ token: "the-token", expiresOnTimestamp: 0 }) });
    const voice = new AzureVoice(azureAccess(settings, chain), 16000, 10);
    expect(await voice.speak(utterance("hello"), never)).toEqual(fakeAudio("hello", 16000));
  });

  it("without a key, with a resource id, its token and the region", async () => {
    const sdk = await import("microsoft-cognitiveservices-speech-sdk");
    service = await FakeSpeechService.start();
    const settings = readAudioSettings({
      AZURE_SPEECH_RESOURCE_ID: "/subscriptions/1/x",
      AZURE_SPEECH_REGION: "eastus",
    });
    const chain = async () => ({ getToken: async () => ({ token: "the-token", expiresOnTimestamp: 0 }) });
    const config = await azureAccess(settings, chain).config(sdk);
    expect(config.authorizationToken).toBe("aad#/subscriptions/1/x#the-token");
    expect(config.region).toBe("eastus");
  });
});

describe("a synthesis that fails", { timeout: 30_000 }, () => {
  const cases: [string, ServiceFault, string, number?][] = [
    ["is refused with 401", { at: "upgrade", status: 401 }, "refused: the service refused the key or token"],
    ["is throttled at the upgrade", { at: "upgrade", status: 429 }, "throttled: the service is throttling"],
    ["is throttled with a close of 4429", { at: "start", code: 4429, reason: "Retry after 3 seconds" }, "throttled", 3],
    [
      "is throttled by the text of the close",
      { at: "start", code: 1013, reason: "Throttled due to too many requests, try again in 1500 ms" },
      "throttled",
      1.5,
    ],
    [
      "is over its quota",
      { at: "start", code: 1007, reason: "Quota exceeded" },
      "throttled: the service is throttling",
    ],
    ["has an unknown voice", { at: "start", code: 1007, reason: "Unsupported voice" }, "rejected: the service"],
    ["is closed cleanly in mid-stream", { at: "middle", how: "close" }, "broken: the service closed the connection"],
    ["is cut in mid-stream", { at: "middle", how: "cut" }, "broken: the connection failed"],
    ["stalls", { at: "middle", how: "stall" }, "broken: no end of the audio within 0.3 s"],
    ["ends within a sample", { at: "end", how: "odd" }, "broken: the audio ends within a sample"],
    ["ends before its last word", { at: "end", how: "short" }, "broken: the audio ends before its words"],
    ["has no audio", { at: "end", how: "nothing" }, "broken: the service sent no audio"],
  ];

  it.each(cases)("because it %s rejects with that reason", async (_, fault, expected, hintSec = 0) => {
    const stalls = fault.at === "middle" && fault.how === "stall";
    const voice = await voiceFor({ faults: () => fault }, { SPEECH_TIMEOUT_SEC: stalls ? "0.3" : "10" });
    const failure = await voice.speak(utterance("hello there"), never).catch((error) => error);
    expect(`${failure.kind}: ${failure.message}`).toContain(expected);
    expect(failure.hintSec).toBe(hintSec);
    expect(failure.message).not.toMatch(/ws:|secret|0123456789/);
  });

  it("rejects a refused key also where Node has its own WebSocket", async () => {
    const voice = await voiceFor({ credential: "another" });
    Object.assign(globalThis, { WebSocket: class extends EventTarget {} });
    const failure = await voice.speak(utterance("hello"), never).catch((error) => error);
    Reflect.deleteProperty(globalThis, "WebSocket");
    expect(failure.kind).toBe("refused");
  });

  it("ends at once when it is aborted", async () => {
    const voice = await voiceFor({ faults: () => ({ at: "middle", how: "stall" }) });
    const stop = new AbortController();
    const spoken = voice.speak(utterance("hello"), stop.signal).catch((error) => error);
    await expect.poll(() => service.requests.length).toBe(1);
    stop.abort(new Error("interrupted"));
    expect((await spoken).message).toBe("interrupted");
  });
});
