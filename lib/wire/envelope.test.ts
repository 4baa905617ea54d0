import { describe, expect, it } from "vitest";

import { decodeMessage } from "./envelope.ts";
import type { Json } from "./json.ts";

const TOKENS = { response: ["response", "transcript"], end: ["final", "end", "completed", "stopped", "barge"] };

function envelope(type: string, payload: unknown, more: Json = {}): Json {
  const context = { session_id: "S", restricted_to_session: true, timestamp: 1767381372.9 };
  return {
    type,
    topic: "session",
    session_id: "S",
    sender: "System",
    ts: "2026-01-02T19:16:12.925123+00:00",
    payload,
    session_context: context,
    ...more,
  };
}

const types = (message: Json) => decodeMessage(message, TOKENS).map(({ type }) => type);

describe("an envelope", () => {
  it.each([
    [
      "user final",
      envelope("event", { type: "user", message: "hi", content: "hi", streaming: false, status: "completed" }),
      ["userFinal"],
    ],
    [
      "open user turn",
      envelope("event", { type: "user", message: "", content: "", streaming: true, status: "streaming" }),
      [],
    ],
    [
      "G5 user partial",
      envelope("event", {
        type: "user",
        content: "I",
        streaming: true,
        streaming_type: "stt_partial",
        is_final: false,
      }),
      [],
    ],
    ["partial", envelope("event", { event_type: "stt_partial", data: { content: "I need", is_final: false } }), []],
    [
      "greeting",
      envelope("assistant", { content: "Hi", message: "Hi", streaming: false }, { speaker: "A", message: "Hi" }),
      ["replyText"],
    ],
    [
      "streamed text",
      envelope("assistant_streaming", { content: "Sure.", streaming: true, status: "streaming" }),
      ["replyText"],
    ],
    [
      "assistant final",
      envelope("event", { type: "assistant", content: "Sure.", streaming: false, status: "completed" }),
      ["replyEnd"],
    ],
    [
      "assistant partial",
      envelope("event", { type: "assistant", content: "Su", streaming: true, status: "streaming" }),
      [],
    ],
    [
      "cancelled",
      envelope("event", { type: "assistant_cancelled", status: "cancelled", cancel_reason: "barge_in" }),
      ["cancelled"],
    ],
    ["inventory", envelope("event", { type: "agent_inventory", event_type: "agent_inventory", agents: [] }), []],
    ["agent change", envelope("event", { event_type: "agent_change", previous_agent: null }), []],
    [
      "session update with limits in its text",
      envelope("event", { event_type: "session_updated", session: { instructions: "speech limit 429 throttle" } }),
      [],
    ],
    ["ready", envelope("event", { event_type: "speech_cascade_connected", data: {} }), []],
    ["status", envelope("status", { message: "hello" }), []],
    ["exit", envelope("exit", { type: "exit", message: "Goodbye." }), []],
    ["turn metrics", envelope("turn_metrics", {}), []],
  ])("%s", (_, message, expected) => {
    expect(types(message)).toEqual(expected);
  });

  it("with an error is a fault, classified by its code and source", () => {
    const payload = {
      error_type: "RateLimitExceeded",
      code: "RateLimitExceeded",
      message: "throttled",
      source: "llm",
      fatal: false,
    };
    expect(decodeMessage(envelope("error", payload), TOKENS)).toEqual([
      { type: "fault", fault: { kind: "rate_limit", source: "openai", code: "RateLimitExceeded" } },
    ]);
  });

  it("that ends a failed reply reports the failure too: agents do not repeat error envelopes", () => {
    const error = JSON.stringify({ code: "RateLimitExceeded", source: "llm", message: "x" });
    const message = envelope("event", {
      type: "assistant",
      content: "Sorry",
      streaming: false,
      status: "error",
      error,
    });
    expect(types(message)).toEqual(["fault", "replyEnd"]);
    expect(types(envelope("event", { type: "assistant", status: "error", error: "{broken" }))).toEqual([
      "fault",
      "replyEnd",
    ]);
  });

  it("with an apology in its older wording is a failed reply, although its status is completed", () => {
    const content = "I apologize, I encountered an error processing your request.";
    expect(types(envelope("event", { type: "assistant", content, streaming: false, status: "completed" }))).toEqual([
      "fault",
      "replyEnd",
    ]);
  });

  it("with the error status of a crashed turn router is a fault, with an info status it is not", () => {
    const crashed = envelope("status", { message: "x", statusTone: "error", statusCaption: "429 Too Many Requests" });
    expect(decodeMessage(crashed, TOKENS)).toMatchObject([{ fault: { kind: "rate_limit", source: "unknown" } }]);
    expect(types(envelope("status", { message: "x", statusTone: "info" }))).toEqual([]);
  });
});

describe("a message without an envelope", () => {
  it.each([
    ["tool start", { type: "tool_start", tool: "t", call_id: "1", arguments: {} }, ["toolStart"]],
    ["tool end", { type: "tool_end", tool: "t", call_id: "1", status: "success", result: {} }, ["toolEnd"]],
    ["throttled tool", { type: "tool_end", status: "error", error: "429 Too Many Requests" }, ["toolEnd", "fault"]],
    ["failed tool", { type: "tool_end", status: "error", error: "no such claim" }, ["toolEnd"]],
    ["tool progress", { type: "tool_progress" }, []],
    ["browser stop", { type: "control", action: "audio_stop", reason: "barge_in" }, ["stop"]],
    ["browser cancel", { type: "control", action: "tts_cancelled" }, ["stop"]],
    ["other control", { type: "control", action: "mute" }, []],
    ["synthesis failure", { type: "tts_error", error: "boom", text: "x" }, ["fault"]],
    ["legacy final", { type: "assistant_final", content: "x" }, ["replyText", "replyEnd"]],
    ["session end", { type: "session_end", reason: "NORMAL", ts: 1 }, ["fault"]],
  ])("%s", (_, message, expected) => {
    expect(types(message)).toEqual(expected);
  });

  it("that ends a session is an error only when its reason is ERROR", () => {
    expect(decodeMessage({ type: "session_end", reason: "ERROR" }, TOKENS)).toMatchObject([
      { fault: { kind: "server_error" } },
    ]);
    expect(decodeMessage({ type: "session_end", reason: "IDLE_TIMEOUT", ts: 1 }, TOKENS)).toEqual([
      { type: "fault", fault: { kind: "notice", code: "session_end_IDLE_TIMEOUT" } },
    ]);
  });
});

describe("a message of an unknown agent", () => {
  it("is classified by the words of its type and status fields", () => {
    expect(types({ type: "response.completed" })).toEqual(["replyEnd"]);
    expect(types({ type: "reply", status: "completed" })).toEqual(["replyEnd"]);
    expect(types({ type: "transcript.delta" })).toEqual(["replyText"]);
  });

  it("is not classified by parts of words, or by other fields", () => {
    expect(types({ type: "sender_update", text: "end" })).toEqual(["fault"]);
    expect(types({ type: "vendor" })).toEqual(["fault"]);
    expect(types({ type: "toString" })).toEqual(["fault"]);
  });
});
