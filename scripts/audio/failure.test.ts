import { describe, expect, it } from "vitest";

import { classifyFailure, withoutSecrets } from "./failure.ts";

const KEY = "abc+/=DEF 123";

describe("a failure of the service", () => {
  it.each([
    ["Unable to contact server. StatusCode: 1006, wss://x/y?k=1 Reason: Unexpected server response: 401", "refused"],
    ["Unexpected server response: 403", "refused"],
    ["DefaultAzureCredential: no credential in the chain", "refused"],
    ["Unexpected server response: 429", "throttled"],
    ["websocket error code: 4429", "throttled"],
    ["Throttled due to too many requests", "throttled"],
    ["Quota exceeded. websocket error code: 1007", "throttled"],
    ["Unsupported voice x. websocket error code: 1007", "rejected"],
    ["connect ECONNREFUSED 127.0.0.1:4290", "broken"],
    ["websocket error code: 1006", "broken"],
  ])("with the text %j is classified", (text, kind) => {
    expect(classifyFailure(text, []).kind).toBe(kind);
  });

  it.each([
    ["Throttled. Retry after 3 seconds", 3],
    ["Retry-After: 7", 7],
    ["please try again in 1500 ms", 1.5],
    ["Please retry after 2 minutes", 120],
    ["Throttled due to too many requests", 0],
  ])("with the text %j has this hint of a wait", (text, sec) => {
    expect(classifyFailure(text, []).hintSec).toBe(sec);
  });
});

describe("a secret", () => {
  it("is removed, also URL-encoded and in URLs and headers", () => {
    const shown = withoutSecrets(
      `raw ${KEY} encoded ${encodeURIComponent(KEY)} url wss://h/p?Ocp-Apim-Subscription-Key=zzz&x=1 header Authorization: Bearer yyy`,
      [KEY],
    );
    expect(shown).toBe("raw *** encoded *** url the service header Authorization: ***");
  });
});
