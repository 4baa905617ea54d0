/** What agents and SDKs write differently and mean the same: a codec decodes all of it to the same events. */

import { describe, expect, it } from "vitest";
import type { Event } from "../conversation/event.ts";
import { WIRE_SETTINGS } from "./test_wire_settings.ts";
import type { ScenarioName } from "./wires.ts";
import { WIRES } from "./wires.ts";

/** As strict as k6: base64 with padding, in the standard alphabet. */
const STRICT_BASE64 = {
  encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
  decode: (text: string) => {
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text)) throw new Error("illegal base64 data");
    return new Uint8Array(Buffer.from(text, "base64")).buffer;
  },
};

/** 40 ms at 16 kHz whose base64 is full of `+` and `/`. */
const SAMPLES = Int16Array.from({ length: 640 }, (_, at) => (at % 3 === 0 ? -1030 : -1025 - (at % 7)));
const DATA = Buffer.from(SAMPLES.buffer).toString("base64");

/** Decodes messages with one codec, each of them twice: as the first of its kind and as one like the last. */
function decode(wire: ScenarioName, texts: readonly string[], rateHz = 16000): readonly Event[] {
  const socket = { sendText() {}, sendBinary() {} };
  const tokens = { response: [], end: [] };
  const options = {
    socket,
    callId: "c-1",
    base64: STRICT_BASE64,
    epochMs: () => 0,
    wireSettings: WIRE_SETTINGS,
    frameMs: 20,
    rateHz,
    quiet: "",
    tokens,
  };
  const codec = WIRES[wire].codec(options);
  return texts.flatMap((text) => [...codec.decode(text, true), ...codec.decode(text, true)]);
}

const AUDIO: Event = { type: "audio", ms: 40 };
const SILENCE: Event = { type: "silence", ms: 40 };

describe("audio of the phone wire", () => {
  const plain = JSON.stringify({ kind: "AudioData", audioData: { data: DATA, timestamp: null, silent: false } });

  it.each<[string, string]>([
    ["plain", plain],
    ["of the Node and Java SDKs", JSON.stringify({ kind: "audioData", audioData: { data: DATA, isSilent: false } })],
    [
      "of the .NET SDK",
      JSON.stringify({ Kind: "AudioData", AudioData: { Data: DATA, IsSilent: false }, StopAudio: null }),
    ],
    [
      "of a .NET object whose type is null",
      JSON.stringify({ type: null, Kind: "AudioData", AudioData: { Data: DATA } }),
    ],
    ["in capitals", JSON.stringify({ KIND: "AUDIODATA", AUDIODATA: { DATA } })],
    ["with its kind last", JSON.stringify({ audiodata: { data: DATA }, kind: "audiodata" })],
    ["indented", JSON.stringify(JSON.parse(plain), null, 2)],
    ["with + escaped, as System.Text.Json does", plain.replaceAll("+", "\\u002B")],
    ["with / escaped, as PHP does", plain.replaceAll("/", "\\/")],
    ["in lines of 76 characters, as MIME has it", plain.replace(DATA, DATA.replaceAll(/(.{76})/g, "$1\\r\\n"))],
    ["in the alphabet for URLs", plain.replace(DATA, DATA.replaceAll("+", "-").replaceAll("/", "_"))],
    ["without padding", plain.replace(DATA, DATA.replace(/=+$/, ""))],
    ["behind a byte order mark", `\ufeff${plain}`],
    ["beside another key data", JSON.stringify({ kind: "AudioData", meta: { data: "x" }, audioData: { data: DATA } })],
  ])("%s", (_, text) => {
    expect(decode("acs_media", [text])).toEqual([AUDIO, AUDIO]);
  });

  it("keeps its duration when escaped and plain messages of the same length alternate", () => {
    const shorter = DATA.slice(0, DATA.length - 8);
    const escaped = JSON.stringify({ kind: "AudioData", audioData: { data: shorter } });
    const text = escaped.replace("+", "\\u002B").replace("/", "\\/");
    const same = JSON.stringify({
      kind: "AudioData",
      audioData: { data: DATA.slice(0, text.length - escaped.length + shorter.length) },
    });
    const lengths = decode("acs_media", [same, text, same]).map((event) => ("ms" in event ? event.ms : -1));
    const bytes = (base64: string) => Buffer.from(base64, "base64").length;
    const sameMs = bytes(JSON.parse(same).audioData.data) / 32;
    const shorterMs = bytes(shorter) / 32;
    expect(lengths).toEqual([sameMs, sameMs, shorterMs, shorterMs, sameMs, sameMs]);
  });

  it("is silence where it says so, in any spelling, and where it holds nothing that can be heard", () => {
    const zeros = Buffer.alloc(1280).toString("base64");
    const texts = [
      { kind: "AudioData", audioData: { data: DATA, silent: true } },
      { kind: "audioData", audioData: { data: DATA, isSilent: true } },
      { Kind: "AudioData", AudioData: { Data: DATA, IsSilent: true } },
      { kind: "AudioData", audioData: { data: zeros, silent: false } },
    ];
    for (const text of texts) expect(decode("acs_media", [JSON.stringify(text)])).toEqual([SILENCE, SILENCE]);
  });

  it("has the rate of the caller's audio: ACS has one format for both directions", () => {
    expect(decode("acs_media", [plain], 24000)).toEqual([1, 2].map(() => ({ type: "audio", ms: 1280 / 48 })));
  });

  it("has the rate that the agent announces in its AudioMetadata", () => {
    const metadata = (kind: string) => JSON.stringify({ kind, audioMetadata: { sampleRate: 24000, channels: 1 } });
    for (const kind of ["AudioMetadata", "audioMetadata"]) {
      expect(decode("acs_media", [plain, metadata(kind), plain])).toEqual([
        AUDIO,
        AUDIO,
        ...[1, 2].map(() => ({ type: "audio", ms: 1280 / 48 })),
      ]);
    }
  });

  it("can stop in any case", () => {
    for (const kind of ["StopAudio", "stopAudio", "STOPAUDIO"]) {
      for (const key of ["kind", "Kind"]) {
        expect(decode("acs_media", [JSON.stringify({ [key]: kind, stopAudio: {} })])).toEqual([
          { type: "stop" },
          { type: "stop" },
        ]);
      }
    }
  });
});

