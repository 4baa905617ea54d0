import { setTimeout as wait } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { mulawOf, samplesOfMulaw } from "./mulaw.ts";
import { PROFILES } from "./profiles.ts";
import { type CallerAudio, type Message, startTestSimulator, TestCaller } from "./test_caller.ts";
import type { TruthCall, TruthTurn } from "./truth.ts";
import { TwilioWire } from "./twilio.ts";

const STREAM = "MZ0123";

/** What a caller sends on one stream, numbered as Twilio does. */
class Stream implements CallerAudio {
  readonly rateHz = 8000;
  private sequence = 0;
  private chunk = 0;

  event(event: string, content: object = {}): Record<string, unknown> {
    this.sequence += 1;
    return { event, sequenceNumber: String(this.sequence), streamSid: STREAM, ...content };
  }

  start(customParameters: object = {}): Record<string, unknown> {
    const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 };
    return this.event("start", { start: { streamSid: STREAM, tracks: ["inbound"], mediaFormat, customParameters } });
  }

  frame(samples: Int16Array): Record<string, unknown> {
    this.chunk += 1;
    const payload = mulawOf(samples).toString("base64");
    return this.event("media", { media: { track: "inbound", chunk: String(this.chunk), timestamp: "0", payload } });
  }
}

/** An agent's message on Twilio's wire. */
interface TwilioMessage extends Message {
  readonly event?: string;
  readonly streamSid?: string;
  readonly media?: { readonly payload: string };
  readonly mark?: { readonly name: string };
}

const eventOf = (message: Message) => (message as TwilioMessage).event;
const isEvent = (event: string) => (message: Message) => eventOf(message) === event;

async function call(...flags: string[]) {
  const { simulator, truth } = await startTestSimulator(...flags);
  const stream = new Stream();
  const caller = await TestCaller.dial(simulator, "/ws", stream);
  return { simulator, truth, stream, caller };
}

describe.concurrent("a call over Twilio's wire", () => {
  it("is greeted when it has started, not when it is connected", async () => {
    const { caller, stream } = await call("--greeting-ms", "300");
    caller.send({ event: "connected", protocol: "Call", version: "1.0.0" });
    await caller.sendNothing(300);
    expect(caller.messages).toEqual([]);
    caller.send(stream.start());
    await caller.waitFor("the greeting", isEvent("mark"));
    expect(caller.messages.map(eventOf)).toEqual(["media", "media", "mark"]);
  });

  it("is answered with mu-law of 200 ms, a mark behind each sentence, and no envelope", async () => {
    const { caller, simulator, stream, truth } = await call("--reply-ms", "1000", "--sentences", "2");
    caller.send(stream.start({ call_id: "k6va-1", tenant: "x" }));
    await caller.speak(400, 3000);
    await caller.waitFor("the second mark", (message) => (message as TwilioMessage).mark?.name === "sentence_2");
    const messages = caller.messages as readonly TwilioMessage[];
    const sentence = ["media", "media", "media", "mark"];
    expect(messages.map(({ event }) => event)).toEqual([...sentence, ...sentence]);
    const bytes = messages.map(({ media }) => Buffer.from(media?.payload ?? "", "base64"));
    expect(bytes.map(({ length }) => length)).toEqual([1600, 1600, 800, 0, 1600, 1600, 800, 0]);
    expect(Math.max(...samplesOfMulaw(bytes[0] ?? Buffer.alloc(0)))).toBeGreaterThan(1000);
    expect(new Set(messages.map(({ streamSid }) => streamSid))).toEqual(new Set([STREAM]));
    await caller.hangUp();
    await simulator.stop();
    const [turn, end] = truth() as [TruthTurn, TruthCall];
    expect(turn).toMatchObject({ call: "k6va-1", replyAudioMs: 1000, finalAtMs: null });
    expect(turn.firstAudioAtMs).not.toBeNull();
    expect(end.call).toBe("k6va-1");
    expect(anomaliesOf(end)).toEqual({});
  });

  it("is cleared when it interrupts, and its marks may come back at once", async () => {
    const { caller, simulator, stream, truth } = await call("--reply-ms", "2000");
    caller.send(stream.start());
    await caller.speak(400, 3000);
    const mark = (await caller.waitFor("the mark", isEvent("mark"))) as TwilioMessage;
    await caller.speak(500, 3000);
    await caller.waitFor("clear", isEvent("clear"));
    caller.send(stream.event("mark", { mark: mark.mark }));
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect([turn.bargeAtMs, turn.stopAtMs]).not.toContain(null);
    expect(anomaliesOf(truth().at(-1) as TruthCall)).toEqual({});
  });

  it.each([
    ["llm_429", "media"],
    ["stt_throttle", undefined],
  ])("says nothing of the fault %s but what is spoken", async (fault, event) => {
    const { caller, stream } = await call("--faults", `${fault}:1`);
    caller.send(stream.start());
    await caller.speak(400, 3000);
    await caller.speak(800, 10);
    expect(caller.messages.map(eventOf)[0]).toBe(event);
    expect(caller.messages.every((message) => eventOf(message) !== undefined)).toBe(true);
  });
});

