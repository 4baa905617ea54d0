import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";

import { Faults, parseFaults } from "./faults.ts";
import { seeded } from "./random.ts";
import { type Message, start, TestCaller } from "./test_caller.ts";
import type { TruthCall, TruthTurn } from "./truth.ts";

const isAudio = (message: Message) => message.kind === "AudioData";
const isFinal = (message: Message) => message.payload?.type === "user" && message.payload.status === "completed";
const isEnd = (message: Message) => message.payload?.type === "assistant";
const isError = (message: Message) => message.type === "error" || message.kind === "ErrorData";

/** What a caller saw of one turn that went wrong, and the truth of it. */
async function turnWith(fault: string, ...flags: string[]) {
  const { simulator, truth } = await start("--faults", fault, ...flags);
  const caller = await TestCaller.dial(simulator);
  await caller.speak(400, 3000);
  await caller.speak(900, 10);
  await simulator.stop();
  return { ...caller, turn: truth()[0] as TruthTurn };
}

type Seen = Awaited<ReturnType<typeof turnWith>>;

const saw = (text: string) => (seen: Seen) => seen.raw.some((message) => message.text === text && !message.isBinary);

/** How long the agent took to send its audio, in ms. */
function audioSpanMs({ messages }: Seen): number {
  const [first, ...rest] = messages.filter(isAudio);
  return (rest.at(-1)?.atMs ?? 0) - (first?.atMs ?? 0);
}

/** What an agent does to a caller who counts none of it against the turn. */
const DONE: Readonly<Record<string, (seen: Seen) => boolean>> = {
  bad_json: saw('{"type":"event","payload":'),
  unknown_message: ({ messages }) => messages.some(({ type }) => type === "weather_report"),
  deep_json: ({ raw }) => raw.some(({ text }) => text.includes("[".repeat(5000))),
  invalid_utf8: saw('{"\u00ff\u00fe":1}'),
  binary: ({ raw }) => raw.some(({ text, isBinary }) => isBinary && text.length === 640),
  tiny: saw("0"),
  huge: ({ raw }) => raw.some(({ text }) => text.length > 15 << 20),
  flood: ({ messages }) => messages.filter(({ type }) => type === "debug").length === 2000,
  skewed_clock: ({ messages }) => messages.some(({ ts }) => ts === "1970-01-01T00:00:00+00:00"),
  slow_writer: (seen) => audioSpanMs(seen) > seen.turn.replyAudioMs,
};

describe("faults", () => {
  it("are read with their chances, and what is wrong with them is named", () => {
    expect(parseFaults("llm_429:0.2, close_4501:.1,refuse_503")).toEqual([
      { name: "llm_429", chance: 0.2 },
      { name: "close_4501", chance: 0.1 },
      { name: "refuse_503", chance: 1 },
    ]);
    expect(parseFaults("")).toEqual([]);
    expect(parseFaults("llm_430")).toMatch(/^expected names of faults \(llm_429, .*\), got "llm_430"$/);
    expect(parseFaults("llm_429:2")).toBe('expected a chance from 0 to 1 after "llm_429:"');
  });

  it("come as often as their chance says, the same ones for the same seed", () => {
    const draw = (seed: number) => {
      const faults = new Faults([{ name: "llm_429", chance: 0.2 }], seeded(seed));
      return Array.from({ length: 1000 }, () => faults.turn()?.name ?? null);
    };
    const hits = draw(1).filter((name) => name !== null).length;
    expect(Math.abs(hits - 200)).toBeLessThan(40);
    expect(draw(1)).toEqual(draw(1));
    expect(draw(2)).not.toEqual(draw(1));
  });
});

