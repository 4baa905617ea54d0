import { describe, expect, it } from "vitest";

import { type Message, startTestSimulator, TestCaller } from "./test_caller.ts";
import type { TruthCall, TruthTurn } from "./truth.ts";

const isAudio = (message: Message) => message.kind === "AudioData";
const isStop = (message: Message) => message.kind === "StopAudio";
const isFinal = (message: Message) => message.payload?.type === "user";
const isEnd = (message: Message) => message.payload?.type === "assistant";

describe.concurrent("the simulator", () => {
  it("answers after the three programmed delays, and writes the instants into the truth", async () => {
    const { simulator, truth } = await startTestSimulator();
    const caller = await TestCaller.dial(simulator);
    await caller.speak(100, 10);
    const { endAtMs: eosAtMs } = await caller.speak(600, 3000);
    const audio = await caller.waitFor("audio", isAudio);
    await caller.waitFor("the end of the reply", isEnd);
    await caller.hangUp();
    await simulator.stop();
    const [turn, call] = truth() as [TruthTurn, TruthCall];
    expect(turn).toMatchObject({
      type: "turn",
      call: "S",
      turn: 1,
      replyAudioMs: 400,
      programmed: { sttMs: 320, llmMs: 50, ttsMs: 50 },
    });
    expect(Math.abs(turn.eosAtMs - eosAtMs)).toBeLessThan(20);
    expect((turn.firstAudioAtMs ?? 0) - turn.eosAtMs).toBeGreaterThanOrEqual(418);
    expect(Math.abs((turn.firstAudioAtMs ?? 0) - audio.atMs)).toBeLessThan(20);
    expect((turn.finalAtMs ?? 0) - turn.eosAtMs).toBeGreaterThanOrEqual(318);
    expect(turn.replyEndAtMs).toBeGreaterThanOrEqual(turn.lastAudioAtMs ?? Number.NaN);
    expect(call).toMatchObject({ type: "call", call: "S", code: 1000, clicks: 0, anomalies: {} });
  });

  it("sends an inventory of several kB first, partials during speech, and a final before the audio", async () => {
    const { simulator } = await startTestSimulator("--greeting-ms", "200");
    const caller = await TestCaller.dial(simulator);
    await caller.waitFor("the greeting", isAudio);
    expect(caller.messages[0]?.payload?.type).toBe("agent_inventory");
    expect(JSON.stringify(caller.messages[0]).length).toBeGreaterThan(2000);
    const countBefore = caller.messages.length;
    await caller.speak(700, 3000);
    await caller.waitFor("the end of the reply", isEnd);
    const kinds = caller.messages
      .slice(countBefore)
      .map((message) => message.kind ?? message.payload?.event_type ?? message.payload?.type ?? message.type);
    expect(kinds.filter((kind) => kind === "stt_partial").length).toBeGreaterThanOrEqual(1);
    expect(kinds.indexOf("user")).toBeLessThan(kinds.indexOf("AudioData", kinds.indexOf("user")));
    expect(kinds.indexOf("assistant")).toBeGreaterThan(kinds.lastIndexOf("AudioData"));
  });

  it("sends audio that varies, in frames of 40 ms, the last one shorter", async () => {
    const { simulator } = await startTestSimulator("--reply-ms", "450");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.waitFor("the end of the reply", isEnd);
    const frames = caller.messages.filter(isAudio).map(({ audioData }) => audioData?.data ?? "");
    expect(frames.map((data) => Buffer.from(data, "base64").length)).toEqual([...Array(11).fill(1280), 320]);
    expect(new Set(frames).size).toBe(12);
  });

  it("stops when it is interrupted, and sends no audio after the stop", async () => {
    const { simulator, truth } = await startTestSimulator(
      "--reply-ms",
      "4000",
      "--sentences",
      "4",
      "--sentence-gap-ms",
      "300",
      "--llm-ms",
      "800",
    );
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.waitFor("audio", isAudio);
    const { startAtMs } = await caller.speak(500, 3000);
    const stop = await caller.waitFor("a stop", isStop);
    await caller.speak(400, 10);
    expect(caller.messages.filter((message) => isAudio(message) && message.atMs > stop.atMs)).toHaveLength(0);
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect(turn.bargeAtMs).toBeGreaterThanOrEqual(startAtMs);
    expect((turn.stopAtMs ?? 0) - startAtMs).toBeGreaterThanOrEqual(195);
    expect(Math.abs((turn.stopAtMs ?? 0) - stop.atMs)).toBeLessThan(20);
    expect(turn.replyEndAtMs).toBeNull();
  });

  it("sends no stop for a click, and none when there is no reply to stop", async () => {
    const { simulator, truth } = await startTestSimulator("--reply-ms", "2000");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(600, 3000);
    expect(caller.messages.filter(isStop)).toEqual([]);
    await caller.waitFor("audio", isAudio);
    await caller.speak(120, 3000);
    await caller.speak(500, 10);
    await caller.hangUp();
    await simulator.stop();
    expect(caller.messages.filter(isStop)).toEqual([]);
    expect(truth().at(-1)).toMatchObject({ clicks: 1 });
    expect(truth().filter(({ type }) => type === "turn")).toHaveLength(1);
  });

  it.each(["never", "late:400"])("when interrupted, behaves as --stop %s says", async (stop) => {
    const { simulator, truth } = await startTestSimulator("--reply-ms", "3000", "--stop", stop);
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.waitFor("audio", isAudio);
    const { startAtMs } = await caller.speak(1000, 3000);
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect(turn.bargeAtMs).toBeGreaterThanOrEqual(startAtMs);
    const stoppedAfterMs = turn.stopAtMs === null ? null : turn.stopAtMs - startAtMs;
    if (stop === "never") expect(stoppedAfterMs).toBeNull();
    else expect(stoppedAfterMs).toBeGreaterThanOrEqual(595);
  });

  it("ends an utterance at a pause longer than --silence-ms, and not at a shorter one", async () => {
    const { simulator, truth } = await startTestSimulator("--silence-ms", "500", "--stt-ms", "500", "--llm-ms", "2000");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.speak(300, 10);
    await caller.speak(400, 3000);
    await caller.speak(1000, 10);
    await caller.speak(400, 3000);
    await caller.speak(700, 10);
    await caller.hangUp();
    await simulator.stop();
    const turns = truth().filter(({ type }) => type === "turn") as TruthTurn[];
    expect(turns).toHaveLength(2);
    expect((turns[0]?.eosAtMs ?? 0) - (turns[0]?.speechStartAtMs ?? 0)).toBeGreaterThan(1000);
  });

  it("does not end an utterance while no frames arrive", async () => {
    const { simulator } = await startTestSimulator();
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    const { endAtMs: lastFrameAtMs } = await caller.speak(20, 3000);
    await caller.sendNothing(900);
    expect(caller.messages.filter(isFinal)).toEqual([]);
    const final = await caller.waitFor("the final", isFinal);
    expect(final.atMs - lastFrameAtMs).toBeGreaterThan(900);
  });

  it("recognises speech in frames of 40 ms with losses, and counts anomalies", async () => {
    const { simulator, truth } = await startTestSimulator();
    const caller = await TestCaller.dial(simulator);
    caller.send("not json");
    caller.send(Buffer.from([1, 2, 3]));
    caller.send({ kind: "Nonsense" });
    caller.send({ kind: "AudioData", audioData: null });
    caller.send({ kind: "AudioData", audioData: { data: "AAAA" } });
    await caller.speak(600, 3000, 40, (index) => index % 5 !== 0);
    await caller.waitFor("the final", isFinal);
    await caller.hangUp();
    await simulator.stop();
    const call = truth().at(-1) as TruthCall;
    expect(call.anomalies).toMatchObject({
      not_json: 1,
      binary_frame: 1,
      unknown_kind: 1,
      no_audio: 1,
      silent_missing: 1,
    });
    expect(call.anomalies.frame_size).toBeGreaterThanOrEqual(12);
    expect(truth()[0]).toMatchObject({ type: "turn", turn: 1 });
  });

  it.each(["cascade", "voicelive"])("answers once, during speech, with --answer-early (%s)", async (pipeline) => {
    // The early answer is there before the speech counts as an interruption, and is not stopped by it.
    const flags = ["--answer-early", "--acs-pipeline", pipeline, "--barge-ms", "700", "--reply-ms", "3000"];
    const { simulator, truth } = await startTestSimulator(...flags);
    const caller = await TestCaller.dial(simulator);
    const { endAtMs } = await caller.speak(1500, 3000);
    await caller.waitFor("the end of the reply", isEnd);
    await caller.hangUp();
    await simulator.stop();
    expect(caller.messages.find(isAudio)?.atMs).toBeLessThan(endAtMs);
    expect(caller.messages.filter(isStop)).toEqual([]);
    const turns = truth().filter(({ type }) => type === "turn") as TruthTurn[];
    expect(turns).toMatchObject([{ bargeAtMs: null, replyAudioMs: 3000, programmed: { sttMs: 0 } }]);
    expect(turns[0]?.eosAtMs).toBeGreaterThan(turns[0]?.firstAudioAtMs ?? Number.NaN);
  });

  it("obeys --talk always and --mute", async () => {
    const always = await TestCaller.dial((await startTestSimulator("--talk", "always")).simulator);
    await always.speak(400, 10);
    expect(always.messages.filter(isAudio).length).toBeGreaterThanOrEqual(8);
    const mute = await TestCaller.dial((await startTestSimulator("--mute")).simulator);
    await mute.speak(400, 3000);
    await mute.waitFor("the final", isFinal);
    await mute.speak(300, 10);
    expect(mute.messages.some(isAudio)).toBe(false);
  });

  it.each(["cascade", "voicelive"])("runs a tool and pauses between sentences (%s)", async (pipeline) => {
    const flags = ["--sentences", "3", "--sentence-gap-ms", "100", "--tool-ms", "200", "--reply-ms", "300"];
    const { simulator, truth } = await startTestSimulator(...flags, "--acs-pipeline", pipeline);
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.waitFor("the end of the reply", isEnd);
    await caller.hangUp();
    await simulator.stop();
    const order = caller.messages
      .map((message) => (isAudio(message) ? "audio" : message.type))
      .filter((type) => type === "audio" || type?.startsWith("tool") || type === "assistant_streaming");
    const [first, second] =
      pipeline === "cascade" ? ["audio", "assistant_streaming"] : ["assistant_streaming", "audio"];
    const runs = order.filter((type, index) => type !== order[index - 1]);
    expect(runs).toEqual([first, second, "tool_start", "tool_end", first, second, first, second]);
    const { firstAudioAtMs, lastAudioAtMs, replyAudioMs } = truth()[0] as TruthTurn;
    expect(replyAudioMs).toBe(300);
    expect((lastAudioAtMs ?? 0) - (firstAudioAtMs ?? 0)).toBeGreaterThanOrEqual(397);
  });

  it("loses envelopes with --drop-envelopes, but never audio", async () => {
    const { simulator, truth } = await startTestSimulator("--drop-envelopes", "1", "--stop", "never");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.speak(700, 10);
    const first = caller.messages.length;
    await caller.speak(400, 3000);
    await caller.speak(700, 10);
    expect(first).toBe(10);
    expect(caller.messages.filter(isAudio)).toHaveLength(20);
    expect(caller.messages.every((message) => isAudio(message) || message.kind === "StopAudio")).toBe(true);
    await simulator.stop();
    expect((truth().find(({ type }) => type === "call") as TruthCall).lostEnvelopes).toBeGreaterThan(4);
  });

  it("draws the same delays for the same call of the same seed", async () => {
    const delays = async (seed: string) => {
      const { simulator, truth } = await startTestSimulator(
        "--seed",
        seed,
        "--llm-ms",
        "10..200",
        "--tts-ms",
        "p50:20,p95:60",
      );
      const caller = await TestCaller.dial(simulator);
      await caller.speak(400, 3000);
      await caller.waitFor("audio", isAudio);
      await caller.hangUp();
      await simulator.stop();
      return (truth()[0] as TruthTurn).programmed;
    };
    const first = await delays("5");
    expect(await delays("5")).toEqual(first);
    expect(await delays("6")).not.toEqual(first);
  });

  it("serves the status routes, and refuses other paths with 404", async () => {
    const { simulator } = await startTestSimulator();
    const get = async (path: string) => (await fetch(`http://127.0.0.1:${simulator.port}${path}`)).json();
    expect(await get("/api/v1/media/status")).toMatchObject({
      status: "available",
      streaming_mode: "media",
      websocket_endpoint: "/api/v1/media/stream",
    });
    expect(await get("/api/v1/browser/status")).toMatchObject({ active_connections: { total_connections: 0 } });
    expect(await get("/nowhere")).toEqual({ detail: "Not Found" });
    await expect(TestCaller.dial(simulator, "/api/v1/elsewhere")).rejects.toThrow("404");
  });

  it("writes open turns and calls when it is stopped during a call, and its own lateness", async () => {
    const { simulator, lines } = await startTestSimulator();
    const caller = await TestCaller.dial(simulator);
    await caller.speak(400, 3000);
    await caller.waitFor("audio", isAudio);
    await simulator.stop();
    expect(lines().map(({ type }) => type)).toEqual(["turn", "call", "health"]);
    expect(lines()[0]).toHaveProperty("lateMs", expect.any(Number));
    expect(lines()[2]).toMatchObject({
      ticks: expect.any(Number),
      p50Ms: expect.any(Number),
      p99Ms: expect.any(Number),
    });
  });
});
