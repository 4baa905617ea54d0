import { describe, expect, it } from "vitest";

import { type CallerAudio, type Message, startTestSimulator, TestCaller } from "./test_caller.ts";
import type { TruthCall, TruthTurn } from "./truth.ts";

const FRAMES: CallerAudio = {
  rateHz: 24000,
  frame: (samples) => ({
    type: "input_audio_buffer.append",
    audio: Buffer.from(samples.buffer).toString("base64"),
  }),
};

/** An event of the agent. */
interface ServerEvent extends Message {
  readonly event_id?: string;
  readonly item_id?: string;
  readonly delta?: string;
  readonly audio_end_ms?: number;
  readonly item?: { readonly id: string; readonly type: string };
  readonly previous_item_id?: string | null;
  readonly session?: Readonly<Record<string, unknown>>;
  readonly error?: Readonly<Record<string, unknown>>;
  readonly response?: {
    readonly status: string;
    readonly status_details: unknown;
    readonly output: readonly { readonly type: string }[];
  };
}

/** The APIs: the path of each, the shape of its events, and an update that it accepts. */
const APIS = [
  { api: "ga", path: "/v1/realtime?model=gpt-realtime", audio: "output_audio", session: { type: "realtime" } },
  { api: "beta", path: "/voice-live/realtime?api-version=1", audio: "audio", session: {} },
] as const;

async function call(path: string, ...flags: string[]) {
  const { simulator, truth } = await startTestSimulator(...flags);
  const caller = await TestCaller.dial(simulator, path, FRAMES);
  const events = () => caller.messages as readonly ServerEvent[];
  const nth = (type: string, count: number) =>
    caller.waitFor(`${type} ${count}`, (event) => {
      const all = caller.messages.filter((other) => other.type === type);
      return event === all[count - 1];
    }) as Promise<ServerEvent>;
  return { simulator, truth, caller, events, nth };
}

/** The types of events, without an event that is like the one before it. */
function typesOf(events: readonly Message[]): string[] {
  const types = events.map(({ type = "" }) => type);
  return types.filter((type, at) => type !== types[at - 1]);
}

