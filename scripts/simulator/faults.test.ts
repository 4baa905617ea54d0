import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { Faults, parseFaults } from "./faults.ts";
import { seeded } from "./random.ts";
import { type Message, startTestSimulator, TestCaller } from "./test_caller.ts";
import type { TruthCall, TruthTurn } from "./truth.ts";

const isAudio = (message: Message) => message.kind === "AudioData";
const isFinal = (message: Message) => message.payload?.type === "user" && message.payload.status === "completed";
const isEnd = (message: Message) => message.payload?.type === "assistant";
const isError = (message: Message) => message.type === "error" || message.kind === "ErrorData";

/** What a caller received in one turn with a fault, and the truth of that turn. */
async function turnWith(fault: string, ...flags: string[]) {
  const { simulator, truth } = await startTestSimulator("--faults", fault, ...flags);
  const caller = await TestCaller.dial(simulator);
  await caller.speak(400, 3000);
  await caller.speak(900, 10);
  await simulator.stop();
  return { ...caller, turn: truth()[0] as TruthTurn };
}

type Received = Awaited<ReturnType<typeof turnWith>>;

const hasText =
  (text: string) =>
  ({ raw }: Received) =>
    raw.some((message) => message.text === text && !message.isBinary);

/** How long the agent took to send its audio, in ms. */
function audioSpanMs({ messages }: Received): number {
  const [first, ...rest] = messages.filter(isAudio);
  return (rest.at(-1)?.atMs ?? 0) - (first?.atMs ?? 0);
}

/** Faults that do not fail a turn: how to tell from what the caller received that each was injected. */
const HARMLESS: Readonly<Record<string, (received: Received) => boolean>> = {
  bad_json: hasText('{"type":"event","payload":'),
  unknown_message: ({ messages }) => messages.some(({ type }) => type === "weather_report"),
  deep_json: ({ raw }) => raw.some(({ text }) => text.includes("[".repeat(5000))),
  invalid_utf8: hasText('{"\u00ff\u00fe":1}'),
  binary: ({ raw }) => raw.some(({ text, isBinary }) => isBinary && text.length === 640),
  tiny: hasText("0"),
  huge: ({ raw }) => raw.some(({ text }) => text.length > 15 << 20),
  flood: ({ messages }) => messages.filter(({ type }) => type === "debug").length === 2000,
  skewed_clock: ({ messages }) => messages.some(({ ts }) => ts === "1970-01-01T00:00:00+00:00"),
  slow_writer: (received) => audioSpanMs(received) > received.turn.replyAudioMs,
};

describe("faults", () => {
  it("are parsed with their chances, and a wrong name or chance is an error", () => {
    expect(parseFaults("llm_429:0.2, close_4501:.1,refuse_503")).toEqual([
      { name: "llm_429", chance: 0.2 },
      { name: "close_4501", chance: 0.1 },
      { name: "refuse_503", chance: 1 },
    ]);
    expect(parseFaults("")).toEqual([]);
    expect(parseFaults("llm_430")).toMatch(/^expected names of faults \(llm_429, .*\), got "llm_430"$/);
    expect(parseFaults("llm_429:2")).toBe('expected a chance from 0 to 1 after "llm_429:"');
  });

  it("are drawn as often as their chance says, the same ones for the same seed", () => {
    const draw = (seed: number) => {
      const faults = new Faults([{ name: "llm_429", chance: 0.2 }], seeded(seed));
      return Array.from({ length: 1000 }, () => faults.drawTurnFault()?.name ?? null);
    };
    const hits = draw(1).filter((name) => name !== null).length;
    expect(Math.abs(hits - 200)).toBeLessThan(40);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
  });
});

