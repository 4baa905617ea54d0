import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acs } from "./acs.ts";
import { type AudioMessage, readPhoneAudio } from "./audio_message.ts";
import { audioTemplate } from "./audio_template.ts";
import { browser } from "./browser.ts";
import type { Codec, Transport } from "./codec.ts";
import { WIRE_SETTINGS } from "./test_wire_settings.ts";

const BASE64 = {
  encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
  decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

function codecOf(transport: Transport): Codec {
  const socket = { sendText() {}, sendBinary() {} };
  const tokens = { response: [], end: [] };
  return transport.codec({
    socket,
    callId: "c",
    base64: BASE64,
    epochMs: () => 0,
    wireSettings: WIRE_SETTINGS,
    frameMs: 20,
    rateHz: 16000,
    quiet: "",
    tokens,
  });
}

/** Audio messages as agents send them, and some that only look like the one before. */
const bytes = fc.oneof(fc.constantFrom(1278, 1279, 1280, 640, 0), fc.integer({ min: 0, max: 1300 }));
const data = bytes.map((length) => Buffer.alloc(length, length).toString("base64"));
const phone = fc.oneof(
  data.map((text) => `{"kind":"AudioData","audioData":{"data":"${text}","timestamp":null,"silent":false}}`),
  data.map((text) => `{"kind": "AudioData", "AudioData": {"data": "${text}"}, "StopAudio": null}`),
  data.map(
    (text) => `{"kind":"AudioData","audioData":{"data":"${text.slice(8)}","x":"1","timestamp":null,"silent":false}}`,
  ),
);
const audioData = fc
  .record({
    data,
    index: fc.nat(2000),
    rate: fc.constantFrom("16000", "24000", "-1"),
    id: fc.constantFrom("a", "b"),
    end: fc.boolean(),
  })
  .map(
    ({ data: text, index, rate, id, end }) =>
      `{"type":"audio_data","frame_index":${index},"sample_rate":${rate},"is_final":${end},"response_id":"${id}","data":"${text}"}`,
  );
const dataFirst = fc
  .record({ data, index: fc.constantFrom("0", "7", "12", "345", "-1", "", '"x"'), total: fc.constantFrom(7, 8) })
  .map(
    ({ data: text, index, total }) =>
      `{"type": "audio_data", "data": "${text}", "sample_rate": 16000, "frame_index": ${index}, "total_frames": ${total}}`,
  );

describe("audio messages that match the template", () => {
  it("are the same event, by which a conversation knows the rest of a burst", () => {
    const { decode } = codecOf(acs);
    const message = (byte: number) => {
      const text = Buffer.alloc(640, byte).toString("base64");
      return `{"kind":"AudioData","audioData":{"data":"${text}","timestamp":null,"silent":false}}`;
    };
    const [first] = decode(message(60), false);
    const [second] = decode(message(61), false);
    expect(first).toEqual({ type: "audio", ms: 20 });
    expect(second).toBe(first);
  });

  it.each<[string, Transport, fc.Arbitrary<string>]>([
    ["the phone wire", acs, phone],
    ["the browser wire", browser, audioData],
    ["the browser wire with the samples first", browser, dataFirst],
    ["the phone wire with twins", acs, fc.oneof(phone, audioData)],
  ])("are decoded on %s as by a new codec", (_, transport, message) => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 2, maxLength: 12 }), (messages) => {
        const codec = codecOf(transport);
        const isPhone = (text: string) => text.includes("AudioData");
        const decoded = messages.map((text) => codec.decode(text));
        const expected = messages.map((text) => codecOf(transport).decode(text));
        // `AudioData` is not counted once an `audio_data` message (its twin) has come, nor is the first twin after counted audio.
        const twin = messages.findIndex((text) => !isPhone(text));
        messages.forEach((text, at) => {
          const mixed = transport === acs && twin >= 0 && (isPhone(text) ? at > twin : at === twin);
          if (!mixed) expect(decoded[at]).toEqual(expected[at]);
        });
      }),
      { numRuns: 300 },
    );
  });
});

describe("an audio template", () => {
  const message = (length: number, fill = 1, more = "") =>
    `{"kind":"AudioData","audioData":{"data":"${Buffer.alloc(length, fill).toString("base64")}"${more},"silent":false}}`;
  const stored: Omit<AudioMessage, "span"> = {
    events: [{ type: "audio", ms: 40 }],
    silence: [{ type: "silence", ms: 40 }],
    ms: 40,
    saysSilent: false,
    rateHz: 16000,
    text: null,
  };
  const make = () =>
    audioTemplate(
      (text) => {
        const start = text.indexOf('"data":"') + 8;
        return { ...stored, span: { start, end: text.indexOf('"', start) } };
      },
      () => 0,
    );

  it.each([640, 1278, 1279, 1280])("matches the next message of %d bytes, with other samples", (length) => {
    const { samplesAt, read } = make();
    read(message(length), true);
    expect(samplesAt(message(length, 200))).toBeGreaterThan(0);
  });

  it.each([
    [1278, 1277],
    [1278, 1276],
    [1280, 1281],
    [1280, 1279],
  ])("of %d bytes does not match a message of %d, though both have as many characters", (length, other) => {
    const { samplesAt, read } = make();
    expect(message(other)).toHaveLength(message(length).length);
    read(message(length), true);
    expect(samplesAt(message(other))).toBe(-1);
  });

  it("does not match a message whose samples end sooner", () => {
    const { samplesAt, read } = make();
    read(message(1278), true);
    const sooner = message(1272, 1, ',"x":"1"');
    expect(sooner).toHaveLength(message(1278).length);
    expect(samplesAt(sooner)).toBe(-1);
  });

  it.each([
    ["before", (index: string, data: string) => `{"frame_index":${index},"rate":1,"data":"${data}"}`],
    ["after", (index: string, data: string) => `{"data":"${data}","rate":1,"frame_index":${index},"n":2}`],
  ])("matches any number %s the samples, but nothing else in its place", (_, messageWith) => {
    const { samplesAt, read } = make();
    read(messageWith("9", "AAAA"), true);
    for (const index of ["0", "10", "123456789"]) expect(samplesAt(messageWith(index, "AbCd"))).toBeGreaterThan(0);
    for (const index of ["", "x", "-1", "1e3", "1234567890"]) expect(samplesAt(messageWith(index, "AbCd"))).toBe(-1);
    for (const data of ["AbC=", "Ab==", "AbCdAbCd", "", 'A"Cd']) expect(samplesAt(messageWith("9", data))).toBe(-1);
  });

  it("does not store a message without samples", () => {
    const { samplesAt, read } = audioTemplate(
      (text) => readPhoneAudio(text, 16000),
      () => 0,
    );
    read(message(0), true);
    expect(samplesAt(message(0))).toBe(-1);
  });
});
