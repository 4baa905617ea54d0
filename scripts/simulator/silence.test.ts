import { describe, expect, it } from "vitest";

import { type Message, startTestSimulator, TestCaller } from "./test_caller.ts";
import type { TruthCall, TruthTurn } from "./truth.ts";

const BROWSER = "/api/v1/browser/conversation?session_id=S";

/** Every wire with every pipeline: the flags, and the path of the call. */
const AGENTS = [
  ["cascade on the phone", [], "/api/v1/media/stream"],
  ["cascade in a browser", [], BROWSER],
  ["VoiceLive on the phone", ["--acs-pipeline", "voicelive"], "/api/v1/media/stream"],
  ["VoiceLive in a browser", [], `${BROWSER}&streaming_mode=voice_live`],
] as const;

/** An audio message as a caller takes it, without the twins that VoiceLive sends to a phone. */
interface Sound {
  readonly atMs: number;
  readonly ms: number;
  /** Of its loudest 20 ms. */
  readonly rms: number;
  /** Of its first 2 ms. */
  readonly firstRms: number;
  readonly silent: boolean | undefined;
  readonly responseId: string | undefined;
}

function rms(samples: Int16Array): number {
  return Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length);
}

const isPhone = (messages: readonly Message[]) => messages.some(({ kind }) => kind === "AudioData");

function sounds(messages: readonly Message[]): Sound[] {
  const onPhone = isPhone(messages);
  return messages.flatMap((message) => {
    const section = message.audioData ?? message.AudioData ?? (onPhone ? undefined : message);
    if (typeof section?.data !== "string") return [];
    const bytes = new Uint8Array(Buffer.from(section.data, "base64"));
    const samples = new Int16Array(bytes.buffer);
    const rateHz = message.sample_rate ?? 16000;
    const windowLength = rateHz / 50;
    const windows = Array.from({ length: Math.ceil(samples.length / windowLength) }, (_, at) =>
      rms(samples.subarray(at * windowLength, (at + 1) * windowLength)),
    );
    return {
      atMs: message.atMs,
      ms: (samples.length / rateHz) * 1000,
      rms: Math.max(...windows),
      firstRms: rms(samples.subarray(0, rateHz / 500)),
      silent: (message.audioData ?? message.AudioData)?.silent,
      responseId: message.response_id,
    };
  });
}

const isQuiet = ({ rms: level }: Sound) => level < 33;
const isWords = (sound: Sound) => !isQuiet(sound);
const lengthMs = (all: readonly Sound[]) => all.reduce((sum, { ms }) => sum + ms, 0);

/** Stretches of quiet audio and of words, in order. */
function stretches(all: readonly Sound[]): Sound[][] {
  const found: Sound[][] = [];
  for (const sound of all) {
    const last = found.at(-1);
    if (last?.[0] !== undefined && isQuiet(last[0]) === isQuiet(sound)) last.push(sound);
    else found.push([sound]);
  }
  return found;
}

const isEnd = ({ payload }: Message) => payload?.type === "assistant";

/** Quiet audio after words. */
const isQuietAgain = (messages: readonly Message[]) => {
  const all = sounds(messages);
  const firstWords = all.findIndex(isWords);
  return firstWords >= 0 && all.slice(firstWords).some(isQuiet);
};

/** A call in which the caller speaks once and then listens until the condition is met. */
async function listen(
  path: string,
  flags: readonly string[],
  isOver = (heard: readonly Message[]) => heard.some(isEnd),
) {
  const { simulator, truth } = await startTestSimulator(...flags);
  const caller = await TestCaller.dial(simulator, path);
  await caller.speak(400, 3000);
  await listenUntil(caller, isOver);
  await caller.hangUp();
  await simulator.stop();
  return { messages: caller.messages, all: sounds(caller.messages), turn: truth()[0] as TruthTurn };
}

async function listenUntil(caller: TestCaller, isOver: (heard: readonly Message[]) => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !isOver(caller.messages); tries += 1) await caller.speak(100, 10);
  await caller.speak(200, 10);
}

/** Checks a lead of 130 ms: zeros in frames of 20 ms, handed over no faster than they play. */
function expectLead(lead: readonly Sound[], silent: true | undefined, firstByteAtMs: number): void {
  expect(lead.map(({ ms }) => Math.round(ms))).toEqual([20, 20, 20, 20, 20, 20, 10]);
  expect(lead.map((sound) => [sound.rms, sound.silent])).toEqual(lead.map(() => [0, silent]));
  for (const [index, { atMs }] of lead.entries()) expect(atMs - firstByteAtMs).toBeGreaterThan(20 * index - 2);
}