describe.concurrent.each(APIS)("a session of the $api API", ({ api, audio, path, session }) => {
  const isGa = api === "ga";
  const ofGa = (...types: string[]) => (isGa ? types : []);
  const added = isGa ? "conversation.item.added" : "conversation.item.created";
  const reply = [
    ...["response.created", "response.output_item.added", added, "response.content_part.added"],
    ...[`response.${audio}_transcript.delta`, `response.${audio}.delta`, `response.${audio}.done`],
    ...[`response.${audio}_transcript.done`, "response.content_part.done", ...ofGa("conversation.item.done")],
    ...["response.output_item.done", "response.done", ...ofGa("rate_limits.updated")],
  ];

  it("begins with session.created, and is updated where the update says something", async () => {
    const { caller, events, nth } = await call(path);
    expect((await nth("session.created", 1)).session).toMatchObject({ id: "sess_1", tool_choice: "auto" });
    const detection = { turn_detection: { silence_duration_ms: 900 } };
    caller.send({
      type: "session.update",
      session: { ...session, ...(isGa ? { audio: { input: detection } } : detection) },
    });
    const updated = (await nth("session.updated", 1)).session ?? {};
    const input = isGa ? (updated.audio as { input: typeof updated }).input : updated;
    expect(input.turn_detection).toMatchObject({ type: "server_vad", silence_duration_ms: 900 });
    expect(updated.tool_choice).toBe("auto");
    expect(new Set(events().map(({ event_id }) => event_id)).size, "each event has an id").toBe(events().length);
  });

  it("greets once, when it is asked to", async () => {
    const { caller, events, nth } = await call(path, "--greeting-ms", "200");
    await caller.speak(600, 10);
    expect(typesOf(events())).toEqual(["session.created"]);
    caller.send({ type: "response.create" });
    await nth("response.done", 1);
    caller.send({ type: "response.create" });
    await caller.speak(700, 10);
    expect(events().filter(({ type }) => type === "response.created")).toHaveLength(1);
  });

  it("answers a turn in the documented order, and its items follow each other", async () => {
    const { caller, events, nth } = await call(path);
    await caller.speak(400, 3000);
    await nth("response.done", 1);
    await caller.speak(100, 10);
    const partial = "conversation.item.input_audio_transcription.delta";
    expect(typesOf(events()).filter((type) => type !== partial)).toEqual([
      ...["session.created", "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped"],
      ...["input_audio_buffer.committed", added, ...ofGa("conversation.item.done")],
      "conversation.item.input_audio_transcription.completed",
      ...reply,
    ]);
    const [user, agent] = events().filter(({ type }) => type === added);
    expect([user?.previous_item_id, agent?.previous_item_id]).toEqual([null, user?.item?.id]);
    const audioMs = events()
      .filter(({ type }) => type === `response.${audio}.delta`)
      .map(({ delta = "" }) => Buffer.from(delta, "base64").length / 48);
    expect(audioMs.reduce((sum, ms) => sum + ms)).toBeCloseTo(400, 0);
    expect(events().find(({ type }) => type === "response.done")?.response).toMatchObject({ status: "completed" });
  });

  it("is interrupted: speech_started first, then a cancelled response; what was heard is remembered", async () => {
    const { caller, events, nth, simulator, truth } = await call(path, "--reply-ms", "3000");
    await caller.speak(400, 3000);
    const { item_id } = await nth(`response.${audio}.delta`, 1);
    await caller.speak(400, 3000);
    const done = await nth("response.done", 1);
    expect(done.response).toMatchObject({
      status: "cancelled",
      status_details: { type: "cancelled", reason: "turn_detected" },
      output: [{ status: "incomplete" }],
    });
    const types = typesOf(events());
    expect(types.lastIndexOf("input_audio_buffer.speech_started")).toBeLessThan(types.indexOf("response.done"));
    const truncate = { type: "conversation.item.truncate", item_id, content_index: 0 };
    caller.send({ ...truncate, audio_end_ms: 40 });
    expect(await nth("conversation.item.truncated", 1)).toMatchObject({ item_id, audio_end_ms: 40 });
    caller.send({ ...truncate, audio_end_ms: 60_000 });
    expect((await nth("error", 1)).error).toMatchObject({ type: "invalid_request_error", param: "audio_end_ms" });
    caller.send({ ...truncate, item_id: "item_none", audio_end_ms: 1 });
    expect((await nth("error", 2)).error?.message).toMatch(/of 0ms/);
    await caller.hangUp();
    await simulator.stop();
    const [turn] = truth() as [TruthTurn];
    expect([turn.bargeAtMs, turn.stopAtMs, turn.cancelledAtMs]).not.toContain(null);
    expect(truth().at(-1)).toMatchObject({ type: "call", anomalies: { truncate: 2 } });
  });

  it("stops a reply that is generated but not played, without a cancelled response", async () => {
    const { caller, events, nth } = await call(path, "--reply-ms", "2400");
    await caller.speak(400, 3000);
    await nth("response.done", 1);
    await caller.speak(300, 3000);
    await nth("input_audio_buffer.speech_started", 2);
    await caller.speak(100, 10);
    expect(events().filter(({ type }) => type === "response.done")).toHaveLength(1);
  });

  it("says that speech has started also where there is nothing to stop", async () => {
    const { caller, nth } = await call(path, "--mute");
    await caller.speak(300, 3000);
    await nth("input_audio_buffer.speech_started", 1);
    await caller.speak(700, 10);
    await caller.speak(300, 3000);
    await nth("input_audio_buffer.speech_started", 2);
  });

  it("calls a function between two messages", async () => {
    const { caller, events, nth } = await call(path, "--tool-ms", "100", "--sentences", "2");
    await caller.speak(400, 3000);
    const { item } = (await nth("response.output_item.done", 2)) as ServerEvent;
    expect(item).toMatchObject({ type: "function_call", status: "completed", name: "get_claim_status" });
    await nth("response.done", 3);
    const done = events().filter(({ type }) => type === "response.done");
    expect(done.map(({ response }) => response?.output.map(({ type }) => type))).toEqual([
      ["message"],
      ["function_call"],
      ["message"],
    ]);
    const types = typesOf(events());
    const from = types.indexOf("response.function_call_arguments.delta");
    expect(types.slice(from, from + 2 + (isGa ? 1 : 0) + 2)).toEqual([
      ...["response.function_call_arguments.delta", "response.function_call_arguments.done"],
      ...ofGa("conversation.item.done"),
      ...["response.output_item.done", "response.done"],
    ]);
  });

  it.each([
    ["llm_429", "failed", { type: "failed", error: { type: "tokens", code: "rate_limit_exceeded" } }],
    ["llm_error", "incomplete", { type: "incomplete", reason: "content_filter" }],
  ])("ends the response of the fault %s as %s, without an error beside it", async (fault, status, details) => {
    const { caller, events, nth } = await call(path, "--faults", `${fault}:1`);
    await caller.speak(400, 3000);
    expect((await nth("response.done", 1)).response).toMatchObject({ status, status_details: details });
    await caller.speak(200, 10);
    expect(events().filter(({ type }) => type === "error")).toEqual([]);
    expect(events().filter(({ type }) => type === "response.created")).toHaveLength(1);
  });

  it("goes on after an error that is not of the model", async () => {
    const { caller, events, nth } = await call(path, "--faults", "null_code:1");
    await caller.speak(400, 3000);
    expect((await nth("error", 1)).error).toMatchObject({ type: "server_error", code: null, param: null });
    await caller.speak(700, 10);
    await caller.speak(400, 3000);
    await nth("error", 2);
    expect(events().filter(({ type }) => type === "error")).toHaveLength(2);
  });

  it("sends no audio outside of a response", async () => {
    const { caller, events } = await call(path, "--silence", "always");
    await caller.speak(300, 10);
    expect(typesOf(events())).toEqual(["session.created"]);
  });

  it("reports what is not of the API, and frames of another length", async () => {
    const { caller, simulator, truth } = await call(path);
    caller.send("{");
    caller.send({ type: "weather.get" });
    caller.send(Buffer.alloc(8));
    caller.sendFrame(10, 40);
    await caller.hangUp();
    await simulator.stop();
    const { anomalies } = truth().at(-1) as TruthCall;
    expect(anomalies).toEqual({ not_json: 1, unknown_event: 1, binary_frame: 1, frame_size: 1 });
  });
});

describe("today's API", () => {
  it("refuses a session that does not say its type, which the beta has not", async () => {
    const [ga, beta] = APIS;
    const refused = await call(ga.path);
    refused.caller.send({ type: "session.update", session: { instructions: "x" } });
    expect((await refused.nth("error", 1)).error).toMatchObject({ param: "session.type" });
    await refused.caller.hangUp();
    await refused.simulator.stop();
    expect(refused.truth().at(-1)).toMatchObject({ anomalies: { session_type: 1 } });
    const accepted = await call(beta.path);
    accepted.caller.send({ type: "session.update", session: { instructions: "x" } });
    expect((await accepted.nth("session.updated", 1)).session).toMatchObject({ instructions: "x" });
  });
});
