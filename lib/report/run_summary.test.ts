import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import type { Sample } from "../metrics/metrics.ts";
import { readSettings } from "../settings/read_settings.ts";
import { readTiers } from "../settings/thresholds.ts";
import { summaryFromK6 } from "./run_summary.ts";
import { syntheticSamples, syntheticSummary } from "./synthetic_summary.ts";

const { tiers } = readTiers(readFileSync("thresholds.json", "utf8"));

function summary(samples: readonly Sample[], env: Readonly<Record<string, string>> = {}) {
  return syntheticSummary(tiers, samples, { env });
}

describe("the summary that is made from k6's data", () => {
  const input = {
    scenario: "acs_media",
    settings: readSettings({}).settings,
    tiers,
    remarks: [],
    go: [],
    path: "/p",
    pathHint: "",
  };
  const k6 = (ok: boolean, testRunDurationMs = 90_000) =>
    summaryFromK6(
      {
        state: { testRunDurationMs },
        metrics: {
          ttfb: { values: { count: 30, "p(95)": 2400 }, thresholds: { "p(95)<2000": { ok } } },
          iterations: { values: { count: 3 } },
        },
      },
      input,
    );

  it("takes the failed thresholds from k6", () => {
    expect(k6(false).verdict).toBe("FAIL");
    expect(k6(true).verdict).toBe("PASS");
  });

  it("never passes where k6 evaluated no threshold, though all of them hold", () => {
    const values = {
      calls: { count: 3 },
      turns: { count: 30 },
      turn_success: { rate: 1 },
      ttfb: { count: 30, "p(95)": 900 },
    };
    const metrics = Object.fromEntries(
      Object.entries(values).map(([name, aggregates]) => [name, { values: aggregates }]),
    );
    const { verdict, reasons } = summaryFromK6({ state: { testRunDurationMs: 90_000 }, metrics }, input);
    expect([verdict, reasons[0]]).toEqual([
      "FAIL",
      expect.stringMatching(/^the gate was switched off \(--no-thresholds\)/),
    ]);
    const slow = { ...metrics, ttfb: { values: { count: 30, "p(95)": 2400 } } };
    const ofSlow = summaryFromK6({ state: { testRunDurationMs: 90_000 }, metrics: slow }, input);
    expect(ofSlow.reasons.join("\n")).toMatch(/ttfb p\(95\) is 2400 ms/);
  });

  it("is INTERRUPTED when the run was shorter than TIME", () => {
    expect(k6(true, 40_000).verdict).toBe("INTERRUPTED");
  });
});

describe("the remarks of a run", () => {
  it("say that callers heard gaps, where half of the replies had audible ones", () => {
    const stalled = (ms: number) => Array.from({ length: 40 }, () => ({ metric: "stall", value: ms }) as const);
    expect(summary(syntheticSamples(40, 900, stalled(180))).remarks).toEqual([]);
    expect(summary(syntheticSamples(40, 900, stalled(2980))).remarks).toEqual([
      expect.stringMatching(/half of the replies ran dry for 2980 ms or more/),
    ]);
  });

  it("say that the ramp-up was left out of the generator's verdict, and how late it was", () => {
    const rampUp = syntheticSamples(40, 900, [{ metric: "send_lag_ramp_up", value: 312.4 }]);
    expect(summary(rampUp, { RAMP_UP_COUNTS: "false" }).remarks).toEqual([
      "RAMP_UP_COUNTS=false: the ramp-up is not in the generator's verdict; in it, frames went out up to 312 ms late",
    ]);
    expect(summary(rampUp).remarks).toEqual([]);
  });
});