describe.concurrent("--lead-silence-ms", () => {
  it.each(AGENTS)("%s sends silence in real time in front of the words of a reply", async (_, more, path) => {
    const { all, messages, turn } = await listen(path, [...more, "--lead-silence-ms", "130"]);
    const [lead = [], words = [], ...rest] = stretches(all);
    const [firstAudioAtMs, firstByteAtMs] = [turn.firstAudioAtMs ?? 0, turn.firstByteAtMs ?? 0];
    expect([rest, Math.round(lengthMs(lead)), Math.round(lengthMs(words))]).toEqual([[], 130, 400]);
    expectLead(lead, isPhone(messages) ? true : undefined, firstByteAtMs);
    expect(words[0]?.firstRms).toBeGreaterThan(33);
    expect(lead.every(({ responseId }) => responseId === words[0]?.responseId)).toBe(true);
    const { leadSilenceMs, programmed, replyAudioMs } = turn;
    expect([Math.round(leadSilenceMs ?? 0), programmed.leadMs, replyAudioMs]).toEqual([130, 130, 400]);
    expect(firstAudioAtMs - firstByteAtMs).toBeGreaterThanOrEqual(128);
    const plannedMs = programmed.sttMs + programmed.llmMs + programmed.ttsMs;
    expect(firstByteAtMs - turn.eosAtMs).toBeGreaterThanOrEqual(plannedMs - 2);
    expect(words[0]?.atMs).toBeGreaterThanOrEqual(firstAudioAtMs);
    expect(lead.at(-1)?.atMs).toBeLessThanOrEqual(words[0]?.atMs ?? 0);
  });

  it.each(AGENTS)("%s sends it in front of the greeting's words", async (_, more, path) => {
    const { simulator } = await startTestSimulator(...more, "--greeting-ms", "200", "--lead-silence-ms", "130");
    const caller = await TestCaller.dial(simulator, path);
    await listenUntil(caller, (heard) => sounds(heard).some(isWords));
    const [lead = [], words = [], ...rest] = stretches(sounds(caller.messages));
    expectLead(lead, isPhone(caller.messages) ? true : undefined, 0);
    expect([rest, Math.round(lengthMs(words))]).toEqual([[], 200]);
    expect(words[0]?.firstRms).toBeGreaterThan(33);
  });

  it.each(["g2", "g3"])("hands the first words over the lead after the first byte on %s, too", async (profile) => {
    const { all, turn } = await listen(AGENTS[0][2], ["--profile", profile, "--lead-silence-ms", "p50:60,p95:90"]);
    const [lead = [], words = []] = stretches(all);
    expect(lengthMs(lead)).toBeCloseTo(turn.programmed.leadMs, 1);
    expect([turn.leadSilenceMs, lengthMs(words)]).toEqual([expect.closeTo(lengthMs(lead), 2), 400]);
    const happenedMs = (turn.firstAudioAtMs ?? 0) - (turn.firstByteAtMs ?? 0);
    expect(happenedMs).toBeGreaterThanOrEqual(turn.programmed.leadMs - 2);
  });

  it.each(AGENTS)("%s sends it in front of the first sentence only", async (_, more, path) => {
    const sentences = ["--sentences", "3", "--sentence-gap-ms", "60", "--reply-ms", "600"];
    const { all, turn } = await listen(path, [...more, ...sentences, "--lead-silence-ms", "80"]);
    expect(stretches(all).map((part) => Math.round(lengthMs(part)))).toEqual([80, 600]);
    expect(turn.leadSilenceMs).toBe(80);
  });

  it("twins of VoiceLive on the phone carry the same silence", async () => {
    const { messages } = await listen(AGENTS[2][2], [...AGENTS[2][1], "--lead-silence-ms", "60"]);
    const phone = messages.filter(({ kind }) => kind === "AudioData").map(({ AudioData }) => AudioData?.data);
    const twins = messages.filter(({ data, type }) => type === "audio_data" && data !== undefined);
    expect(twins.map(({ data }) => data)).toEqual(phone);
    expect(twins.map(({ frame_index }) => frame_index)).toEqual(twins.map((_, index) => index));
    expect(new Set(twins.map(({ response_id }) => response_id)).size).toBe(1);
  });

  it("a reply that is interrupted before its words has a first byte, and no first audio", async () => {
    const { simulator, truth } = await startTestSimulator("--lead-silence-ms", "3000");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.waitFor("silence", ({ kind }) => kind === "AudioData");
    await caller.speak(400, 3000);
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect(turn).toMatchObject({ firstByteAtMs: expect.any(Number), stopAtMs: expect.any(Number) });
    expect(turn).toMatchObject({ firstAudioAtMs: null, leadSilenceMs: null, lastAudioAtMs: null, replyAudioMs: 0 });
  });
});

describe.concurrent("without silence", () => {
  it.each(AGENTS)("the first byte of %s is its first audio", async (_, more, path) => {
    const { all, turn } = await listen(path, more);
    expect(all.filter(isQuiet)).toEqual([]);
    expect(turn.firstByteAtMs).toBe(turn.firstAudioAtMs);
    expect([turn.leadSilenceMs, turn.programmed.leadMs]).toEqual([0, 0]);
  });
});

