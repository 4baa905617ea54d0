import { afterEach, describe, expect, it } from "vitest";
import { type AzureRateHz, AzureVoice } from "./azure.ts";
import { azureAccess } from "./azure_access.ts";
import type { Line } from "./conversations.ts";
import { type Fault, StandIn, type StandInOptions, standInAudio } from "./fake_speech_service.ts";
import { readAudioSettings } from "./settings.ts";

const KEY = "0123456789abcdef+/=secret";

let standIn: StandIn;
afterEach(() => standIn.stop());

async function voiceFor(options: StandInOptions, env: Record<string, string> = {}, rateHz: AzureRateHz = 16000) {
  standIn = await StandIn.start(options);
  const access = azureAccess(
    readAudioSettings({ AZURE_SPEECH_KEY: KEY, AZURE_SPEECH_HOST: standIn.host, ...env }),
    async () => ({ getToken: async () => ({ token: "the-token", expiresOnTimestamp: 0 }) }),
  );
  return new AzureVoice(access, rateHz, Number(env.SPEECH_TIMEOUT_SEC ?? 10));
}

const line = (text: string): Line => ({
  conversation: "c",
  turn: 1,
  text,
  language: "en-US",
  voice: "en-US-JennyMultilingualNeural",
  offlineVoice: "slt",
  writtenAt: "c.json:1",
});

const never = new AbortController().signal;

describe("the SDK's own client against the stand-in", () => {
  it.each([1, 8])(
    "brings 50 utterances, %d at once, to the byte",
    async (concurrency) => {
      const voice = await voiceFor({ credential: KEY });
      const texts = Array.from({ length: 50 }, (_, index) => `utterance number ${index} of fifty`);
      const queue = [...texts];
      const spoken = new Map<string, Buffer>();
      const worker = async () => {
        for (let text = queue.shift(); text !== undefined; text = queue.shift())
          spoken.set(text, await voice.speak(line(text), never));
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
      for (const text of texts) expect(spoken.get(text)?.equals(standInAudio(text, 16000))).toBe(true);
      expect(standIn.heard).toHaveLength(50);
    },
    60_000,
  );

  it("asks for the voice, the language and the pauses of the line, in raw PCM of the wanted rate", async () => {
    const voice = await voiceFor({}, {}, 24000);
    const said = { ...line("Well [400ms] Tom & Ann's"), language: "en-GB", voice: "en-GB-RyanNeural" };
    const pcm = await voice.speak(said, never);
    expect(standIn.heard[0]).toMatchObject({ format: "raw-24khz-16bit-mono-pcm", credential: KEY });
    expect(standIn.heard[0]?.ssml).toContain(
      'xml:lang="en-GB"><voice name="en-GB-RyanNeural">Well<break time="400ms"/>Tom &amp; Ann&apos;s</voice>',
    );
    expect(pcm).toEqual(standInAudio('Well<break time="400ms"/>Tom &amp; Ann&apos;s', 24000));
  });
});

describe("Azure is reached", () => {
  it("with a key and an endpoint", async () => {
    standIn = await StandIn.start({ credential: KEY });
    const settings = readAudioSettings({ AZURE_SPEECH_KEY: KEY, AZURE_SPEECH_ENDPOINT: `${standIn.host}/custom/path` });
    const voice = new AzureVoice(azureAccess(settings), 16000, 10);
    expect(await voice.speak(line("hello"), never)).toEqual(standInAudio("hello", 16000));
  });

  it("without a key, with a token of the credential chain for an endpoint", async () => {
    standIn = await StandIn.start({ credential: "Bearer the-token" });
    const settings = readAudioSettings({ AZURE_SPEECH_ENDPOINT: `${standIn.host}/custom/path` });
    const chain = async () => ({ getToken: async () => ({ token: "the-token", expiresOnTimestamp: 0 }) });
    const voice = new AzureVoice(azureAccess(settings, chain), 16000, 10);
    expect(await voice.speak(line("hello"), never)).toEqual(standInAudio("hello", 16000));
  });

  it("without a key, with a resource id, its token and the region", async () => {
    const sdk = await import("microsoft-cognitiveservices-speech-sdk");
    standIn = await StandIn.start();
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
  const cases: [string, Fault, string, number?][] = [
    ["is refused with 401", { at: "upgrade", status: 401 }, "refused: the service refused the key or token"],
    ["is throttled at the upgrade", { at: "upgrade", status: 429 }, "throttled: the service is throttling"],
    ["is throttled with a close of 4429", { at: "start", code: 4429, reason: "Retry after 3 seconds" }, "throttled", 3],
    [
      "is throttled in words",
      { at: "start", code: 1013, reason: "Throttled due to too many requests, try again in 1500 ms" },
      "throttled",
      1.5,
    ],
    [
      "is over its quota",
      { at: "start", code: 1007, reason: "Quota exceeded" },
      "throttled: the service is throttling",
    ],
    [
      "asks for a voice that is none",
      { at: "start", code: 1007, reason: "Unsupported voice" },
      "rejected: the service",
    ],
    ["is closed cleanly in mid-stream", { at: "middle", how: "close" }, "broken: the service closed the connection"],
    ["is cut in mid-stream", { at: "middle", how: "cut" }, "broken: the connection failed"],
    ["stalls", { at: "middle", how: "stall" }, "broken: no end of the audio within 0.3 s"],
    ["ends within a sample", { at: "end", how: "odd" }, "broken: the audio ends within a sample"],
    ["ends before its words", { at: "end", how: "short" }, "broken: the audio ends before its words"],
    ["brings no audio", { at: "end", how: "nothing" }, "broken: the service sent no audio"],
  ];

  it.each(cases)("because it %s says so", async (_, fault, expected, hintSec = 0) => {
    const stalls = fault.at === "middle" && fault.how === "stall";
    const voice = await voiceFor({ faults: () => fault }, { SPEECH_TIMEOUT_SEC: stalls ? "0.3" : "10" });
    const failure = await voice.speak(line("hello there"), never).catch((error) => error);
    expect(`${failure.kind}: ${failure.message}`).toContain(expected);
    expect(failure.hintSec).toBe(hintSec);
    expect(failure.message).not.toMatch(/ws:|secret|0123456789/);
  });

  it("is refused as well where Node has a WebSocket of its own", async () => {
    const voice = await voiceFor({ credential: "another" });
    Object.assign(globalThis, { WebSocket: class extends EventTarget {} });
    const failure = await voice.speak(line("hello"), never).catch((error) => error);
    Reflect.deleteProperty(globalThis, "WebSocket");
    expect(failure.kind).toBe("refused");
  });

  it("is given up at once when it is aborted", async () => {
    const voice = await voiceFor({ faults: () => ({ at: "middle", how: "stall" }) });
    const stop = new AbortController();
    const spoken = voice.speak(line("hello"), stop.signal).catch((error) => error);
    await expect.poll(() => standIn.heard.length).toBe(1);
    stop.abort(new Error("interrupted"));
    expect((await spoken).message).toBe("interrupted");
  });
});