describe.concurrent("in a turn", () => {
  it("a throttled model gives a spoken apology and an error on g5, and a text without audio before g5", async () => {
    const onG5 = await turnWith("llm_429");
    expect(onG5.messages.some(isAudio)).toBe(true);
    expect(onG5.messages.find(isError)?.payload).toMatchObject({ code: "RateLimitExceeded", source: "llm" });
    expect(onG5.messages.find(isEnd)?.payload?.status).toBe("error");
    expect(onG5.turn.fault).toBe("llm_429");
    const onG3 = await turnWith("llm_429", "--profile", "g3");
    expect(onG3.messages.filter((message) => isAudio(message) || isError(message))).toEqual([]);
    expect(onG3.messages.find(isEnd)?.payload?.status).toBe("completed");
  });

  it("VoiceLive relays the error of its service in every generation", async () => {
    const { messages } = await turnWith("llm_429", "--acs-pipeline", "voicelive", "--profile", "g2");
    expect(messages.filter(isError).map(({ errorData }) => errorData?.code)).toContain("RateLimitExceeded");
    expect(messages.some(isAudio)).toBe(false);
  });

  it("a throttled recognizer gives no final and no reply, a throttled synthesis gives text without audio", async () => {
    const stt = await turnWith("stt_throttle", "--profile", "g3");
    expect(stt.messages.filter((message) => isFinal(message) || isAudio(message))).toEqual([]);
    expect(stt.turn).toMatchObject({ finalAtMs: null, firstAudioAtMs: null });
    const tts = await turnWith("tts_throttle", "--profile", "g3");
    expect([tts.messages.some(isEnd), tts.messages.some(isAudio)]).toEqual([true, false]);
  });

  it.each([
    ["close_1000", 1000],
    ["close_1001", 1001],
    ["close_1011", 1011],
    ["close_1013", 1013],
    ["close_4500", 4500],
    ["close_4501", 4501],
    ["drop", 1006],
    ["reset", 1006],
    ["close_empty", 1005],
    ["close_forbidden", 1006],
    ["session_error", 1000],
  ])("%s ends the call with %d", async (fault, code) => {
    const { simulator, truth } = await startTestSimulator("--faults", fault);
    const caller = await TestCaller.dial(simulator);
    const closeCode = caller.closeCode();
    await caller.speak(400, 3000);
    await Promise.race([caller.waitFor("nothing", () => false).catch(() => {}), closeCode]);
    expect(await closeCode).toBe(code);
    await simulator.stop();
    expect(truth()[0]).toMatchObject({ type: "turn", fault });
  });

  it.each(Object.entries(HARMLESS))("%s is injected, and the reply still comes", async (fault, isInjected) => {
    const received = await turnWith(fault, "--reply-ms", "200");
    expect(isInjected(received)).toBe(true);
    expect(received.messages.some(isAudio)).toBe(true);
    expect(received.turn).toMatchObject({ fault, replyAudioMs: 200 });
    expect(isInjected(await turnWith("no_end"))).toBe(false);
  });

  it("a fragmented message comes in frames of one byte", async () => {
    const { simulator } = await startTestSimulator("--faults", "fragmented");
    const caller = await TestCaller.dial(simulator);
    const recorded = caller.recordBytes();
    await caller.speak(400, 3000);
    await caller.waitFor("the message", ({ type }) => type === "debug");
    // A WebSocket frame that is not the last one (0x01: text), has a length of 1 and holds an opening brace.
    expect(recorded().includes(Buffer.from([0x01, 0x01, 0x7b]))).toBe(true);
  });

  it("twins_swapped swaps the two messages of each chunk", async () => {
    const order = async (fault: string) => {
      const { messages } = await turnWith(fault, "--acs-pipeline", "voicelive");
      return messages.find(({ kind, data }) => kind === "AudioData" || data !== undefined)?.kind;
    };
    expect([await order("no_end"), await order("twins_swapped")]).toEqual(["AudioData", undefined]);
  });

  it("duplicated sends every frame twice, and the truth counts both", async () => {
    const { messages, turn } = await turnWith("duplicated", "--reply-ms", "200");
    const data = messages.filter(isAudio).map(({ audioData }) => audioData?.data);
    expect(data).toHaveLength(10);
    expect(data.filter((_, index) => index % 2 === 0)).toEqual(data.filter((_, index) => index % 2 === 1));
    expect(turn.replyAudioMs).toBe(400);
  });

  it.each([
    ["router_crash", "status", { statusTone: "error" }],
    ["llm_error", "error", { code: "ContentFiltered" }],
  ])("%s gives a message of type %s", async (fault, type, payload) => {
    const { messages } = await turnWith(fault);
    expect(messages.find((message) => message.type === type)?.payload).toMatchObject(payload);
  });

  it("null_code gives an error whose code is null, and silence gives no reply", async () => {
    expect((await turnWith("null_code")).messages.find(({ kind }) => kind === "ErrorData")?.errorData?.code).toBeNull();
    const silent = await turnWith("silence");
    expect([silent.messages.some(isFinal), silent.messages.some(isAudio)]).toEqual([true, false]);
  });

  it("idle_timeout gives a session_end, and the call is closed with 1000", async () => {
    const { simulator, truth } = await startTestSimulator("--faults", "idle_timeout");
    const caller = await TestCaller.dial(simulator);
    const closed = caller.closed();
    await caller.speak(400, 3000);
    await Promise.race([caller.waitFor("nothing", () => false).catch(() => {}), closed]);
    expect(await closed).toEqual({ code: 1000, reason: "idle_timeout" });
    expect(caller.messages.at(-1)).toMatchObject({ type: "session_end", reason: "IDLE_TIMEOUT" });
    expect(caller.messages.some(isAudio)).toBe(false);
    await simulator.stop();
    expect(truth()[0]).toMatchObject({ type: "turn", fault: "idle_timeout", firstAudioAtMs: null });
  });

  it("no_end gives audio and no end, stop_without_reply a stop and no audio", async () => {
    const noEnd = await turnWith("no_end");
    expect([noEnd.messages.some(isAudio), noEnd.messages.some(isEnd)]).toEqual([true, false]);
    const stopped = await turnWith("stop_without_reply");
    expect(stopped.messages.filter(({ kind }) => kind === "StopAudio")).toHaveLength(1);
    expect(stopped.messages.some(isAudio)).toBe(false);
  });
});

