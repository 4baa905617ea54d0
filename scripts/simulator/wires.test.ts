import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { type Message, type SentAudio, startTestSimulator, TestCaller } from "./test_caller.ts";
import type { TruthCall, TruthTurn } from "./truth.ts";

const BROWSER = "/api/v1/browser/conversation?session_id=S";
const VOICELIVE = `${BROWSER}&streaming_mode=voice_live`;
const VOICELIVE_PHONE = ["--acs-pipeline", "voicelive"];

const isPhoneAudio = (message: Message) => message.kind === "AudioData";
const isBrowserAudio = (message: Message) => message.type === "audio_data" && message.data !== undefined;
const isPhoneStop = (message: Message) => (message.kind ?? message.Kind) === "StopAudio";
const isControl = (message: Message) => message.type === "control";
const isFinal = (message: Message) => message.payload?.type === "user" && message.payload.status === "completed";
const isEnd = (message: Message) => message.payload?.type === "assistant";
const isCancelled = (message: Message) => message.payload?.type === "assistant_cancelled";
const bytesOf = (data: string | undefined) => Buffer.from(data ?? "", "base64").length;

/** Starts a reply and interrupts it with speech of this length. Returns when that speech was sent. */
async function interrupt(
  caller: TestCaller,
  isAudio: (message: Message) => boolean,
  speechMs = 700,
): Promise<SentAudio> {
  await caller.speak(400, 3000);
  await caller.waitFor("audio", isAudio);
  return caller.speak(speechMs, 3000);
}