describe.concurrent("in a turn", () => {
  it("a throttled model apologises aloud and tells the error on g5, as text without audio before", async () => {
    const told = await turnWith("llm_429");
    expect(told.messages.some(isAudio)).toBe(true);
    expect(told.messages.find(isError)?.payload).toMatchObject({ code: "RateLimitExceeded", source: "llm" });
    expect(told.messages.find(isEnd)?.payload?.status).toBe("error");
    expect(told.turn.fault).toBe("llm_429");
    const silent = await turnWith("llm_429", "--profile", "g3");
    expect(silent.messages.filter((message) => isAudio(message) || isError(message))).toEqual([]);
    expect(silent.messages.find(isEnd)?.payload?.status).toBe("completed");
  });

  it("VoiceLive's service tells its error itself, in every generation", async () => {
    const { messages } = await turnWith("llm_429", "--acs-pipeline", "voicelive", "--profile", "g2");
    expect(messages.filter(isError).map(({ errorData }) => errorData?.code)).toContain("RateLimitExceeded");
    expect(messages.some(isAudio)).toBe(false);
  });

  it("a throttled recogniser gives no final and no reply, a throttled synthesiser text without audio", async () => {
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
    ["session_error", 1000],
  ])("%s ends the call with %d", async (fault, code) => {
    const { simulator, truth } = await start("--faults", fault);
    const caller = await TestCaller.dial(simulator);
    const hungUp = caller.hungUp();
    await caller.speak(400, 3000);
    await Promise.race([caller.until("nothing", () => false).catch(() => {}), hungUp]);
    expect(await hungUp).toBe(code);
    await simulator.stop();
    expect(truth()[0]).toMatchObject({ type: "turn", fault });
  });

  it.each(Object.entries(DONE))("%s is done, and the reply comes all the same", async (fault, done) => {
    const seen = await turnWith(fault, "--reply-ms", "200");
    expect(done(seen)).toBe(true);
    expect(seen.messages.some(isAudio)).toBe(true);
    expect(seen.turn).toMatchObject({ fault, replyAudioMs: 200 });
    expect(done(await turnWith("no_end"))).toBe(false);
  });

  it("a fragmented message comes in frames of one byte", async () => {
    const { simulator } = await start("--faults", "fragmented");
    const caller = await TestCaller.dial(simulator);
    const bytes = caller.bytes();
    await caller.speak(400, 3000);
    await caller.until("the message", ({ type }) => type === "debug");
    // Not the last frame, text, one byte: an opening brace.
    expect(bytes().includes(Buffer.from([0x01, 0x01, 0x7b]))).toBe(true);
  });

  it("twins come in the other order", async () => {
    const order = async (fault: string) => {
      const { messages } = await turnWith(fault, "--acs-pipeline", "voicelive");
      return messages.find(({ kind, data }) => kind === "AudioData" || data !== undefined)?.kind;
    };
    expect([await order("no_end"), await order("twins_swapped")]).toEqual(["AudioData", undefined]);
  });

  it("audio comes twice, piece by piece, and the truth counts both", async () => {
    const { messages, turn } = await turnWith("duplicated", "--reply-ms", "200");
    const data = messages.filter(isAudio).map(({ audioData }) => audioData?.data);
    expect(data).toHaveLength(10);
    expect(data.filter((_, at) => at % 2 === 0)).toEqual(data.filter((_, at) => at % 2 === 1));
    expect(turn.replyAudioMs).toBe(400);
  });

  it.each([
    ["router_crash", "status", { statusTone: "error" }],
    ["llm_error", "error", { code: "ContentFiltered" }],
  ])("%s is told as %s", async (fault, type, payload) => {
    const { messages } = await turnWith(fault);
    expect(messages.find((message) => message.type === type)?.payload).toMatchObject(payload);
  });

  it("a code may be null, and a reply may never come", async () => {
    expect((await turnWith("null_code")).messages.find(({ kind }) => kind === "ErrorData")?.errorData?.code).toBeNull();
    const silent = await turnWith("silence");
    expect([silent.messages.some(isFinal), silent.messages.some(isAudio)]).toEqual([true, false]);
  });

  it("a session that was idle is told to be over, and closed as if nothing were wrong", async () => {
    const { simulator, truth } = await start("--faults", "idle_timeout");
    const caller = await TestCaller.dial(simulator);
    const closed = caller.closed();
    await caller.speak(400, 3000);
    await Promise.race([caller.until("nothing", () => false).catch(() => {}), closed]);
    expect(await closed).toEqual({ code: 1000, reason: "idle_timeout" });
    expect(caller.messages.at(-1)).toMatchObject({ type: "session_end", reason: "IDLE_TIMEOUT" });
    expect(caller.messages.some(isAudio)).toBe(false);
    await simulator.stop();
    expect(truth()[0]).toMatchObject({ type: "turn", fault: "idle_timeout", firstAudioAtMs: null });
  });

  it("a reply without end has audio and no end, a stop without reply the other way round", async () => {
    const endless = await turnWith("no_end");
    expect([endless.messages.some(isAudio), endless.messages.some(isEnd)]).toEqual([true, false]);
    const stopped = await turnWith("stop_without_reply");
    expect(stopped.messages.filter(({ kind }) => kind === "StopAudio")).toHaveLength(1);
    expect(stopped.messages.some(isAudio)).toBe(false);
  });
});

