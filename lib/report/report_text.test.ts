import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import type { Sample } from "../metrics/metrics.ts";
import { readTiers } from "../settings/thresholds.ts";
import { reportText } from "./report_text.ts";
import { syntheticSamples, syntheticSummary } from "./synthetic_summary.ts";

const { tiers } = readTiers(readFileSync("thresholds.json", "utf8"));

const summary = (samples: readonly Sample[]) => syntheticSummary(tiers, samples);

describe("the remarks", () => {
  it("are printed below the verdict", () => {
    const text = reportText({ ...summary(syntheticSamples(40, 900)), remarks: ["the agent runs cascade"] });
    expect(text.split("\n").slice(0, 2)).toEqual([
      "PASS  every threshold of the target tier holds",
      "note  the agent runs cascade",
    ]);
  });
});

describe("the report as text", () => {
  const text = reportText(
    summary(
      syntheticSamples(20, 900, [
        { metric: "rate_limit", value: 5, tags: { source: "openai" } },
        { metric: "ws_close", value: 2, tags: { code: "1006" } },
      ]),
    ),
  );

  it("has the verdict in its first line", () => {
    expect(text.split("\n")[0]).toBe("PASS  every threshold of the target tier holds");
  });

  it("prints the inherited series names, and a percentile only where there are enough samples", () => {
    expect(text).toMatch(/^ttfb\/01 +20 +900 +900 +900 +900 +900 +0$/m);
    expect(reportText(summary(syntheticSamples(19, 900)))).toMatch(/^ttfb\/01 +19 +900 +900 +900 +- +900 +0$/m);
    expect(text).toMatch(/^ws\/close\/1006 +2$/m);
  });

  it("prints the inherited rate limit summary, with the throttled turns and the ttfb with and without throttling", () => {
    const throttled: Sample[] = [
      { metric: "rate_limit", value: 5, tags: { source: "openai" } },
      { metric: "throttled_turns", value: 3, tags: { source: "openai" } },
    ];
    const waits = Array.from({ length: 20 }, () => ({ metric: "ttfb_clean", value: 900 }) as const);
    const lines = [
      "=".repeat(60),
      "RATE LIMIT SUMMARY",
      "=".repeat(60),
      "  openai              :     5 occurrences in 3 turns",
      "  ttfb/clean          : P50 900 ms, P95 900 ms, 20 turns",
      "  ttfb/throttled      : P50 -, P95 -, 1 turns",
      "=".repeat(60),
    ];
    const more = [...throttled, ...waits, { metric: "ttfb_throttled", value: 2100 } as const];
    expect(reportText(summary(syntheticSamples(20, 900, more)))).toContain(lines.join("\n"));
    expect(reportText(summary(syntheticSamples(20, 900)))).toContain("  none seen");
  });

  it("grades every gated metric against all three tiers", () => {
    expect(text).toMatch(/^ttfb +p\(95\)<2000 ok +p\(95\)<3000 ok +p\(95\)<4000 ok$/m);
    expect(reportText(summary([]))).toMatch(/^barge +p\(95\)<500 no data/m);
  });

  it("ends with the generator's health and how its garbage collector was set", () => {
    const go = [{ GOGC: "1600", GOMEMLIMIT: "18000MiB", GOMAXPROCS: null }];
    expect(
      reportText(syntheticSummary(tiers, syntheticSamples(20, 900), { go }))
        .trimEnd()
        .split("\n")
        .at(-1),
    ).toBe("collector  GOGC=1600  GOMEMLIMIT=18000MiB  GOMAXPROCS not set");
    expect(text).toMatch(/^generator {2}send lag P99 3.0 ms \(limit 40 ms\) {2}0 of 20 turns late {2}0 clock steps$/m);
  });
});