describe.concurrent("the browser wire", () => {
  it.each(["/api/v1/realtime/conversation", "/api/v1/browser/conversation"])(
    "takes binary PCM on %s and answers with frames of 50 ms at 48 kHz",
    async (path) => {
      const { simulator, truth } = await startTestSimulator("--reply-ms", "420");
      const caller = await TestCaller.dial(simulator, `${path}?session_id=B`);
      await caller.speak(400, 3000);
      await caller.waitFor("the end of the reply", isEnd);
      const audio = caller.messages.filter(isBrowserAudio);
      expect(audio.map(({ data }) => bytesOf(data))).toEqual([...Array(8).fill(4800), 1920]);
      expect(audio.map(({ frame_index }) => frame_index)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
      expect(new Set(audio.map(({ sample_rate }) => sample_rate))).toEqual(new Set([48000]));
      expect(caller.messages.some(({ payload }) => payload?.event_type === "speech_cascade_connected")).toBe(true);
      await caller.hangUp();
      await simulator.stop();
      expect(truth()[0]).toMatchObject({ type: "turn", call: "B", replyAudioMs: 420 });
    },
  );

  it("refuses an unknown streaming mode with 400, and lists the valid ones", async () => {
    const { simulator } = await startTestSimulator();
    const socket = new WebSocket(`ws://127.0.0.1:${simulator.port}${BROWSER}&streaming_mode=video`);
    const body = await new Promise<string>((resolve) =>
      socket.on("unexpected-response", (_, response) => response.on("data", (data) => resolve(String(data)))),
    );
    expect(JSON.parse(body)).toEqual({
      detail: "Invalid stream mode: video. Valid options: ['media', 'transcription', 'voice_live', 'realtime']",
    });
  });

  it("answers any text on g2; later it ignores JSON objects and hangs up on other JSON", async () => {
    const answered = await TestCaller.dial((await startTestSimulator("--profile", "g2")).simulator, BROWSER);
    answered.send('{"kind":"AudioMetadata"}');
    await answered.waitFor("an answer", isBrowserAudio);
    const { simulator, truth } = await startTestSimulator();
    const ignored = await TestCaller.dial(simulator, BROWSER);
    ignored.send('{"kind":"AudioMetadata"}');
    await ignored.speak(300, 10);
    expect(ignored.messages.some(isBrowserAudio)).toBe(false);
    ignored.send("123");
    expect(await ignored.closeCode()).toBe(1000);
    await simulator.stop();
    expect(truth().at(-1)).toMatchObject({ type: "call", anomalies: { text_frame: 2 } });
  });

  it("stops with audio_stop, on g2 with tts_cancelled before it, and only when there is something to stop", async () => {
    const actions = async (profile: string) => {
      const { simulator } = await startTestSimulator("--profile", profile, "--reply-ms", "3000");
      const caller = await TestCaller.dial(simulator, BROWSER);
      await interrupt(caller, isBrowserAudio);
      return caller.messages.filter(isControl);
    };
    expect((await actions("g5")).map(({ action }) => action)).toEqual(["audio_stop"]);
    const g2 = (await actions("g2")).map(({ action }) => action);
    expect(g2.slice(0, 2)).toEqual(["tts_cancelled", "audio_stop"]);
    expect(g2.length, "on every partial, even without a reply to stop").toBeGreaterThan(4);
  });
});

describe.concurrent("a stop", () => {
  it("in a browser of g2 has both messages when it interrupts a reply, too", async () => {
    const { simulator, truth } = await startTestSimulator("--profile", "g2", "--reply-ms", "3000", "--barge-ms", "400");
    const caller = await TestCaller.dial(simulator, BROWSER);
    await caller.speak(300, 3000);
    await caller.waitFor("audio", isBrowserAudio);
    await caller.speak(500, 3000);
    await caller.waitFor("audio_stop", ({ action }) => action === "audio_stop");
    await caller.hangUp();
    await simulator.stop();
    expect(caller.messages.filter(isControl).map(({ action }) => action)).toEqual(["tts_cancelled", "audio_stop"]);
    expect((truth()[0] as TruthTurn).stopAtMs).not.toBeNull();
  });

  it.each([["none"], ["late:500"]])(
    "on g2 comes no earlier than --stop %s says, though partials go on",
    async (stop) => {
      const { simulator, truth } = await startTestSimulator("--profile", "g2", "--reply-ms", "6000", "--stop", stop);
      const caller = await TestCaller.dial(simulator);
      await caller.speak(180, 3000);
      await caller.speak(40, 10);
      await caller.speak(180, 3000);
      await caller.waitFor("audio", isPhoneAudio);
      const before = caller.messages.length;
      await caller.speak(1000, 3000);
      await caller.speak(200, 10);
      await caller.hangUp();
      await simulator.stop();
      const stops = caller.messages.slice(before).filter(isPhoneStop);
      const { stopAtMs } = truth()[0] as TruthTurn;
      if (stop === "none") expect([stops, stopAtMs]).toEqual([[], null]);
      else expect(stops[0]?.atMs).toBeGreaterThanOrEqual(stopAtMs ?? Number.NaN);
    },
  );

  it("that --stop none leaves out is not sent as the second one of VoiceLive on g2 either", async () => {
    const flags = [...VOICELIVE_PHONE, "--profile", "g2", "--stop", "none", "--reply-ms", "6000"];
    const { simulator, truth } = await startTestSimulator(...flags);
    const caller = await TestCaller.dial(simulator);
    await interrupt(caller, isPhoneAudio, 500);
    await caller.hangUp();
    await simulator.stop();
    expect(caller.messages.filter(isPhoneStop)).toEqual([]);
    expect(truth()[0]).toMatchObject({ bargeAtMs: expect.any(Number), stopAtMs: null });
  });
});

describe.concurrent("VoiceLive in a browser", () => {
  it("greets at 16 kHz, answers at 24 kHz in chunks of varying length after the text, and marks the end", async () => {
    const { simulator } = await startTestSimulator("--greeting-ms", "300", "--reply-ms", "900");
    const caller = await TestCaller.dial(simulator, VOICELIVE);
    for (const giveUpAtMs = Date.now() + 5000; Date.now() < giveUpAtMs && !caller.messages.some(isEnd); )
      await caller.sendNothing(20);
    const greeting = caller.messages.filter(isBrowserAudio);
    expect(new Set(greeting.map(({ sample_rate }) => sample_rate))).toEqual(new Set([16000]));
    const countBefore = caller.messages.length;
    await caller.speak(400, 3000);
    await caller.waitFor("the final", isFinal);
    await caller.speak(900, 10);
    const received = caller.messages.slice(countBefore);
    const audio = received.filter(isBrowserAudio);
    expect(new Set(audio.map(({ sample_rate }) => sample_rate))).toEqual(new Set([24000]));
    expect(audio.reduce((sum, { data }) => sum + bytesOf(data), 0)).toBe(900 * 48);
    expect(new Set(audio.map(({ data }) => bytesOf(data))).size).toBeGreaterThan(2);
    const ids = new Set(audio.map(({ response_id }) => response_id));
    expect(ids.size).toBe(1);
    expect(ids.has(greeting[0]?.response_id)).toBe(false);
    const marker = received.find(({ is_final }) => is_final === true);
    expect([marker?.data, marker?.frame_index]).toEqual([undefined, audio.at(-1)?.frame_index]);
    const text = received.findIndex(({ type }) => type === "assistant_streaming");
    expect(text).toBeGreaterThan(received.findIndex(isFinal));
    expect(text).toBeLessThan(received.findIndex(isBrowserAudio));
  });

  it("stops at the start of speech, sends that the reply is cancelled, and sends no more of it", async () => {
    const { simulator, truth } = await startTestSimulator("--reply-ms", "6000", "--barge-ms", "100");
    const caller = await TestCaller.dial(simulator, VOICELIVE);
    const speech = await interrupt(caller, isBrowserAudio, 400);
    const stop = caller.messages.find(isControl);
    expect(caller.messages.filter(isControl).map(({ action }) => action)).toEqual(["tts_cancelled", "audio_stop"]);
    expect(caller.messages.some(isCancelled)).toBe(true);
    expect(caller.messages.filter((message) => isBrowserAudio(message) && message.atMs > (stop?.atMs ?? 0))).toEqual(
      [],
    );
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    const startFrame = 100 / 20;
    const lateMs = (speech.sentAtMs[startFrame] ?? 0) - (speech.startAtMs + 100);
    expect((turn.stopAtMs ?? 0) - speech.startAtMs).toBeGreaterThanOrEqual(95);
    expect((turn.stopAtMs ?? 0) - speech.startAtMs - lateMs).toBeLessThan(160);
  });

  it("sends no stop once all audio of the reply is sent, and loses one with --lose-stops", async () => {
    const short = await startTestSimulator("--reply-ms", "300");
    const late = await TestCaller.dial(short.simulator, VOICELIVE);
    await late.speak(400, 3000);
    await late.waitFor("the end of the reply", isEnd);
    await late.speak(300, 3000);
    expect(late.messages.some(isControl)).toBe(false);
    const { simulator, truth } = await startTestSimulator("--reply-ms", "6000", "--lose-stops", "1");
    const lost = await TestCaller.dial(simulator, VOICELIVE);
    await interrupt(lost, isBrowserAudio, 400);
    expect([lost.messages.some(isControl), lost.messages.some(isCancelled)]).toEqual([false, true]);
    await lost.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect([turn.stopAtMs, turn.cancelledAtMs === null]).toEqual([null, false]);
  });
});

describe.concurrent("VoiceLive on the phone", () => {
  it("sends all audio in both formats, and names its pipeline at the status route", async () => {
    const { simulator } = await startTestSimulator(...VOICELIVE_PHONE);
    const caller = await TestCaller.dial(simulator);
    await caller.speak(500, 3000);
    await caller.waitFor("the end of the reply", isEnd);
    const phone = caller.messages.filter(isPhoneAudio).map(({ AudioData }) => AudioData?.data);
    const twins = caller.messages.filter(isBrowserAudio);
    expect(twins.map(({ data }) => data)).toEqual(phone);
    expect(twins.map(({ sample_rate }) => sample_rate)).toEqual(twins.map(() => 16000));
    const status = await fetch(`http://127.0.0.1:${simulator.port}/api/v1/media/status`);
    expect(await status.json()).toMatchObject({ streaming_mode: "voice_live" });
  });

  it("takes 16 kHz for 24 kHz: silence takes half as long again, and every frame is an anomaly", async () => {
    const { simulator, truth } = await startTestSimulator(...VOICELIVE_PHONE);
    const caller = await TestCaller.dial(simulator);
    caller.send({ kind: "AudioMetadata", audioMetadata: { sampleRate: 16000 } });
    await caller.speak(500, 3000);
    await caller.waitFor("the final", isFinal);
    await caller.hangUp();
    await simulator.stop();
    const [turn, call] = truth() as [TruthTurn, TruthCall];
    expect(turn.programmed.sttMs).toBe(320 + 150);
    expect((turn.finalAtMs ?? 0) - turn.eosAtMs).toBeGreaterThanOrEqual(468);
    expect(call.anomalies.rate_16k).toBeGreaterThan(25);
  });

  it("stops at every speech start, even without a reply to stop; on g2 twice, and with an error", async () => {
    const withoutReply = async (profile: string) => {
      const { simulator } = await startTestSimulator(...VOICELIVE_PHONE, "--profile", profile);
      const caller = await TestCaller.dial(simulator);
      await caller.speak(500, 3000);
      return caller.messages;
    };
    const g5 = await withoutReply("g5");
    expect([g5.filter(isPhoneStop).length, g5.some(({ kind }) => kind === "ErrorData")]).toEqual([1, false]);
    const g2 = await withoutReply("g2");
    expect(g2.filter(isPhoneStop)).toHaveLength(2);
    expect(g2.find(({ kind }) => kind === "ErrorData")?.errorData?.code).toBe("response_cancel_not_active");
  });

  it("relays trailing audio of a cancelled reply on g2", async () => {
    const { simulator, truth } = await startTestSimulator(...VOICELIVE_PHONE, "--profile", "g2", "--reply-ms", "6000");
    const caller = await TestCaller.dial(simulator);
    await interrupt(caller, isPhoneAudio, 500);
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect(turn.lastAudioAtMs).toBeGreaterThan(turn.stopAtMs ?? Number.NaN);
  });
});

describe.concurrent("the phone of g2 and g3", () => {
  it("on g2 greets after AudioMetadata, in frames of 20 ms every 40 ms, and drops audio without silent: false", async () => {
    const { simulator, truth } = await startTestSimulator("--profile", "g2", "--greeting-ms", "200");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(300, 10);
    expect(caller.messages.some(isPhoneAudio)).toBe(false);
    caller.send({ kind: "AudioMetadata", audioMetadata: { sampleRate: 16000 } });
    await caller.speak(900, 10);
    const frames = caller.messages.filter(isPhoneAudio);
    expect(frames.map(({ audioData }) => bytesOf(audioData?.data))).toEqual(Array(10).fill(640));
    expect((frames.at(-1)?.atMs ?? 0) - (frames[0]?.atMs ?? 0)).toBeGreaterThan(340);
    caller.send({ kind: "AudioData", audioData: { data: Buffer.alloc(640).toString("base64") } });
    caller.send({ kind: "AudioData", audioData: [] });
    expect(await caller.closeCode()).toBe(1000);
    await simulator.stop();
    expect(truth().at(-1)).toMatchObject({ anomalies: { silent_missing: 1 } });
  });

  it("on g2 stops with Kind on every partial, and still sends the end of the interrupted reply", async () => {
    const { simulator } = await startTestSimulator("--profile", "g2", "--reply-ms", "3000");
    const caller = await TestCaller.dial(simulator);
    await interrupt(caller, isPhoneAudio, 900);
    const stops = caller.messages.filter(isPhoneStop);
    expect(stops.length).toBeGreaterThan(3);
    expect(stops.every(({ Kind }) => Kind === "StopAudio")).toBe(true);
    expect(caller.messages.filter(isEnd)).toHaveLength(1);
  });

  it("on g2 resumes a reply that a single partial interrupted while the model still streamed", async () => {
    const flags = ["--profile", "g2", "--reply-ms", "1500", "--sentences", "3", "--sentence-gap-ms", "300"];
    const { simulator, truth } = await startTestSimulator(...flags, "--barge-ms", "400");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(500, 3000);
    await caller.waitFor("audio", isPhoneAudio);
    await caller.speak(500, 3000);
    const stop = caller.messages.filter(isPhoneStop).at(-1);
    await caller.speak(1800, 10);
    const resumed = caller.messages.filter(
      (message) => isPhoneAudio(message) && message.atMs > (stop?.atMs ?? 0) + 500,
    );
    expect(resumed.length).toBeGreaterThan(10);
    await caller.hangUp();
    await simulator.stop();
    expect(truth().filter(({ type }) => type === "turn")).toHaveLength(1);
  });

  it("on g3 stops its audio, but sends no partials and no stop", async () => {
    const flags = ["--profile", "g3", "--reply-ms", "1500", "--sentences", "3", "--sentence-gap-ms", "400"];
    const { simulator, truth } = await startTestSimulator(...flags);
    const caller = await TestCaller.dial(simulator);
    await interrupt(caller, isPhoneAudio);
    await caller.speak(500, 10);
    expect(caller.messages.some(isPhoneStop)).toBe(false);
    expect(caller.messages.some(({ payload }) => payload?.event_type === "stt_partial")).toBe(false);
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect([turn.stopAtMs, turn.bargeAtMs === null, turn.replyAudioMs < 1500]).toEqual([null, false, true]);
  });

  it("with --stop none sends no stop, and 80 ms of the next sentence", async () => {
    const flags = ["--stop", "none", "--reply-ms", "1500", "--sentences", "3", "--sentence-gap-ms", "400"];
    const { simulator, truth } = await startTestSimulator(...flags);
    const caller = await TestCaller.dial(simulator);
    await interrupt(caller, isPhoneAudio);
    expect(caller.messages.some(({ payload }) => payload?.event_type === "stt_partial")).toBe(true);
    expect(caller.messages.some(isPhoneStop)).toBe(false);
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect(turn.replyAudioMs % 500).toBe(80);
  });

  it("counts frames that arrive faster than in real time", async () => {
    const { simulator, truth } = await startTestSimulator();
    const caller = await TestCaller.dial(simulator);
    for (let frame = 0; frame < 20; frame += 1) caller.sendFrame(10);
    await caller.hangUp();
    await simulator.stop();
    expect((truth().at(-1) as TruthCall).anomalies.early_frame).toBeGreaterThan(10);
  });
});
