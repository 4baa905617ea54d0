import { describe, expect, it } from "vitest";

import { codeOf, faultOf, rateSource } from "./faults.ts";

/** Error texts that providers have sent, and whose throttling each reports; `none` is an error that is no throttling. */
const PROVIDER_TEXTS: readonly [source: string, text: string][] = [
  [
    "openai",
    "HTTP 429 (429) Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2024-05-01-preview have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 86400 seconds.",
  ],
  [
    "openai",
    "Error code: 429 - {'error': {'code': '429', 'message': 'Requests to the ChatCompletions_Create Operation under Azure OpenAI API version 2023-05-15 have exceeded token rate limit of your current AIServices S0 pricing tier. Please retry after 86400 seconds.'}}",
  ],
  ["openai", '{"error":{"code":"429","message": "Rate limit is exceeded. Try again in 2 seconds."}}'],
  [
    "openai",
    "Requests to the Embeddings_Create Operation under Azure OpenAI API version 2023-05-15 have exceeded call rate limit of your current OpenAI S0 pricing tier. Please retry after 6 seconds.",
  ],
  [
    "openai",
    "Requests to the Creates a completion for the chat message Operation under Azure OpenAI API have exceeded token rate limit. Please retry after 7 seconds.",
  ],
  [
    "openai",
    "azure-openai error: The system is currently experiencing high demand. Your request exceeds the maximum usage size allowed during peak load. Please retry after 20 seconds. For improved latency reliability, consider switching to Provisioned Throughput.",
  ],
  [
    "openai",
    "Rate limit reached for gpt-4o-mini-realtime in organization org-xx on requests per day (RPD): Limit 1000, Used 1000, Requested 1. Please try again in 1m26.4s.",
  ],
  [
    "openai",
    "429 Rate limit reached for gpt-4o in organization org-xx on tokens per min (TPM): Limit 30000, Used 29937, Requested 385. Please try again in 644ms.",
  ],
  [
    "openai",
    "Error Server responded with status 429. Error message: {'error': {'code': '429', 'message': 'Rate limit is exceeded. Try again in 86400 seconds.'}}",
  ],
  [
    "openai",
    "Requests to the ChatCompletions_Create Operation have exceeded token rate limit of your current pricing tier. Please retry after 37 seconds. Please contact Azure support service",
  ],
  [
    "speech",
    "Error code: 4429. Error details: The request is throttled because you have exceeded the concurrent request limit allowed for your sub USP state: TurnStarted. Received audio size: 0 bytes.",
  ],
  [
    "speech",
    "The request is throttled because you have exceeded the concurrent request limit allowed for your sub websocket error code: 4429",
  ],
  [
    "speech",
    "Connection was closed by the remote host. Error code: 1007. Error details: Quota exceeded. Cid:  SessionId: 81ec",
  ],
  ["speech", "Throttled due to too many requests websocket error code: 1007"],
  ["speech", "Error details: Throttled due to too many requests"],
  ["speech", "WebSocket upgrade failed: Too many requests (429). Please check subscription information and region"],
  ["speech", "The recognizer is using a free subscription that ran out of quota."],
  ["speech", "The Azure Speech service throttled the request."],
  ["unknown", "server rejected WebSocket connection: HTTP 429"],
  ["unknown", "HTTP error: 429 Too Many Requests"],
  [
    "none",
    "Error committing input audio buffer: buffer too small. Expected at least 100ms of audio, but buffer only has 0.00ms of audio.",
  ],
  ["none", "Cancellation failed: no active response found"],
  ["none", "Conversation already has an active response"],
  [
    "speech",
    'Status(StatusCode="ResourceExhausted", Detail="the duration of the data sent in") websocket error code: 1013',
  ],
];

describe("the source of the throttling in an error text", () => {
  it.each(PROVIDER_TEXTS)("%s: %s", (source, text) => {
    expect(rateSource(text) ?? "none").toBe(source);
  });

  it.each([
    ["openai", "You exceeded your current quota, please check your plan and billing details."],
    ["speech", "Forbidden - quota exceeded"],
    ["openai", "RateLimitExceeded"],
    ["openai", "tokens per minute"],
    ["openai", "requests per minute"],
    ["none", "The deployment gpt-4o was not found"],
    ["none", "speech synthesis failed: voice not available"],
    ["none", "call 5429871 ended, 14290 ms"],
  ])("covers the patterns of the load test that this project started from, and look-alikes: %s: %s", (source, text) => {
    expect(rateSource(text) ?? "none").toBe(source);
  });
});

describe("a fault", () => {
  it("is throttling of the part that the agent names as failed", () => {
    expect(faultOf({ code: "RateLimitExceeded", source: "llm" })).toMatchObject({
      kind: "rate_limit",
      source: "openai",
    });
    expect(faultOf({ code: "RateLimitExceeded", source: "tts" })).toMatchObject({
      kind: "rate_limit",
      source: "speech",
    });
    expect(faultOf({ code: "RateLimitExceeded", source: "unknown" })).toMatchObject({
      kind: "rate_limit",
      source: "openai",
    });
  });

  it("keeps the agent's code, and accepts null, numbers and very long text in its place", () => {
    expect(faultOf({ code: "VoiceNotAvailable", message: "x" })).toEqual({
      kind: "server_error",
      code: "VoiceNotAvailable",
    });
    expect(faultOf({ code: null, message: "x" })).toEqual({ kind: "server_error", code: "unknown" });
    expect(faultOf({ code: 429 })).toMatchObject({ kind: "rate_limit" });
    expect(codeOf("a b\n".repeat(1000))).toHaveLength(40);
    expect(codeOf({})).toBe("unknown");
  });

  it("is a notice when it only answers a cancel that had nothing to cancel", () => {
    const message = "Cancellation failed: no active response found";
    expect(faultOf({ code: "response_cancel_not_active", message })).toEqual({
      kind: "notice",
      code: "response_cancel_not_active",
    });
  });
});
