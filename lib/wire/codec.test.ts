/** Contract tests: what the codec of every wire must do, on every wire, pipeline and rate. */

import { describe, expect, it } from "vitest";
import { encodeMulaw } from "../audio/mulaw.ts";
import { QUIET } from "../conversation/slot.ts";
import { acs } from "./acs.ts";
import { browser } from "./browser.ts";
import type { Codec, Transport } from "./codec.ts";
import { realtime } from "./realtime.ts";
import { WIRE_SETTINGS } from "./test_wire_settings.ts";
import { twilio } from "./twilio.ts";

const CALL_ID = "k6va-429-end-2a1c7a52";
const TOKENS = { response: ["response"], end: ["final", "end"] };
const BASE64 = {
  encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
  decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

/** Makes a codec, and the list of the audio that it sends. */
function make(transport: Transport, rateHz: number, quietPcm = new Uint8Array(3 * frameBytes(rateHz))) {
  const audio: Buffer[] = [];
  const socket = {
    sendText: (text: string) => {
      const message = JSON.parse(text);
      const data = message.audioData?.data ?? message.media?.payload ?? message.audio;
      if (data !== undefined) audio.push(Buffer.from(data, "base64"));
    },
    sendBinary: (bytes: ArrayBuffer) => audio.push(Buffer.from(bytes)),
  };
  const quiet = transport.pack(quietPcm, frameBytes(rateHz), BASE64);
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
  return { codec: transport.codec(options), audio };
}

function frameBytes(rateHz: number): number {
  return (rateHz / 50) * 2;
}

/** Makes PCM in which every frame is different. */
function speech(frames: number, rateHz: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length: frames * frameBytes(rateHz) }, (_, at) => (at * 31 + Math.floor(at / 640)) % 256);
}

const envelope = (type: string, payload: unknown) => ({
  type,
  topic: "session",
  session_id: CALL_ID,
  sender: "User",
  payload,
});

/** Messages that every wire can carry, and the types of their events, which are the same on every wire. */
const MEANINGS: readonly [string, unknown, readonly string[]][] = [
  [
    "a user final",
    envelope("event", { type: "user", content: "x", streaming: false, status: "completed" }),
    ["userFinal"],
  ],
  ["reply text", envelope("assistant_streaming", { content: "x", streaming: true }), ["replyText"]],
  [
    "a structured end",
    envelope("event", { type: "assistant", content: "x", streaming: false, status: "completed" }),
    ["replyEnd"],
  ],
  ["a cancelled reply", envelope("event", { type: "assistant_cancelled", status: "cancelled" }), ["cancelled"]],
  ["a partial", envelope("event", { event_type: "stt_partial", data: {} }), []],
  ["a tool's start", { type: "tool_start", tool: "t" }, ["toolStart"]],
  ["a tool's end", { type: "tool_end", tool: "t", status: "success" }, ["toolEnd"]],
  ["an error envelope", envelope("error", { code: "X", message: "x", source: "llm" }), ["fault"]],
  ["VoiceLive's error", { kind: "ErrorData", errorData: { code: "x", message: "x" } }, ["fault"]],
  ["VoiceLive's end marker", { type: "audio_data", frame_index: 4, is_final: true, response_id: "r" }, ["replyEnd"]],
  [
    "VoiceLive's audio",
    { type: "audio_data", sample_rate: 24000, is_final: false, response_id: "r", data: "AQEB" },
    ["audio"],
  ],
  ["text that is not JSON", "{", ["fault"]],
  ["a number", "429", ["fault"]],
];