describe("the simulator's Twilio wire", () => {
  function wire() {
    const anomalies: string[] = [];
    const reportAnomaly = (kind: string) => anomalies.push(kind);
    const options = { profile: PROFILES.g5, pipeline: "cascade", dialect: "ga", comfortNoise: false } as const;
    const made = new TwilioWire({ ...options, reportAnomaly });
    const read = (message: unknown, isBinary = false) =>
      made.read(Buffer.from(typeof message === "string" ? message : JSON.stringify(message)), isBinary);
    return { anomalies, made, read, stream: new Stream() };
  }
  const QUIET = new Int16Array(160);

  it("takes what Twilio sends without an anomaly", () => {
    const { anomalies, read, stream } = wire();
    read({ event: "connected", protocol: "Call", version: "1.0.0" });
    expect(read(stream.start({ call_id: "C" }))).toEqual({ type: "metadata", rateHz: null, callId: "C" });
    expect(read(stream.frame(Int16Array.of(...QUIET.keys())))).toMatchObject({ type: "audio" });
    const dtmf = { track: "inbound_track", digit: "#" };
    expect(read(stream.event("dtmf", { dtmf }))).toEqual({ type: "dtmf", digit: "#" });
    expect(read(stream.event("stop"))).toEqual({ type: "ignored" });
    expect(anomalies).toEqual([]);
  });

  it.each<[string, (stream: Stream) => unknown]>([
    ["sequence_number", (stream) => ({ ...stream.frame(QUIET), sequenceNumber: "7" })],
    ["sequence_number", (stream) => ({ ...stream.frame(QUIET), sequenceNumber: 2 })],
    ["stream_sid", (stream) => ({ ...stream.frame(QUIET), streamSid: "MZ9" })],
    ["chunk", (stream) => ({ ...stream.frame(QUIET), media: { track: "inbound", chunk: "2", payload: zeros(160) } })],
    ["chunk", (stream) => ({ ...stream.frame(QUIET), media: { track: "outbound", chunk: "1", payload: zeros(160) } })],
    ["frame_size", (stream) => stream.frame(new Int16Array(80))],
    ["unknown_mark", (stream) => stream.event("mark", { mark: { name: "none" } })],
    ["dtmf", (stream) => stream.event("dtmf", { dtmf: { track: "inbound_track", digit: 1.5 } })],
    ["dtmf", (stream) => stream.event("dtmf", { dtmf: { track: "inbound", digit: "1" } })],
    ["unknown_event", (stream) => stream.event("clear")],
    ["start", (stream) => stream.event("start", { start: { streamSid: "MZ9" } })],
    ["not_json", () => "{"],
  ])("reports the anomaly %s", (kind, message) => {
    const { anomalies, read, stream } = wire();
    read(stream.start());
    read(message(stream));
    expect(anomalies).toEqual([kind]);
  });

  it("reports a binary frame, and takes JSON that is no object for an unknown event", () => {
    const { anomalies, read } = wire();
    read("x", true);
    read("null");
    expect(anomalies).toEqual(["binary_frame", "sequence_number", "unknown_event"]);
  });

  it("reports a mark that comes back before its audio has been played, and none that comes later", async () => {
    const early = wire();
    early.read(early.stream.start());
    expect([...early.made.audioFrames(200)]).toHaveLength(2);
    early.read(early.stream.event("mark", { mark: { name: "sentence_1" } }));
    expect(early.anomalies).toEqual(["early_mark"]);
    const late = wire();
    late.read(late.stream.start());
    expect([...late.made.audioFrames(60)]).toHaveLength(2);
    await wait(60);
    late.read(late.stream.event("mark", { mark: { name: "sentence_1" } }));
    expect(late.anomalies).toEqual([]);
    late.read(late.stream.event("mark", { mark: { name: "sentence_1" } }));
    expect(late.anomalies, "a mark comes back once").toEqual(["unknown_mark"]);
  });
});

/** The anomalies of a call, but for frames that a busy machine sends late. */
function anomaliesOf({ anomalies: { late_frame: _, early_frame: __, ...others } }: TruthCall): object {
  return others;
}

function zeros(bytes: number): string {
  return Buffer.alloc(bytes, 255).toString("base64");
}
