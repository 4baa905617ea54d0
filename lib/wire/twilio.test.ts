import { describe, expect, it } from "vitest";

import { encodeMulaw } from "../audio/mulaw.ts";
import { QUIET } from "../conversation/slot.ts";
import { DIAL, WIRE_SETTINGS } from "./test_wire_settings.ts";
import { twilio } from "./twilio.ts";

const CALL_ID = "k6va-2a1c7a52-5d3e-4f60-8a1b-0c9d8e7f6a5b";
const DIGITS = "2a1c7a525d3e4f608a1b0c9d8e7f6a5b";
const BASE64 = {
  encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
  decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

/** A codec on a clock that stands still until it is set, and the messages that it sends. */
function makeCodec(wireSettings = WIRE_SETTINGS) {
  const sent: ReturnType<typeof JSON.parse>[] = [];
  const clock = { nowMs: 1_000_000 };
  const codec = twilio.codec({
    socket: { sendText: (text) => sent.push(JSON.parse(text)), sendBinary: () => {} },
    callId: CALL_ID,
    base64: BASE64,
    epochMs: () => clock.nowMs,
    frameMs: 20,
    rateHz: 8000,
    quiet: twilio.pack(new Uint8Array(640), 320, BASE64),
    tokens: { response: [], end: [] },
    wireSettings,
  });
  const decode = (message: object) => codec.decode(JSON.stringify(message));
  return { codec, sent, clock, decode };
}

const media = (ms: number, level = 8000) => {
  const payload = Buffer.from(encodeMulaw(new Int16Array(8 * ms).fill(level))).toString("base64");
  return { event: "media", streamSid: "MZ1", media: { payload } };
};
const mark = (name: string) => ({ event: "mark", streamSid: "MZ1", mark: { name } });
const CLEAR = { event: "clear", streamSid: "MZ1" };

describe("what a caller sends over Twilio's wire", () => {
  it("begins with connected and start, which names the call and the format", () => {
    const { codec, sent } = makeCodec({ ...WIRE_SETTINGS, streamParameters: { tenant: "a" } });
    expect(codec.open(1_000_000)).toBe(true);
    expect(sent).toEqual([
      { event: "connected", protocol: "Call", version: "1.0.0" },
      {
        event: "start",
        sequenceNumber: "1",
        streamSid: `MZ${DIGITS}`,
        start: {
          accountSid: `AC${"0".repeat(32)}`,
          streamSid: `MZ${DIGITS}`,
          callSid: `CA${DIGITS}`,
          tracks: ["inbound"],
          mediaFormat: { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 },
          customParameters: { tenant: "a", call_id: CALL_ID },
        },
      },
    ]);
  });

  it("is a media message of 160 bytes per frame, with its numbers as text", () => {
    const { codec, sent } = makeCodec();
    codec.open(1_000_000);
    codec.send(QUIET, 1_000_020);
    codec.send(QUIET, 1_000_040.7);
    expect(sent.slice(2)).toMatchObject([
      { event: "media", sequenceNumber: "2", streamSid: `MZ${DIGITS}`, media: { chunk: "1", timestamp: "20" } },
      { event: "media", sequenceNumber: "3", media: { track: "inbound", chunk: "2", timestamp: "40" } },
    ]);
    expect(Buffer.from(sent[2].media.payload, "base64")).toHaveLength(160);
  });

  it("has a dtmf message in front of the frame in which a digit is pressed", () => {
    const { codec, sent } = makeCodec();
    const packed = twilio.pack(new Uint8Array(4 * 320), 320, BASE64);
    codec.setPiece(`${packed},18:4,20:#`, 17);
    for (const frame of [17, 18, 19, 20]) codec.send(frame, 1_000_000);
    codec.setPiece(packed, 21);
    codec.send(21, 1_000_000);
    expect(sent.map(({ event, dtmf, sequenceNumber }) => [event, dtmf, sequenceNumber])).toEqual([
      ["media", undefined, "1"],
      ["dtmf", { track: "inbound_track", digit: "4" }, "2"],
      ["media", undefined, "3"],
      ["media", undefined, "4"],
      ["dtmf", { track: "inbound_track", digit: "#" }, "5"],
      ["media", undefined, "6"],
      ["media", undefined, "7"],
    ]);
    expect(sent.every(({ streamSid }) => streamSid === `MZ${DIGITS}`)).toBe(true);
    expect(Buffer.from(sent[5].media.payload, "base64")).toHaveLength(160);
  });

  it("ends with stop", () => {
    const { codec, sent } = makeCodec();
    codec.open(0);
    codec.close?.();
    expect(sent.at(-1)).toEqual({
      event: "stop",
      sequenceNumber: "2",
      streamSid: `MZ${DIGITS}`,
      stop: { accountSid: `AC${"0".repeat(32)}`, callSid: `CA${DIGITS}` },
    });
  });

  it("has an upgrade that is signed where the token is known", () => {
    expect(twilio.dial(DIAL).headers).toEqual({ "User-Agent": "Twilio.TmeWs/1.0" });
    const wireSettings = { ...WIRE_SETTINGS, authToken: "12345" };
    expect(twilio.dial({ ...DIAL, wireSettings }).headers).toMatchObject({
      "X-Twilio-Signature": "ws://a/b signed with 12345",
    });
  });
});

describe("what an agent sends over Twilio's wire", () => {
  it.each([20, 33, 400])("is %d ms of audio, however long the message is", (ms) => {
    expect(makeCodec().decode(media(ms))).toEqual([{ type: "audio", ms }]);
  });

  it.each([0xff, 0x7f])("is silence where all bytes are %d, a zero of mu-law", (byte) => {
    const payload = Buffer.alloc(160, byte).toString("base64");
    expect(makeCodec().decode({ event: "media", media: { payload } })).toEqual([{ type: "silence", ms: 20 }]);
  });

  it("is audible from its first audible sample on", () => {
    const samples = new Int16Array(160).fill(8000, 80);
    const payload = Buffer.from(encodeMulaw(samples)).toString("base64");
    const [event] = makeCodec().decode({ event: "media", media: { payload } });
    expect(event).toMatchObject({ type: "audio", ms: 20, leadMs: 10 });
  });

  it("is a stop where it clears what has not been played", () => {
    expect(makeCodec().decode(CLEAR)).toEqual([{ type: "stop" }]);
  });

  it.each([
    { event: "media" },
    { event: "media", media: { payload: "" } },
    { event: "mark" },
    { event: "mark", mark: 7 },
  ])("is no audio and no fault where there is nothing in it: %j", (message) => {
    expect(makeCodec().decode(message)).toEqual([]);
  });
});

describe("a mark", () => {
  /** The names of the marks that came back to the agent. */
  const answered = (sent: readonly { event: string; mark?: { name: string } }[]) =>
    sent.filter(({ event }) => event === "mark").map((message) => message.mark?.name);

  it("comes back at once where no audio is queued before it", () => {
    const { decode, sent } = makeCodec();
    decode(mark("a"));
    expect(sent).toMatchObject([{ event: "mark", sequenceNumber: "1", mark: { name: "a" } }]);
  });

  it("comes back when the audio before it has been played", () => {
    const { clock, codec, decode, sent } = makeCodec();
    decode(media(300));
    decode(mark("a"));
    decode(media(200));
    decode(mark("b"));
    for (const [ms, names] of [
      [299, []],
      [300, ["a"]],
      [499, ["a"]],
      [500, ["a", "b"]],
    ] as const) {
      clock.nowMs = 1_000_000 + ms;
      codec.send(QUIET, clock.nowMs);
      expect(answered(sent), `${ms} ms`).toEqual(names);
    }
  });

  it("waits for silence that is sent as audio as well", () => {
    const { codec, decode, sent } = makeCodec();
    decode(media(100, 0));
    decode(mark("a"));
    codec.send(QUIET, 1_000_099);
    expect(answered(sent)).toEqual([]);
    codec.send(QUIET, 1_000_100);
    expect(answered(sent)).toEqual(["a"]);
  });

  it("comes back at once when the audio is cleared, and later audio is played at once", () => {
    const { codec, clock, decode, sent } = makeCodec();
    for (const message of [media(3000), mark("a"), mark("b"), CLEAR]) decode(message);
    expect(answered(sent)).toEqual(["a", "b"]);
    decode(media(20));
    decode(mark("c"));
    clock.nowMs += 20;
    codec.send(QUIET, clock.nowMs);
    expect(answered(sent)).toEqual(["a", "b", "c"]);
  });
});
