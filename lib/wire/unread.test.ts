import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../conversation/event.ts";
import { WIRE_SETTINGS } from "./test_wire_settings.ts";
import { loadUnread } from "./unread.lazy.ts";
import { WIRES } from "./wires.ts";

const { binaryEvents, jsonText, unreadEvents } = loadUnread();

function unreadOf([event]: readonly Event[]) {
  return event?.type === "fault" && event.fault.kind === "notice" ? event.fault.unread : undefined;
}

function decode(text: string) {
  const base64 = { encode: () => "", decode: () => new ArrayBuffer(0) };
  const socket = { sendText() {}, sendBinary() {} };
  const tokens = { response: [], end: [] };
  const options = {
    socket,
    callId: "c-1",
    base64,
    epochMs: () => 0,
    wireSettings: WIRE_SETTINGS,
    frameMs: 20,
    rateHz: 16000,
    quiet: "",
    tokens,
  };
  return WIRES.acs_media.codec(options).decode(text);
}

describe("a message that nobody could read", () => {
  it("is told by its own name, its keys and the types of their values", () => {
    const message = { kind: "AudioChunk", audio: { payload: "AAAA", rate: 8000, last: false }, words: [1, 2] };
    expect(unreadOf(decode(JSON.stringify(message)))).toEqual({
      name: "AudioChunk",
      shape: "{kind: string(10), audio: {payload: string(4), rate: number, last: boolean}, words: array(2)}",
    });
  });

  it("is told by the event of an envelope, by its type, or as one without", () => {
    const name = (message: Readonly<Record<string, unknown>>) => unreadOf(unreadEvents(message))?.name;
    expect(name({ type: "event", payload: { event_type: "mood" } })).toBe("mood");
    expect(name({ type: "hello" })).toBe("hello");
    expect(name({ hello: 1 })).toBe("without a type");
  });

  it("is audio too, where the samples are not where they should be", () => {
    const text = JSON.stringify({ kind: "AudioData", audioData: { base64: "AAAA" } });
    expect(unreadOf(decode(text))?.shape).toBe("{kind: string(9), audioData: {base64: string(4)}}");
  });

  it("never shows a value, whatever the message is", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.constant("SECRET-words of a caller")), (content) => {
        const { name, shape } = unreadOf(unreadEvents({ ...content, type: "x", payload: content })) ?? {};
        expect(`${name} ${shape}`).not.toContain("SECRET");
        expect(`${name} ${shape}`.length).toBeLessThan(2000);
      }),
    );
  });

  it("is told by its length where it is no JSON or binary", () => {
    expect(unreadOf(decode("<html>secret</html>"))).toEqual({
      name: "text",
      shape: "19 characters that are not JSON, begins with <",
    });
    expect(unreadOf(binaryEvents(640))).toEqual({ name: "binary", shape: "640 bytes in a binary message" });
  });
});

describe("a binary message", () => {
  const bytes = (text: string) => new Uint8Array(Buffer.from(text)).buffer;

  it("is read where it holds JSON text, with a byte order mark or without, however long", () => {
    const long = `{"kind":"AudioData","audioData":{"data":"${"QUJD".repeat(5000)}"}}`;
    expect(jsonText(bytes(long))).toBe(long);
    expect(jsonText(bytes(`\ufeff{"a":1}`))).toBe(`\ufeff{"a":1}`);
    expect(jsonText(bytes(`\n {"content":"I’m sorry"}`))).toBe(`\n {"content":"I’m sorry"}`);
  });

  it("is not read where it holds something else", () => {
    expect(jsonText(new Uint8Array(640).buffer)).toBeNull();
    expect(jsonText(new ArrayBuffer(0))).toBeNull();
  });
});
