import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { readTiers } from "../settings/thresholds.ts";
import { summaryJson } from "./summary_json.ts";
import { syntheticSamples, syntheticSummary } from "./synthetic_summary.ts";

const { tiers } = readTiers(readFileSync("thresholds.json", "utf8"));

describe("summary.json", () => {
  const json = summaryJson(
    syntheticSummary(tiers, syntheticSamples(30, 2400), {
      env: { WS_HEADERS: '{"Authorization":"s3cret"}' },
      go: [{ GOGC: "1600", GOMEMLIMIT: null, GOMAXPROCS: "4" }],
    }),
  );

  it("holds verdict, settings without secrets, every metric with its grades, and the generator", () => {
    expect(json).toMatchObject({
      verdict: "FAIL",
      scenario: "acs_media",
      settings: { USERS: 15, WS_HEADERS: { Authorization: "***" } },
      metrics: {
        ttfb: {
          count: 30,
          avg: 2400,
          p95: 2400,
          p99: null,
          grade: { target: "fail", acceptable: "pass", alert: "pass" },
        },
      },
      generator: {
        sendLagP99Ms: 3,
        callSeconds: 30,
        lateTurns: 0,
        clockSteps: 0,
        go: [{ GOGC: "1600", GOMEMLIMIT: null, GOMAXPROCS: "4" }],
      },
    });
    expect(JSON.stringify(json)).not.toContain("s3cret");
  });
});
