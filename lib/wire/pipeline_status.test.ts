import { describe, expect, it } from "vitest";

import { pipelineRemark, statusUrl } from "./pipeline_status.ts";

describe("which pipeline an agent runs", () => {
  it("is requested from the host of the call, with TLS where the call has it", () => {
    expect(statusUrl("ws://localhost:8010/api/v1/media/stream", "/s")).toBe("http://localhost:8010/s");
    expect(statusUrl("wss://agent.example.com/api?x=1", "/s")).toBe("https://agent.example.com/s");
  });

  it("is remarked on when it is not the expected one", () => {
    expect(pipelineRemark("voicelive", '{"streaming_mode":"media"}')).toMatch(
      /phone calls run cascade \(streaming_mode media\), not voicelive/,
    );
    expect(pipelineRemark("cascade", '{"streaming_mode":"voice_live"}')).toMatch(/run voicelive/);
  });

  it.each([
    ["voicelive", '{"streaming_mode":"voice_live"}'],
    ["cascade", '{"streaming_mode":"media"}'],
    ["cascade", '{"streaming_mode":"realtime"}'],
    ["voicelive", "not json"],
    ["voicelive", "null"],
    ["voicelive", "{}"],
  ] as const)("is not remarked on when %s is expected and the body is %s", (expected, body) => {
    expect(pipelineRemark(expected, body)).toBeNull();
  });
});
