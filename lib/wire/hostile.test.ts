/** Property tests: no message and no error text of an agent makes a codec throw, breaks a conversation or is misread by chance. */

import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Conversation } from "../conversation/conversation.ts";
import type { Event } from "../conversation/event.ts";
import { RULES } from "../conversation/play.ts";
import type { Codec, Transport } from "./codec.ts";
import { dialFaults, socketFault } from "./connection_faults.ts";
import { faultOf, rateSource } from "./faults.ts";
import { WIRE_SETTINGS } from "./test_wire_settings.ts";
import { WIRES } from "./wires.ts";

const CALL_ID = "end-429-5f3a";

/** A fault that does not concern the turn: on the browser wire `AudioData` is an unknown message. */
interface Notice {
  readonly fault?: { readonly kind: string };
}

function codecOf(transport: Transport): Codec {
  return transport.codec({
    socket: { sendText: () => {}, sendBinary: () => {} },
    callId: CALL_ID,
    epochMs: () => 0,
    wireSettings: WIRE_SETTINGS,
    base64: {
      encode: (bytes) => Buffer.from(bytes).toString("base64"),
      decode: (text) => new Uint8Array(Buffer.from(text, "base64")).buffer,
    },
    frameMs: 20,
    rateHz: 16000,
    quiet: Buffer.alloc(640).toString("base64"),
    tokens: { response: ["transcript"], end: ["final", "end"] },
  });
}

/** JSON with the keys and values that agents use, in shapes that no agent sends. */
const words = fc.constantFrom(
  ..."kind Kind type payload event event_type AudioData audioData StopAudio data Data ErrorData errorData code message".split(
    " ",
  ),
  ..."assistant user status completed error control action audio_stop sample_rate is_final response_id tool_end".split(
    " ",
  ),
  ..."session_end reason statusTone content RateLimitExceeded 429 throttled __proto__ constructor toString".split(" "),
);
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    words,
    fc.jsonValue({ maxDepth: 1 }),
    fc.array(tie("tree"), { maxLength: 3 }),
    fc.dictionary(words, tie("tree"), { maxKeys: 5 }),
  ),
}));
const message = fc.oneof(
  fc.string(),
  fc.string({ unit: "binary" }),
  tree.map((value) => JSON.stringify(value) ?? ""),
  tree.map((value) => `{"kind":"AudioData",${(JSON.stringify(value) ?? "").slice(1)}`),
  tree.map((value) => `{"type":"audio_data",${(JSON.stringify(value) ?? "").slice(1)}`),
);

const hasLength = (event: Event) => event.type !== "audio" || (Number.isFinite(event.ms) && event.ms > 0);

describe.each(Object.entries(WIRES))("any message on %s", (_, transport) => {
  it("is decoded without throwing, and audio has a length", () => {
    const codec = codecOf(transport);
    fc.assert(
      fc.property(message, (text) => codec.decode(text).every(hasLength)),
      { numRuns: 3000 },
    );
  });

  it("never breaks a conversation: it ends with one record of the call", () => {
    const codec = codecOf(transport);
    fc.assert(
      fc.property(fc.array(fc.tuple(message, fc.nat(400)), { maxLength: 60 }), (sent) => {
        const conversation = new Conversation({ ...RULES, bargeEvery: 1, turns: 3 });
        let atMs = 1_000_000;
        let open = true;
        const take = (event: Event) => {
          if (!open) return;
          const actions = conversation.handle(event, atMs);
          open = !actions.some(({ type }) => type === "hangUp" || type === "call");
        };
        take({ type: "open" });
        for (const [text, waitMs] of sent) {
          atMs += waitMs;
          take({ type: "tick" });
          for (const event of codec.decode(text)) take(event);
        }
        if (!open) return;
        const ended = conversation.handle({ type: "close", code: 1006 }, atMs);
        expect(ended.filter(({ type }) => type === "call")).toHaveLength(1);
      }),
      { numRuns: 300 },
    );
  });

  it("that is audio ends nothing and throttles nothing by chance words in its base64 or ids", () => {
    const codec = codecOf(transport);
    const audio = fc
      .uint8Array({ minLength: 300, maxLength: 1280 })
      .map((bytes) => Buffer.from(bytes).toString("base64"));
    fc.assert(
      fc.property(audio, fc.uuid(), (data, id) => {
        const frames = [
          `{"kind":"AudioData","audioData":{"data":"${data}","timestamp":null,"participantRawID":"${id}","silent":false}}`,
          JSON.stringify({ type: "audio_data", data, sample_rate: 24000, is_final: false, response_id: id }),
          JSON.stringify({ type: "debug", session_id: CALL_ID, payload: { turn_id: id } }),
        ];
        const events = frames.flatMap((frame) => codec.decode(frame));
        return events.every(({ type, ...more }) => type === "audio" || (more as Notice).fault?.kind === "notice");
      }),
      { numRuns: Number(process.env.HOSTILE_RUNS ?? 3000) },
    );
  });
});

describe("any error text", () => {
  it("is classified without throwing, with a code that is short and clean", () => {
    const clean = (code: string) => /^[\w.-]{1,40}$/.test(code);
    fc.assert(
      fc.property(fc.anything(), fc.anything(), fc.string(), fc.nat(999), (code, source, text, status) => {
        const named = [
          faultOf({ code, source, message: text, details: code }),
          ...dialFaults({ status, error: text, body: text }),
          ...[socketFault(text), socketFault(`websocket: close ${status}: ${text}`)].filter((fault) => fault !== null),
        ];
        return named.every((fault) => clean(fault.code));
      }),
      { numRuns: 3000 },
    );
  });

  it("is no throttling without a number or a word of throttling", () => {
    const harmless = fc.string({ unit: fc.constantFrom(..."abc 0123 5678-".split("")) });
    fc.assert(fc.property(harmless, (text) => rateSource(text) === null));
  });
});
