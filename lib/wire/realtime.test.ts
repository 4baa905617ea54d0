import { describe, expect, it } from "vitest";

import { QUIET } from "../conversation/slot.ts";
import { realtime } from "./realtime.ts";
import { DIAL, WIRE_SETTINGS } from "./test_wire_settings.ts";

const BASE64 = {
  encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
  decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

/** A codec on a clock that stands still until it is set, and the messages that it sends. */
function makeCodec(settings: Partial<typeof WIRE_SETTINGS> = {}) {
  const sent: ReturnType<typeof JSON.parse>[] = [];
  const clock = { nowMs: 1_000_000 };
  const codec = realtime.codec({
    socket: { sendText: (text) => sent.push(JSON.parse(text)), sendBinary: () => {} },
    callId: "k6va-1",
    base64: BASE64,
    epochMs: () => clock.nowMs,
    frameMs: 20,
    rateHz: 24000,
    quiet: realtime.pack(new Uint8Array(1920), 960, BASE64),
    tokens: { response: [], end: [] },
    wireSettings: { ...WIRE_SETTINGS, ...settings },
  });
  let events = 0;
  const decode = (message: object) => {
    events += 1;
    return codec.decode(JSON.stringify({ event_id: `event_${String(events).padStart(12, "0")}`, ...message }));
  };
  return { codec, sent, clock, decode };
}

const delta = (ms: number, type = "response.output_audio.delta", level = 8000) => {
  const audio = Buffer.from(new Int16Array(24 * ms).fill(level).buffer).toString("base64");
  return { type, response_id: "resp_1", item_id: "item_1", output_index: 0, content_index: 0, delta: audio };
};
const itemAdded = (id: string, type = "message") => ({ type: "response.output_item.added", item: { id, type } });
const done = (status: string, more: object = {}) => ({ type: "response.done", response: { id: "r", status, ...more } });
const SPEECH_STARTED = { type: "input_audio_buffer.speech_started", audio_start_ms: 10, item_id: "item_u" };

describe("a dial of a Realtime API", () => {
  const dial = (settings: Partial<typeof WIRE_SETTINGS>, url = "wss://a/v1/realtime") =>
    realtime.dial({ ...DIAL, url, wireSettings: { ...WIRE_SETTINGS, ...settings } });

  it.each([
    ["openai", "wss://a/v1/realtime?model=m", { Authorization: "Bearer k" }],
    ["azure_openai", "wss://a/v1/realtime?model=m", { "api-key": "k" }],
    ["voice_live", "wss://a/v1/realtime?api-version=2026-07-15&model=m", { "api-key": "k" }],
  ] as const)("of %s names the model and the key", (api, url, headers) => {
    expect(dial({ api, model: "m", apiKey: "k" })).toEqual({
      url,
      headers: { "X-Client-Request-Id": "S", ...headers },
    });
  });

  it("of an older version of Azure OpenAI names the deployment", () => {
    const { url } = dial({ api: "azure_openai", apiVersion: "2025-04-01-preview", model: "my-gpt" });
    expect(url).toBe("wss://a/v1/realtime?api-version=2025-04-01-preview&deployment=my-gpt");
  });

  it("leaves what the URL says, and sends no key where there is none", () => {
    expect(dial({ model: "m" }, "wss://a/x?model=own")).toEqual({
      url: "wss://a/x?model=own",
      headers: { "X-Client-Request-Id": "S" },
    });
  });
});

describe("a session of a Realtime API", () => {
  it("is asked for first, and the call begins when it is accepted", () => {
    const { codec, decode, sent } = makeCodec();
    expect(codec.open(0)).toBe(false);
    expect(sent).toMatchObject([{ type: "session.update", session: { type: "realtime" } }]);
    expect(decode({ type: "session.created", session: {} })).toEqual([]);
    expect(decode({ type: "session.updated", session: {} })).toEqual([{ type: "open" }]);
    expect(decode({ type: "session.updated", session: {} })).toEqual([]);
    expect(sent).toHaveLength(1);
  });

  it("is that of the file of SESSION where there is one", () => {
    const { codec, sent } = makeCodec({ session: '{"type":"realtime","instructions":"be brief"}' });
    codec.open(0);
    expect(sent).toEqual([{ type: "session.update", session: { type: "realtime", instructions: "be brief" } }]);
  });

  it.each([{ api: "voice_live" }, { api: "azure_openai", apiVersion: "2025-04-01-preview" }] as const)(
    "has the shape of the beta for %j",
    (settings) => {
      const { codec, sent } = makeCodec(settings);
      codec.open(0);
      expect(sent[0].session).toMatchObject({ input_audio_format: "pcm16", turn_detection: { type: "server_vad" } });
    },
  );

  it("asks for a greeting once it is accepted, where it should", () => {
    const { decode, sent } = makeCodec({ asksForGreeting: true });
    decode({ type: "session.updated" });
    expect(sent).toEqual([{ type: "response.create" }]);
  });

  it("gets frames of 20 ms of 24 kHz PCM", () => {
    const { codec, sent } = makeCodec();
    codec.send(QUIET, 0);
    expect(sent).toMatchObject([{ type: "input_audio_buffer.append" }]);
    expect(Buffer.from(sent[0].audio, "base64")).toHaveLength(960);
  });
});

describe("what a Realtime API sends", () => {
  it.each(["response.output_audio.delta", "response.audio.delta"])("is audio of a response: %s", (type) => {
    const { decode } = makeCodec();
    const audio = [{ type: "audio", ms: 200, responseId: "resp_1" }];
    expect(decode(delta(200, type))).toEqual(audio);
    expect(decode(delta(200, type))).toEqual(audio);
    expect(decode(delta(200, type, 0))).toEqual([{ type: "silence", ms: 200 }]);
  });

  it.each([
    ["a stop", SPEECH_STARTED, ["stop"]],
    ["a user final", { type: "conversation.item.input_audio_transcription.completed", transcript: "x" }, ["userFinal"]],
    ["reply text", { type: "response.output_audio_transcript.delta", delta: 'audio.delta"' }, ["replyText"]],
    ["reply text of the beta", { type: "response.audio_transcript.delta", delta: "Hi" }, ["replyText"]],
    ["the end of a reply", done("completed"), ["replyEnd"]],
    ["a cancelled reply", done("cancelled", { status_details: { reason: "turn_detected" } }), ["cancelled"]],
    [
      "an unfinished reply",
      done("incomplete", { status_details: { reason: "content_filter" } }),
      ["fault", "replyEnd"],
    ],
    ["an error", { type: "error", error: { type: "invalid_request_error", code: "x" } }, ["fault"]],
    ["nothing of a turn", { type: "rate_limits.updated", rate_limits: [{ name: "requests", remaining: 0 }] }, []],
    ["a type that is not known", { type: "response.hologram.delta" }, ["fault"]],
  ])("is %s", (_, message, types) => {
    expect(
      makeCodec()
        .decode(message)
        .map(({ type }) => type),
    ).toEqual(types);
  });

  it.each([
    [
      "a failed response",
      done("failed", { status_details: { error: { code: "rate_limit_exceeded", message: "TPM" } } }),
    ],
    ["an error", { type: "error", error: { code: "insufficient_quota", message: "You exceeded your current quota" } }],
    ["an error with its type alone", { type: "error", error: { type: "rate_limit_exceeded" } }],
  ])("is throttling by the model where %s says so", (_, message) => {
    expect(makeCodec().decode(message)[0]).toMatchObject({ fault: { kind: "rate_limit", source: "openai" } });
  });

  it("is no error of the turn where a cancel had nothing to cancel", () => {
    const message = { type: "error", error: { code: "response_cancel_not_active", message: "no active response" } };
    expect(makeCodec().decode(message)).toMatchObject([{ fault: { kind: "notice" } }]);
  });
});

describe("an interruption", () => {
  it("tells the agent how much of the item was played", () => {
    const { clock, decode, sent } = makeCodec();
    decode(itemAdded("item_1"));
    for (let count = 0; count < 15; count += 1) decode(delta(200));
    clock.nowMs += 1234;
    expect(decode(SPEECH_STARTED)).toEqual([{ type: "stop" }]);
    expect(sent).toEqual([
      { type: "conversation.item.truncate", item_id: "item_1", content_index: 0, audio_end_ms: 1234 },
    ]);
  });

  it("counts the audio of the last item only", () => {
    const { clock, decode, sent } = makeCodec();
    decode(itemAdded("item_1"));
    decode(delta(1000));
    decode(itemAdded("item_2"));
    decode(delta(500));
    clock.nowMs += 1100;
    decode(SPEECH_STARTED);
    expect(sent).toMatchObject([{ item_id: "item_2", audio_end_ms: 100 }]);
  });

  it("tells nothing of an item of which nothing was heard, nor where the agent itself does it", () => {
    const { decode, sent } = makeCodec();
    decode(itemAdded("item_1"));
    decode(delta(200));
    decode(SPEECH_STARTED);
    expect(sent).toEqual([]);
    const other = makeCodec({ session: '{"turn_detection":{"type":"server_vad","auto_truncate":true}}' });
    other.codec.open(0);
    other.decode(itemAdded("item_1"));
    other.decode(delta(200));
    other.clock.nowMs += 100;
    other.decode(SPEECH_STARTED);
    expect(other.sent.map(({ type }) => type)).toEqual(["session.update"]);
  });

  it("tells nothing when all has been played, as at every other speech start", () => {
    const { clock, decode, sent } = makeCodec();
    decode(itemAdded("item_1"));
    decode(delta(200));
    clock.nowMs += 200;
    decode(SPEECH_STARTED);
    expect(sent).toEqual([]);
  });
});

describe("a call of a function", () => {
  const call = { type: "function_call", call_id: "call_7", name: "lookup", arguments: "{}" };

  it("is answered with TOOL_OUTPUT, and the reply goes on", () => {
    const { decode, sent } = makeCodec({ toolOutput: '{"found":true}' });
    expect(decode(done("completed", { output: [call] })).map(({ type }) => type)).toEqual([
      "toolStart",
      "replyEnd",
      "toolEnd",
    ]);
    expect(sent).toEqual([
      {
        type: "conversation.item.create",
        item: { type: "function_call_output", call_id: "call_7", output: '{"found":true}' },
      },
      { type: "response.create" },
    ]);
  });

  it("is not answered where the response was cancelled", () => {
    const { decode, sent } = makeCodec();
    decode(done("cancelled", { output: [call] }));
    expect(sent).toEqual([]);
  });
});
