import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import type { Sample } from "../metrics/metrics.ts";
import { readSettings } from "../settings/read_settings.ts";
import { percentilesOf, readTiers } from "../settings/thresholds.ts";
import { reportText } from "./report_text.ts";
import { reportOfK6, reportOfStats } from "./run_summary.ts";
import { StatsBuilder } from "./stats.ts";
import { summaryJson } from "./summary_json.ts";

const { tiers } = readTiers(readFileSync("thresholds.json", "utf8"));

/** A run of so many turns, each with these times. */
function samples(turns: number, ttfbMs: number, more: Sample[] = []): Sample[] {
  const one: Sample[] = [
    { metric: "turns", value: 1 },
    { metric: "calls", value: 1 },
    { metric: "on_time", value: 1 },
    { metric: "send_lag", value: 3 },
    { metric: "send_lag_seconds", value: 1 },
    { metric: "connection_success", value: 1 },
    { metric: "turn_success", value: 1 },
    { metric: "ttfb", value: ttfbMs, tags: { turn: "01" } },
    { metric: "barge", value: 300, tags: { turn: "01" } },
  ];
  return [...Array.from({ length: turns }, () => one).flat(), ...more];
}

function report(of: Sample[], env: Record<string, string> = {}, interrupted = false) {
  const builder = new StatsBuilder(percentilesOf(tiers));
  for (const sample of of) builder.add(sample);
  const input = {
    scenario: "acs_media",
    settings: readSettings(env).settings,
    tiers,
    remarks: [],
    path: "/p",
    pathHint: "try /p",
  };
  return reportOfStats(builder.build(), input, interrupted);
}

const wsError = (kind: string): Sample[] => [
  { metric: "calls", value: 1 },
  { metric: "connection_success", value: 0 },
  { metric: "ws_error", value: 1, tags: { kind } },
];

describe("the verdict", () => {
  it("is PASS when every threshold of the tier holds", () => {
    expect(report(samples(40, 900))).toMatchObject({
      verdict: "PASS",
      reasons: ["every threshold of the target tier holds"],
    });
  });

  it("is FAIL with the number, the limit and the tier", () => {
    expect(report(samples(40, 2400))).toMatchObject({
      verdict: "FAIL",
      reasons: ["ttfb p(95) is 2400 ms; the target tier wants p(95)<2000"],
    });
    expect(report(samples(40, 2400), { GATE: "acceptable" }).verdict).toBe("PASS");
  });

  it("says in words that callers heard gaps, where half of the replies had any worth hearing", () => {
    const stalled = (ms: number) => Array.from({ length: 40 }, () => ({ metric: "stall", value: ms }) as const);
    expect(report(samples(40, 900, stalled(180))).remarks).toEqual([]);
    expect(report(samples(40, 900, stalled(2980))).remarks).toEqual([
      expect.stringMatching(/half of the replies ran dry for 2980 ms or more/),
    ]);
  });

  it("says that the ramp-up was left out of the generator's verdict, and how late it was", () => {
    const rampUp = samples(40, 900, [{ metric: "send_lag_ramp_up", value: 312.4 }]);
    expect(report(rampUp, { RAMP_UP_COUNTS: "false" }).remarks).toEqual([
      "RAMP_UP_COUNTS=false: the ramp-up is not in the generator's verdict; in it, frames went out up to 312 ms late",
    ]);
    expect(report(rampUp).remarks).toEqual([]);
  });

  it("says which outcomes failed the turns", () => {
    const failed: Sample[] = [
      { metric: "turn_success", value: 0 },
      { metric: "turn_error", value: 1, tags: { reason: "closed" } },
    ];
    expect(report(samples(2, 900, [...failed, ...failed])).reasons[0]).toBe(
      "turn_success rate is 50.0 %; the target tier wants rate>0.95; failed turns: 2 closed",
    );
  });

  it("is FAIL when nothing was measured, for each thing that was not", () => {
    const { verdict, reasons } = report([]);
    expect(verdict).toBe("FAIL");
    expect(reasons.join("\n")).toMatch(/no barge-in was measured/);
    expect(reasons.join("\n")).toMatch(/nothing was measured of: calls, turns, ttfb, connection_success, turn_success/);
  });

  it("says which setting to change when every reply was too short to interrupt", () => {
    const short = samples(
      40,
      900,
      Array.from(
        { length: 40 },
        () => ({ metric: "barge_skipped", value: 1, tags: { reason: "short_reply" } }) as const,
      ),
    );
    const { reasons } = report(short.filter(({ metric }) => metric !== "barge"));
    expect(reasons).toEqual([
      expect.stringMatching(/40 replies ended before BARGE_REENTRY_MS=1000 .* lower it, or set BARGE_EVERY=0/),
    ]);
  });

  it("says which setting to change when the wire shows no stop", () => {
    const silent = samples(
      40,
      900,
      Array.from(
        { length: 40 },
        () => ({ metric: "barge_unobserved", value: 1, tags: { reason: "not_owed" } }) as const,
      ),
    );
    const { reasons } = report(
      silent.filter(({ metric }) => metric !== "barge"),
      { AGENT_STOPS: "false" },
    );
    expect(reasons).toEqual([expect.stringMatching(/40 replies had arrived whole .* set BARGE_EVERY=0/)]);
    const owed = report(silent.filter(({ metric }) => metric !== "barge"));
    expect(owed.reasons).toEqual([expect.stringMatching(/40 interruptions saw no stop .* AGENT_STOPS=false/)]);
  });

  it("says in the same order why a run is INVALID, whatever order k6 hands its metrics over in", () => {
    const late = { values: { count: 3, "p(99)": 900 }, thresholds: { "p(99)<40": { ok: false } } };
    const stepped = { values: { count: 3 }, thresholds: { "count<1": { ok: false } } };
    for (const metrics of [
      { send_lag: late, clock_step: stepped },
      { clock_step: stepped, send_lag: late },
    ]) {
      const { settings } = readSettings({});
      const input = { scenario: "acs_media", settings, tiers, remarks: [], path: "/p", pathHint: "try /p" };
      const { reasons } = reportOfK6({ state: { testRunDurationMs: 1e9 }, metrics }, input);
      expect(reasons.map((reason) => reason.split(" ").slice(0, 4).join(" "))).toEqual([
        "3 times the wall",
        "this machine was too",
      ]);
    }
  });

  it("is INVALID before anything else when the generator was late", () => {
    const late = report(
      samples(
        40,
        2400,
        Array.from({ length: 20 }, () => ({ metric: "send_lag", value: 90 }) as const),
      ),
    );
    expect(late.verdict).toBe("INVALID");
    expect(late.reasons[0]).toMatch(
      /^this machine was too slow: frames went out 90 ms late \(P99\); run fewer callers/,
    );
    expect(report(samples(40, 900, [{ metric: "clock_step", value: 1 }])).verdict).toBe("INVALID");
    expect(
      report(
        samples(40, 900, [
          { metric: "on_time", value: 0 },
          { metric: "generator_late", value: 1 },
        ]),
      ).verdict,
    ).toBe("INVALID");
    expect(report(samples(40, 900, [{ metric: "script_error", value: 1 }])).verdict).toBe("INVALID");
  });

  it("is INTERRUPTED when the run was stopped, whatever its numbers", () => {
    expect(report(samples(40, 900), {}, true)).toMatchObject({ verdict: "INTERRUPTED" });
  });

  it.each([
    ["refused", /nothing listens at ws:\/\/localhost:8010\/p: is the agent running, and are HOST or WS_URL right\?/],
    ["http_404", /answered the upgrade with 404: the path is wrong; try \/p; WS_URL sets another/],
    ["http_403", /answered the upgrade with 403: a wrong path, or credentials are missing \(WS_HEADERS\); try \/p/],
    ["http_500", /answered the upgrade with 500/],
    ["tls", /failed the TLS handshake/],
  ])("of calls that failed with %s says what to check", (kind, hint) => {
    const { verdict, reasons } = report(wsError(kind));
    expect(verdict).toBe("FAIL");
    expect(reasons.join("\n")).toMatch(hint);
  });
});