describe.concurrent("a call", () => {
  it.each([403, 404, 429, 500, 502, 503])("is answered with %d, and that is written down", async (status) => {
    const { simulator, truth } = await start("--faults", `refuse_${status}`);
    await expect(TestCaller.dial(simulator)).rejects.toThrow(String(status));
    await simulator.stop();
    expect(truth()).toEqual([expect.objectContaining({ type: "refusal", call: "S", status })]);
  });

  it("beyond the capacity is answered with 500", async () => {
    const { simulator } = await start("--capacity", "1");
    await TestCaller.dial(simulator);
    await expect(TestCaller.dial(simulator)).rejects.toThrow("500");
  });

  it("that is half open is taken and never answered", async () => {
    const { simulator, truth } = await start("--faults", "half_open");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(500, 3000);
    await caller.hangUp();
    await simulator.stop();
    expect(caller.messages).toEqual([]);
    expect(truth()).toEqual([expect.objectContaining({ type: "call", fault: "half_open" })]);
  });

  it("that is closed at once is closed with its reason", async () => {
    const { simulator, truth } = await start("--faults", "capacity_1013");
    const socket = new WebSocket(`ws://127.0.0.1:${simulator.port}/api/v1/media/stream`);
    const [code, reason] = await new Promise<[number, string]>((done) =>
      socket.on("close", (closedWith, why) => done([closedWith, String(why)])),
    );
    expect([code, reason]).toEqual([1013, "STT capacity unavailable"]);
    await simulator.stop();
    expect((truth()[0] as TruthCall).fault).toBe("capacity_1013");
  });

  it.each(["cascade", "voicelive"])(
    "whose greeting never ends goes on greeting at the pace it plays (%s)",
    async (of) => {
      const { simulator, truth } = await start("--faults", "endless_greeting", "--acs-pipeline", of);
      const caller = await TestCaller.dial(simulator);
      await caller.until("audio", isAudio);
      await caller.speak(2000, 10);
      const ms = caller.messages.filter(isAudio).reduce((sum, { audioData, AudioData }) => {
        return sum + Buffer.from((audioData ?? AudioData)?.data ?? "", "base64").length / 32;
      }, 0);
      await caller.hangUp();
      await simulator.stop();
      expect(Math.abs(ms - 2000)).toBeLessThan(250);
      expect(truth()).toEqual([expect.objectContaining({ type: "call", fault: "endless_greeting" })]);
    },
  );

  it("whose agent reads slowly is heard in gulps, and answered all the same", async () => {
    const { simulator, truth } = await start("--faults", "slow_reader");
    const caller = await TestCaller.dial(simulator);
    await caller.speak(1500, 3000);
    await caller.until("the end of the reply", isEnd);
    await caller.hangUp();
    await simulator.stop();
    const [turn, call] = truth() as [TruthTurn, TruthCall];
    expect(turn).toMatchObject({ type: "turn", replyAudioMs: 400 });
    expect(call.fault).toBe("slow_reader");
    expect(call.anomalies.late_frame).toBeGreaterThanOrEqual(4);
  });

  it("whose pings are not answered is sound but for that", async () => {
    const pongs = async (...flags: string[]) => {
      const { simulator } = await start(...flags);
      const caller = await TestCaller.dial(simulator);
      const pinged = caller.ping();
      await caller.speak(400, 3000);
      await caller.until("the end of the reply", isEnd);
      return pinged();
    };
    expect(await pongs()).toBe(1);
    expect(await pongs("--faults", "pings_unanswered")).toBe(0);
  });
});