/** Messages that no agent should send: none may make a codec throw, and none may be audio, an end or throttling. */
const HOSTILE = [
  "",
  "null",
  "[]",
  '""',
  "{}",
  '{"type":{}}',
  '{"type":"event","payload":null}',
  '{"type":"event","payload":{"type":[]}}',
  '{"type":"audio_data"}',
  '{"type":"audio_data","data":7}',
  '{"type":"audio_data","data":"AA==","sample_rate":"x"}',
  '{"type":"audio_data","data":"AAAA","sample_rate":-1}',
  '{"kind":"AudioData","audioData":[]}',
  '{"kind":"AudioData","audioData":{"data":{}}}',
  '{"kind":null}',
  '{"type":"__proto__"}',
  `{"type":"event","payload":${"[".repeat(500)}${"]".repeat(500)}}`,
];

/** The bytes that stand for PCM on a wire. */
type Coded = (pcm: Uint8Array<ArrayBuffer>) => Buffer;

const asPcm: Coded = (pcm) => Buffer.from(pcm);
const asMulaw: Coded = (pcm) => Buffer.from(encodeMulaw(new Int16Array(pcm.buffer)));

/** Whether a wire carries a message: only the accelerator's wires have its audio, and a Realtime API has no envelopes. */
function carries(transport: Transport, name: string): boolean {
  if (transport === realtime) return ["text that is not JSON", "a number"].includes(name);
  return transport !== twilio || !["VoiceLive's end marker", "VoiceLive's audio"].includes(name);
}

describe.each<[string, Transport, number, Coded]>([
  ["acs", acs, 16000, asPcm],
  ["acs at 24 kHz", acs, 24000, asPcm],
  ["browser, cascade", browser, 16000, asPcm],
  ["browser, VoiceLive", browser, 24000, asPcm],
  ["Twilio", twilio, 8000, asMulaw],
  ["Realtime", realtime, 24000, asPcm],
])("the %s codec", (_, transport, rateHz, coded) => {
  it("sends every frame of an utterance unchanged, in any order", () => {
    const { codec, audio } = make(transport, rateHz);
    const pcm = speech(5, rateHz);
    codec.setPiece(transport.pack(pcm, frameBytes(rateHz), BASE64), 20);
    for (const frame of [20, 21, 22, 23, 24, 22]) codec.send(frame, 0);
    expect(Buffer.concat(audio.slice(0, 5))).toEqual(coded(pcm));
    expect(audio[5]).toEqual(audio[2]);
  });

  it("sends frames of the new piece after the piece was changed", () => {
    const { codec, audio } = make(transport, rateHz);
    for (const frames of [2, 3]) {
      codec.setPiece(
        transport.pack(speech(frames + 1, rateHz).slice(frameBytes(rateHz) * (frames - 1)), frameBytes(rateHz), BASE64),
        0,
      );
      codec.send(0, 0);
    }
    expect(audio[0]).not.toEqual(audio[1]);
  });

  it("sends its quiet frames in a loop, each as a whole frame", () => {
    const quiet = speech(3, rateHz);
    const { codec, audio } = make(transport, rateHz, quiet);
    for (let slot = 0; slot < 4; slot += 1) codec.send(QUIET, 0);
    expect(Buffer.concat(audio.slice(0, 3))).toEqual(coded(quiet));
    expect(audio[3]).toEqual(audio[0]);
  });

  it.each(MEANINGS.filter(([name]) => carries(transport, name)))("decodes %s", (_name, message, types) => {
    const text = typeof message === "string" ? message : JSON.stringify(message);
    const spaced = typeof message === "string" ? message : JSON.stringify(message, null, 1);
    const decode = (codec: Codec, json: string) => codec.decode(json).map(({ type }) => type);
    expect(decode(make(transport, rateHz).codec, text)).toEqual(types);
    expect(decode(make(transport, rateHz).codec, spaced)).toEqual(types);
  });

  it("never throws, and decodes invalid messages to nothing but notices", () => {
    const { codec } = make(transport, rateHz);
    for (const message of HOSTILE) {
      for (const event of codec.decode(message)) {
        expect(event.type, message).toBe("fault");
        expect(event, message).toMatchObject({ fault: { kind: "notice" } });
      }
    }
  });
});