describe("what a reader should know first", () => {
  it("stands under the verdict", () => {
    const text = reportText({ ...report(samples(40, 900)), remarks: ["the agent runs cascade"] });
    expect(text.split("\n").slice(0, 2)).toEqual([
      "PASS  every threshold of the target tier holds",
      "note  the agent runs cascade",
    ]);
  });
});

describe("the report of what k6 hands over", () => {
  const k6 = (ok: boolean, testRunDurationMs = 90_000) =>
    reportOfK6(
      {
        state: { testRunDurationMs },
        metrics: {
          ttfb: { values: { count: 30, "p(95)": 2400 }, thresholds: { "p(95)<2000": { ok } } },
          iterations: { values: { count: 3 } },
        },
      },
      { scenario: "acs_media", settings: readSettings({}).settings, tiers, remarks: [], path: "/p", pathHint: "" },
    );

  it("leaves it to k6 which thresholds failed", () => {
    expect(k6(false).verdict).toBe("FAIL");
    expect(k6(true).verdict).toBe("PASS");
  });

  it("knows a run that was stopped by its length", () => {
    expect(k6(true, 40_000).verdict).toBe("INTERRUPTED");
  });
});

describe("the table", () => {
  const text = reportText(
    report(
      samples(20, 900, [
        { metric: "rate_limit", value: 5, tags: { source: "openai" } },
        { metric: "ws_close", value: 2, tags: { code: "1006" } },
      ]),
    ),
  );

  it("says the verdict in its first line", () => {
    expect(text.split("\n")[0]).toBe("PASS  every threshold of the target tier holds");
  });

  it("prints the seed's names, a percentile only where enough samples carry it", () => {
    expect(text).toMatch(/^ttfb\/01 +20 +900 +900 +900 +900 +900 +0$/m);
    expect(reportText(report(samples(19, 900)))).toMatch(/^ttfb\/01 +19 +900 +900 +900 +- +900 +0$/m);
    expect(text).toMatch(/^ws\/close\/1006 +2$/m);
  });

  it("prints the seed's rate limit summary, with the turns it cost and the wait with and without it", () => {
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
    expect(reportText(report(samples(20, 900, more)))).toContain(lines.join("\n"));
    expect(reportText(report(samples(20, 900)))).toContain("  none seen");
  });

  it("grades every gated metric against all three tiers", () => {
    expect(text).toMatch(/^ttfb +p\(95\)<2000 ok +p\(95\)<3000 ok +p\(95\)<4000 ok$/m);
    expect(reportText(report([]))).toMatch(/^barge +p\(95\)<500 no data/m);
  });

  it("ends with the generator's health", () => {
    expect(text).toMatch(/^generator {2}send lag P99 3.0 ms \(limit 40 ms\) {2}0 of 20 turns late {2}0 clock steps$/m);
  });
});

describe("summary.json", () => {
  const json = summaryJson(report(samples(30, 2400), { WS_HEADERS: '{"Authorization":"s3cret"}' }));

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
      generator: { sendLagP99Ms: 3, callSeconds: 30, lateTurns: 0, clockSteps: 0 },
    });
    expect(JSON.stringify(json)).not.toContain("s3cret");
  });
});
