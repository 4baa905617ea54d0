import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { acs } from "./acs.ts";
import { browser } from "./browser.ts";
import type { Codec, Transport } from "./codec.ts";

const BASE64 = {
  encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
  decode: (text: string) => new Uint8Array(Buffer.from(text, "base64")).buffer,
};

function codecOf(transport: Transport): Codec {
  const socket = { sendText() {}, sendBinary() {} };
  const tokens = { response: [], end: [] };
  return transport.codec({ socket, callId: "c", base64: BASE64, frameMs: 20, rateHz: 16000, quiet: "", tokens });
}

/** Audio messages as agents word them, and some that only look like the last one. */
const bytes = fc.oneof(fc.constant(1280), fc.integer({ min: 0, max: 1300 }));
const data = bytes.map((length) => Buffer.alloc(length, length).toString("base64"));
const phone = fc.oneof(
  data.map((text) => `{"kind":"AudioData","audioData":{"data":"${text}","timestamp":null,"silent":false}}`),
  data.map((text) => `{"kind": "AudioData", "AudioData": {"data": "${text}"}, "StopAudio": null}`),
  data.map(
    (text) => `{"kind":"AudioData","audioData":{"data":"${text.slice(9)}","x":"1","timestamp":null,"silent":false}}`,
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

describe("audio that is recognised by how the last one looked", () => {
  it.each<[string, Transport, fc.Arbitrary<string>]>([
    ["a phone", acs, phone],
    ["a browser", browser, audioData],
  ])("means on %s what it means to a codec that never heard any", (_, transport, message) => {
    fc.assert(
      fc.property(fc.array(message, { minLength: 2, maxLength: 12 }), (messages) => {
        const codec = codecOf(transport);
        for (const text of messages) expect(codec.decode(text)).toEqual(codecOf(transport).decode(text));
      }),
      { numRuns: 300 },
    );
  });
});
