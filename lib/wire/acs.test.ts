import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../conversation/event.ts";
import { QUIET } from "../conversation/slot.ts";
import { acs } from "./acs.ts";
import { DIAL, WIRE_SETTINGS } from "./test_wire_settings.ts";

const CALL_ID = "end-429-2a1c7a52-4c00-4a53-ad42-1a7af2ce410e";
const TOKENS = { response: ["response"], end: ["final", "end", "completed"] };

const BASE64 = {
  encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
  decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

function makeCodec(rateHz = 16000) {
  const sent: string[] = [];
  const socket = { sendText: (text: string) => sent.push(text), sendBinary: () => {} };
  const quiet = acs.pack(new Uint8Array(2 * 640).fill(7), 640, BASE64);
  const options = {
    socket,
    callId: CALL_ID,
    base64: BASE64,
    epochMs: () => 0,
    wireSettings: WIRE_SETTINGS,
    frameMs: 20,
    rateHz,
    quiet,
    tokens: TOKENS,
  };
  return { codec: acs.codec(options), sent };
}

function decode(...messages: unknown[]): readonly Event[] {
  const { codec } = makeCodec();
  return messages.flatMap((message) => codec.decode(typeof message === "string" ? message : JSON.stringify(message)));
}

const data = (bytes: number) => Buffer.alloc(bytes, 1).toString("base64");

describe("what the phone codec sends", () => {
  it("identifies the call in the headers that ACS sends", () => {
    expect(acs.dial({ ...DIAL, callId: CALL_ID })).toEqual({
      url: "ws://a/b",
      headers: { "x-ms-call-connection-id": CALL_ID, "x-ms-call-correlation-id": CALL_ID, "x-session-id": CALL_ID },
    });
  });

  it("begins with AudioMetadata in its exact shape", () => {
    const { codec, sent } = makeCodec();
    codec.open(0);
    expect(JSON.parse(sent[0] ?? "")).toEqual({
      kind: "AudioMetadata",
      audioMetadata: { subscriptionId: CALL_ID, encoding: "PCM", sampleRate: 16000, channels: 1, length: 640 },
    });
  });

  it("sends each frame as 856 characters of base64, with silent: false", () => {
    const { codec, sent } = makeCodec();
    const pcm = Uint8Array.from({ length: 3 * 640 }, (_, index) => index % 251);
    codec.setPiece(acs.pack(pcm, 640, BASE64), 0);
    codec.send(1, Date.UTC(2026, 0, 2, 19, 16, 12, 925));
    const message = JSON.parse(sent[0] ?? "");
    expect(message.audioData).toMatchObject({
      timestamp: "2026-01-02T19:16:12.925Z",
      participantRawID: `8:acs:${CALL_ID}`,
      silent: false,
    });
    expect(message.audioData.data).toHaveLength(856);
    expect(Buffer.from(message.audioData.data, "base64")).toEqual(Buffer.from(pcm.slice(640, 1280)));
  });

  it("states the rate in AudioMetadata when it is not 16 kHz", () => {
    const { codec, sent } = makeCodec(24000);
    codec.open(0);
    codec.setPiece(acs.pack(new Uint8Array(2 * 960).fill(3), 960, BASE64), 0);
    codec.send(1, 0);
    expect(JSON.parse(sent[0] ?? "").audioMetadata).toMatchObject({ sampleRate: 24000, length: 960 });
    expect(Buffer.from(JSON.parse(sent[1] ?? "").audioData.data, "base64")).toEqual(Buffer.alloc(960, 3));
  });

  it("stamps each frame as a Date prints its time, whatever times came before it", () => {
    const instant = fc.double({ min: 0, max: 4_102_444_800_000, noNaN: true });
    const step = fc.oneof(fc.double({ min: -3000, max: 3000, noNaN: true }), fc.integer({ min: -20, max: 20 }));
    fc.assert(
      fc.property(instant, fc.array(step, { maxLength: 40 }), (from, steps) => {
        const { codec, sent } = makeCodec();
        let atMs = from;
        for (const ms of steps) {
          atMs = Math.max(0, atMs + ms);
          codec.send(QUIET, atMs);
          expect(JSON.parse(sent.at(-1) ?? "").audioData.timestamp).toBe(new Date(atMs).toISOString());
        }
      }),
    );
  });

  it("sends its quiet frames in a loop", () => {
    const { codec, sent } = makeCodec();
    for (let frame = 0; frame < 3; frame += 1) codec.send(QUIET, 0);
    expect(sent[0]).toBe(sent[2]);
    expect(Buffer.from(JSON.parse(sent[1] ?? "").audioData.data, "base64")).toEqual(Buffer.alloc(640, 7));
  });
});

describe("audio on the phone wire", () => {
  it.each([
    [
      "compact, as cascade sends it",
      `{"kind":"AudioData","audioData":{"data":"${data(1280)}","timestamp":null,"participantRawID":null,"silent":false}}`,
    ],
    ["spaced", `{"kind": "AudioData", "audioData": {"data": "${data(1280)}", "silent": false}}`],
    ["with the data last", `{"kind":"AudioData","audioData":{"silent":false,"data":"${data(1280)}"}}`],
    ["as VoiceLive sends it", `{"kind":"AudioData","AudioData":{"data":"${data(1280)}"},"StopAudio":null}`],
    ["as G1 sent it", `{"kind":"AudioData","AudioData":{"data":"${data(1280)}","sequenceId":"7"},"StopAudio":null}`],
    [
      "in the casing of the ACS documentation",
      `{"Kind":"AudioData","AudioData":{"Data":"${data(1280)}"},"StopAudio":null}`,
    ],
    ["with its kind last", `{"audioData":{"data":"${data(1280)}"},"kind":"AudioData"}`],
  ])("%s", (_, message) => {
    expect(decode(message)).toEqual([{ type: "audio", ms: 40 }]);
  });

  it("has the duration of its bytes, whatever the padding", () => {
    for (const bytes of [2, 4, 6, 638, 640, 642, 1280]) {
      expect(decode(`{"kind":"AudioData","audioData":{"data":"${data(bytes)}"}}`)).toEqual([
        { type: "audio", ms: bytes / 32 },
      ]);
    }
  });

  it("is no event without data", () => {
    expect(
      decode(
        '{"kind":"AudioData","audioData":{"data":""}}',
        '{"kind":"AudioData","audioData":null}',
        '{"kind":"AudioData","audioData":{"data":null}}',
      ),
    ).toEqual([]);
  });

  it("that VoiceLive sends twice is counted once, with its response id from the second piece on", () => {
    const audio = { kind: "AudioData", AudioData: { data: data(640) }, StopAudio: null };
    // VoiceLive's duplicate of an `AudioData` message, the twin.
    const twin = (index: number) => ({
      type: "audio_data",
      frame_index: index,
      total_frames: null,
      sample_rate: 16000,
      is_final: false,
      response_id: "resp_1",
      data: data(640),
    });
    expect(decode(audio, twin(0), audio, twin(1), audio, twin(2))).toEqual([
      { type: "audio", ms: 20 },
      { type: "audio", ms: 20, responseId: "resp_1" },
      { type: "audio", ms: 20, responseId: "resp_1" },
    ]);
  });

  it("is counted once too when the twin arrives before its AudioData", () => {
    const audio = { kind: "AudioData", AudioData: { data: data(640) } };
    const twin = { type: "audio_data", sample_rate: 24000, is_final: false, response_id: "r", data: data(960) };
    expect(decode(twin, audio)).toEqual([{ type: "audio", ms: 20, responseId: "r" }]);
  });
});

describe("a message on the phone wire", () => {
  it.each([
    ["stop, lower case", { kind: "StopAudio", AudioData: null, StopAudio: {} }, [{ type: "stop" }]],
    ["stop, upper case", { Kind: "StopAudio", AudioData: null, StopAudio: {} }, [{ type: "stop" }]],
    ["stop without a body", { kind: "StopAudio", StopAudio: null }, [{ type: "stop" }]],
    [
      "VoiceLive error",
      { kind: "ErrorData", errorData: { code: "rate_limit_exceeded", message: "x" } },
      [{ type: "fault", fault: { kind: "rate_limit", source: "openai", code: "rate_limit_exceeded" } }],
    ],
    [
      "VoiceLive error without code",
      { kind: "ErrorData", errorData: { code: null, message: "x" } },
      [{ type: "fault", fault: { kind: "server_error", code: "unknown" } }],
    ],
    [
      "end of a VoiceLive reply",
      {
        type: "audio_data",
        frame_index: 41,
        total_frames: null,
        sample_rate: 24000,
        is_final: true,
        response_id: "resp_1",
      },
      [{ type: "replyEnd" }],
    ],
  ])("%s", (_, message, events) => {
    expect(decode(message)).toEqual(events);
  });

  it("is not searched for words in the call's own id", () => {
    const message = { type: "error", payload: { code: "X", message: `session ${CALL_ID} failed`, source: "unknown" } };
    expect(decode(message)).toEqual([{ type: "fault", fault: { kind: "server_error", code: "X" } }]);
  });

  it("is a notice when it is not a JSON object", () => {
    expect(decode("not json")).toMatchObject([{ type: "fault", fault: { kind: "notice", code: "bad_json" } }]);
    for (const message of ["123", "null", "[]", '"end"', "{}"]) {
      expect(decode(message)).toMatchObject([{ type: "fault", fault: { kind: "notice", code: "unknown_message" } }]);
    }
  });
});