describe.concurrent("--silence always", () => {
  it.each(AGENTS)("%s sends silence whenever it says nothing", async (_, more, path) => {
    const flags = [...more, "--silence", "always", "--reply-ms", "900"];
    const { all, messages, turn } = await listen(path, flags, isQuietAgain);
    const [before = [], words = [], after = [], ...rest] = stretches(all);
    const quiet = [...before, ...after];
    expect([rest, Math.round(lengthMs(words))]).toEqual([[], 900]);
    expect(before.length).toBeGreaterThan(2);
    expect(new Set(quiet.map(({ ms }) => ms))).toEqual(new Set([20]));
    expect(new Set(quiet.map(({ silent }) => silent))).toEqual(new Set([isPhone(messages) ? true : undefined]));
    expect(quiet.filter(({ responseId }) => responseId !== undefined)).toEqual([]);
    const { firstAudioAtMs, firstByteAtMs, leadSilenceMs } = turn;
    expect([firstByteAtMs, leadSilenceMs]).toEqual([firstAudioAtMs, null]);
    // The caller has played the words when the silence goes on.
    expect((after[0]?.atMs ?? 0) - (firstAudioAtMs ?? 0)).toBeGreaterThan(897);
  });

  it("twins of its silence belong to no response", async () => {
    const { messages } = await listen(AGENTS[2][2], [...AGENTS[2][1], "--silence", "always"], isQuietAgain);
    const twins = messages.filter(({ data, type }) => type === "audio_data" && data !== undefined);
    expect(twins.map(({ data }) => data)).toEqual(messages.flatMap(({ AudioData }) => AudioData?.data ?? []));
    const ids = sounds(twins).map(
      (sound) => (isQuiet(sound) ? "silence" : "words") + String(sound.responseId).slice(0, 4),
    );
    expect(new Set(ids)).toEqual(new Set(["silenceunde", "wordsresp"]));
  });

  it("begins with the call and never sends more silence than time has passed", async () => {
    const { simulator, truth } = await startTestSimulator("--silence", "always", "--mute");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.speak(800, 10);
    await caller.hangUp();
    await simulator.stop();
    const { openedAtMs } = truth().at(-1) as TruthCall;
    const all = sounds(caller.messages);
    for (const [index, { atMs }] of all.entries()) expect(atMs - openedAtMs).toBeGreaterThan(index * 20 - 2);
    expect(all.length).toBeGreaterThan(5);
  });

  it("fills the pause between sentences that the caller has played", async () => {
    const sentences = ["--sentences", "2", "--sentence-gap-ms", "500", "--reply-ms", "400"];
    const { all } = await listen(AGENTS[0][2], ["--silence", "always", ...sentences]);
    const parts = stretches(all).map((part) => lengthMs(part));
    expect([parts[1], parts[3]]).toEqual([200, 200]);
    expect(parts[2]).toBeGreaterThan(0);
    expect(parts[2]).toBeLessThan(480);
  });

  it("counts the lead of a reply as its first byte, and not what is sent before it", async () => {
    const { turn } = await listen(AGENTS[0][2], ["--silence", "always", "--lead-silence-ms", "100"]);
    expect((turn.firstAudioAtMs ?? 0) - (turn.firstByteAtMs ?? 0)).toBeGreaterThanOrEqual(98);
    expect((turn.firstByteAtMs ?? 0) - turn.eosAtMs).toBeGreaterThanOrEqual(418);
    expect(turn.leadSilenceMs).toBeNull();
  });

  it.each([
    ["at once after a stop", "now"],
    ["when the words are played, if no stop was sent", "none"],
  ])("goes on %s", async (_, stop) => {
    const flags = ["--silence", "always", "--reply-ms", "1500", "--llm-ms", "1500"];
    const { simulator, truth } = await startTestSimulator(...flags, "--stop", stop);
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await listenUntil(caller, (heard) => sounds(heard).some(isWords));
    await caller.speak(400, 3000);
    await listenUntil(caller, isQuietAgain);
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    const firstAudioAtMs = turn.firstAudioAtMs ?? 0;
    const [, , silence = []] = stretches(sounds(caller.messages));
    const resumedAtMs = silence[0]?.atMs ?? 0;
    expect(turn.bargeAtMs).toBeGreaterThan(firstAudioAtMs);
    if (stop === "none") expect(resumedAtMs - firstAudioAtMs).toBeGreaterThan(1497);
    else expect(resumedAtMs).toBeGreaterThan(turn.stopAtMs ?? Number.NaN);
    if (stop === "now") expect(resumedAtMs - firstAudioAtMs).toBeLessThan(1400);
  });
});

describe.concurrent("--comfort-noise", () => {
  it.each(AGENTS)("%s sends faint noise as lead and between replies", async (_, more, path) => {
    const flags = [...more, "--comfort-noise", "--silence", "always", "--lead-silence-ms", "100"];
    const { all, messages } = await listen(path, flags);
    const quiet = all.filter(isQuiet);
    expect(quiet.length).toBeGreaterThan(6);
    for (const { firstRms, rms: level, silent } of quiet) {
      expect([level, firstRms].every((each) => each > 3 && each < 25)).toBe(true);
      expect(silent).toBe(isPhone(messages) ? false : undefined);
    }
    const meanSquare = quiet.reduce((sum, sound) => sum + sound.rms ** 2, 0) / quiet.length;
    expect(Math.abs(Math.sqrt(meanSquare) - 12)).toBeLessThan(1);
  });
});