describe.concurrent("a call", () => {
  it.each([403, 404, 429, 500, 502, 503])("is refused with %d, and the truth records it", async (status) => {
    const { simulator, truth } = await startTestSimulator("--faults", `refuse_${status}`);
    await expect(TestCaller.dial(simulator)).rejects.toThrow(String(status));
    await simulator.stop();
    expect(truth()).toEqual([expect.objectContaining({ type: "refusal", call: "S", status })]);
  });

  it("beyond the capacity is refused with 500", async () => {
    const { simulator } = await startTestSimulator("--capacity", "1");
    await TestCaller.dial(simulator);
    await expect(TestCaller.dial(simulator)).rejects.toThrow("500");
  });

  it("that is half open is accepted, and nothing is sent on it", async () => {
    const { simulator, truth } = await startTestSimulator("--faults", "half_open");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(500, 3000);
    await caller.hangUp();
    await simulator.stop();
    expect(caller.messages).toEqual([]);
    expect(truth()).toEqual([expect.objectContaining({ type: "call", fault: "half_open" })]);
  });

  it("with capacity_1013 is closed at once, with its reason", async () => {
    const { simulator, truth } = await startTestSimulator("--faults", "capacity_1013");
    const socket = new WebSocket(`ws://127.0.0.1:${simulator.port}/api/v1/media/stream`);
    const [code, reason] = await new Promise<[number, string]>((resolve) =>
      socket.on("close", (closeCode, closeReason) => resolve([closeCode, String(closeReason)])),
    );
    expect([code, reason]).toEqual([1013, "STT capacity unavailable"]);
    await simulator.stop();
    expect((truth()[0] as TruthCall).fault).toBe("capacity_1013");
  });

  it.each(["cascade", "voicelive"])("with endless_greeting gets greeting audio in real time (%s)", async (pipeline) => {
    const { simulator, truth } = await startTestSimulator("--faults", "endless_greeting", "--acs-pipeline", pipeline);
    const caller = await TestCaller.dial(simulator);
    await caller.waitFor("audio", isAudio);
    await caller.speak(2000, 10);
    const ms = caller.messages.filter(isAudio).reduce((sum, { audioData, AudioData }) => {
      return sum + Buffer.from((audioData ?? AudioData)?.data ?? "", "base64").length / 32;
    }, 0);
    await caller.hangUp();
    await simulator.stop();
    expect(Math.abs(ms - 2000)).toBeLessThan(250);
    expect(truth()).toEqual([expect.objectContaining({ type: "call", fault: "endless_greeting" })]);
  });

  it("with slow_reader is read in bursts, and still answered", async () => {
    const { simulator, truth } = await startTestSimulator("--faults", "slow_reader");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(1500, 3000);
    await caller.waitFor("the end of the reply", isEnd);
    await caller.hangUp();
    await simulator.stop();
    const [turn, call] = truth() as [TruthTurn, TruthCall];
    expect(turn).toMatchObject({ type: "turn", replyAudioMs: 400 });
    expect(call.fault).toBe("slow_reader");
    expect(call.anomalies.late_frame).toBeGreaterThanOrEqual(4);
  });

  it("with pings_unanswered is otherwise healthy", async () => {
    const pongs = async (...flags: string[]) => {
      const { simulator } = await startTestSimulator(...flags);
      const caller = await TestCaller.dial(simulator);
      const pongCount = caller.ping();
      await caller.speak(400, 3000);
      await caller.waitFor("the end of the reply", isEnd);
      return pongCount();
    };
    expect(await pongs()).toBe(1);
    expect(await pongs("--faults", "pings_unanswered")).toBe(0);
  });
});