describe("audio of the browser wire", () => {
  const plain = JSON.stringify({ type: "audio_data", data: DATA, sample_rate: 16000, frame_index: 3 });

  it.each<[string, string]>([
    ["plain", plain],
    ["with its type in capitals", plain.replace("audio_data", "AUDIO_DATA")],
    ["with keys in capitals", JSON.stringify({ Type: "audio_data", Data: DATA, Sample_Rate: 16000 })],
    ["with the rate as text", plain.replace("16000", '"16000"')],
    ["with sampleRate", plain.replace("sample_rate", "sampleRate")],
    ["without a rate: that of the caller", JSON.stringify({ type: "audio_data", data: DATA })],
    ["with + escaped", plain.replaceAll("+", "\\u002b")],
    ["with / escaped, and its type last", JSON.stringify({ data: DATA, type: "audio_data" }).replaceAll("/", "\\/")],
    ["behind a byte order mark", `\ufeff${plain}`],
  ])("%s", (_, text) => {
    expect(decode("browser_conversation", [text])).toEqual([AUDIO, AUDIO]);
  });

  it("may write its end and its response id in camel case", () => {
    const message = { type: "audio_data", data: DATA, sampleRate: 16000, responseId: "r1" };
    expect(decode("browser_conversation", [JSON.stringify(message)])[0]).toEqual({ ...AUDIO, responseId: "r1" });
    const end = JSON.stringify({ type: "audio_data", data: "", isFinal: true });
    expect(decode("browser_conversation", [end])[0]).toEqual({ type: "replyEnd" });
  });

  it("is silence where it holds nothing that can be heard", () => {
    const zeros = plain.replace(DATA, Buffer.alloc(1280).toString("base64"));
    expect(decode("browser_conversation", [zeros])).toEqual([SILENCE, SILENCE]);
  });
});

describe("an event envelope", () => {
  it.each(["NaN", "Infinity", "-Infinity"])("may hold %s, which Python writes for what is no number", (number) => {
    const text = `{"type":"event","payload":{"event_type":"user","streaming":false,"confidence":${number}}}`;
    expect(decode("acs_media", [text])).toEqual([{ type: "userFinal" }, { type: "userFinal" }]);
  });

  it.each<[string, unknown, Event[]]>([
    ["a user final", { Type: "Event", Payload: { Event_Type: "user", Streaming: false } }, [{ type: "userFinal" }]],
    [
      "a structured end",
      { TYPE: "event", PAYLOAD: { EventType: "assistant", Status: "Completed" } },
      [{ type: "replyEnd" }],
    ],
    ["a stop", { Type: "control", Action: "TTS_CANCELLED" }, [{ type: "stop" }]],
    [
      "throttling",
      { Type: "error", Payload: { Code: "RateLimitExceeded", Source: "llm" } },
      [{ type: "fault", fault: { kind: "rate_limit", source: "openai", code: "RateLimitExceeded" } }],
    ],
    [
      "an error of ACS",
      { Kind: "ErrorData", ErrorData: { Code: "x", Message: "429 too many requests" } },
      [{ type: "fault", fault: { kind: "rate_limit", source: "speech", code: "x" } }],
    ],
  ])("may spell %s as it likes", (_, message, [event]) => {
    const decoded = decode("browser_conversation", [JSON.stringify(message)]);
    if (event?.type === "fault") expect(decoded[0]).toMatchObject({ fault: { kind: "rate_limit" } });
    else expect(decoded[0]).toEqual(event);
  });
});

describe("a message that mixes spellings", () => {
  const limit = { type: "fault", fault: { kind: "rate_limit" } };
  it.each<[string, readonly object[]]>([
    ['{"kind":"ErrorData","errorData":{"code":"RateLimitExceeded"}}', [limit]],
    ['{"Kind":"ErrorData","ErrorData":{"Code":"RateLimitExceeded"}}', [limit]],
    ['{"kind":"ErrorData","ErrorData":{"Code":"RateLimitExceeded"}}', [limit]],
    ['{"type":"event","payload":{"eventType":"orchestration_error","data":{"Code":"RateLimitExceeded"}}}', [limit]],
    ['{"type":"status","payload":{"StatusTone":"error","Message":"429 too many requests"}}', [limit]],
    ['{"type":"status","Payload":{"StatusTone":"error","Message":"429 too many requests"}}', [limit]],
    ['{"type":"event","payload":{"event_type":"user","Streaming":false}}', [{ type: "userFinal" }]],
    ['{"type":"event","payload":{"event_type":"assistant","Status":"completed"}}', [{ type: "replyEnd" }]],
    ['{"type":"control","Action":"tts_cancelled"}', [{ type: "stop" }]],
    ['{"type":"tool_end","Error":"429 too many requests"}', [{ type: "toolEnd" }, limit]],
    ['{"type":null,"Kind":"StopAudio"}', [{ type: "stop" }]],
  ])("is read: %s", (text, events) => {
    const half = decode("acs_media", [text]).slice(0, events.length);
    expect(half).toMatchObject(events);
  });
});
