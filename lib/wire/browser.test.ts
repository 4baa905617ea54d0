import { describe, expect, it } from "vitest";

import { browser } from "./browser.ts";
import { DIAL, WIRE_SETTINGS } from "./test_wire_settings.ts";

const data = (bytes: number) => Buffer.alloc(bytes, 1).toString("base64");

function decode(...messages: unknown[]) {
  const base64 = {
    encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
    decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer,
  };
  const socket = { sendText: () => {}, sendBinary: () => {} };
  const codec = browser.codec({
    socket,
    callId: "S",
    base64,
    epochMs: () => 0,
    wireSettings: WIRE_SETTINGS,
    frameMs: 20,
    rateHz: 16000,
    quiet: "",
    tokens: { response: [], end: [] },
  });
  return messages.flatMap((message) => codec.decode(typeof message === "string" ? message : JSON.stringify(message)));
}

describe("what the browser codec sends", () => {
  it("has the session in the URL, and no headers that would make it a phone call", () => {
    expect(browser.dial(DIAL)).toEqual({
      url: "ws://a/b?session_id=S",
      headers: {},
    });
    expect(browser.dial({ ...DIAL, url: "ws://a/b?x=1", pipeline: "voicelive" }).url).toBe(
      "ws://a/b?x=1&session_id=S&streaming_mode=voice_live",
    );
  });

  it("is nothing when it connects: the agent would take it for typed words", () => {
    const sent: unknown[] = [];
    const socket = {
      sendText: (text: string) => sent.push(text),
      sendBinary: (bytes: ArrayBuffer) => sent.push(bytes),
    };
    const base64 = { encode: () => "", decode: () => new ArrayBuffer(640) };
    browser
      .codec({
        socket,
        callId: "S",
        base64,
        epochMs: () => 0,
        wireSettings: WIRE_SETTINGS,
        frameMs: 20,
        rateHz: 16000,
        quiet: "",
        tokens: { response: [], end: [] },
      })
      .open(0);
    expect(sent).toEqual([]);
  });

  it("is 24 kHz for VoiceLive, which owes a stop only while its reply is not complete", () => {
    expect([browser.sampleRateHz("cascade"), browser.sampleRateHz("voicelive")]).toEqual([16000, 24000]);
    expect([browser.stopOwedAfterEnd("cascade"), browser.stopOwedAfterEnd("voicelive")]).toEqual([true, false]);
  });
});

describe("what the browser codec decodes", () => {
  it.each([
    [
      "cascade, 50 ms at 48 kHz",
      { type: "audio_data", data: data(4800), sample_rate: 48000, frame_index: 0, total_frames: 37, is_final: false },
      50,
    ],
    [
      "cascade, the last frame of a sentence",
      { type: "audio_data", data: data(4800), sample_rate: 48000, frame_index: 36, total_frames: 37, is_final: true },
      50,
    ],
    [
      "G1, 20 ms",
      { type: "audio_data", data: data(1920), sample_rate: 48000, frame_index: 0, total_frames: 9, is_final: false },
      20,
    ],
  ])("%s", (_, message, ms) => {
    expect(decode(message)).toEqual([{ type: "audio", ms }]);
  });

  it("VoiceLive audio at the rate in each message, which can change within a call", () => {
    const piece = (sample_rate: number) => ({
      type: "audio_data",
      frame_index: 0,
      total_frames: null,
      sample_rate,
      is_final: false,
      response_id: "r1",
      data: data(4800),
    });
    expect(decode(piece(16000), piece(24000))).toEqual([
      { type: "audio", ms: 150, responseId: "r1" },
      { type: "audio", ms: 100, responseId: "r1" },
    ]);
  });

  it("the end of a reply where VoiceLive marks it without data, not at the end of a sentence", () => {
    expect(
      decode({
        type: "audio_data",
        frame_index: 41,
        total_frames: null,
        sample_rate: 24000,
        is_final: true,
        response_id: "r1",
      }),
    ).toEqual([{ type: "replyEnd" }]);
  });

  it("both stop messages", () => {
    const control = (action: string) => ({ type: "control", action, reason: "barge_in", session_id: "S" });
    expect(decode(control("tts_cancelled"), control("audio_stop"))).toEqual([{ type: "stop" }, { type: "stop" }]);
  });
});
