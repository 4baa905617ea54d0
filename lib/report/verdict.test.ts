import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";
import type { Sample } from "../metrics/metrics.ts";
import { readSettings } from "../settings/read_settings.ts";
import { readTiers } from "../settings/thresholds.ts";
import { summaryFromK6 } from "./run_summary.ts";
import { syntheticSamples, syntheticSummary } from "./synthetic_summary.ts";

const { tiers } = readTiers(readFileSync("thresholds.json", "utf8"));

function summary(samples: readonly Sample[], env: Readonly<Record<string, string>> = {}, interrupted = false) {
  return syntheticSummary(tiers, samples, { env, interrupted });
}

const wsError = (kind: string): Sample[] => [
  { metric: "calls", value: 1 },
  { metric: "connection_success", value: 0 },
  { metric: "ws_error", value: 1, tags: { kind } },
];

describe("the verdict", () => {
  it("is PASS when every threshold of the tier holds", () => {
    expect(summary(syntheticSamples(40, 900))).toMatchObject({
      verdict: "PASS",
      reasons: ["every threshold of the target tier holds"],
    });
  });

  it("is FAIL with the value, the limit and the tier", () => {
    expect(summary(syntheticSamples(40, 2400))).toMatchObject({
      verdict: "FAIL",
      reasons: ["ttfb p(95) is 2400 ms; the target tier wants p(95)<2000"],
    });
    expect(summary(syntheticSamples(40, 2400), { GATE: "acceptable" }).verdict).toBe("PASS");
  });

  it("counts the messages that nobody could read, in a run that passes too", () => {
    const unread: Sample[] = [7, 5].map((value) => ({ metric: "unread_messages", value }));
    expect(summary([...syntheticSamples(40, 900), ...unread]).reasons).toContain(
      "12 messages of the agent could not be read",
    );
    expect(summary([...syntheticSamples(40, 2400), ...unread]).reasons[0]).toBe(
      "12 messages of the agent could not be read",
    );
  });

  it("names the outcomes of the failed turns", () => {
    const failed: Sample[] = [
      { metric: "turn_success", value: 0 },
      { metric: "turn_error", value: 1, tags: { reason: "closed" } },
    ];
    expect(summary(syntheticSamples(2, 900, [...failed, ...failed])).reasons[0]).toBe(
      "turn_success rate is 50.0 %; the target tier wants rate>0.95; failed turns: 2 closed",
    );
  });

  it("is FAIL when nothing was measured, and names each metric without samples", () => {
    const { verdict, reasons } = summary([]);
    expect(verdict).toBe("FAIL");
    expect(reasons.join("\n")).toMatch(/no barge-in was measured/);
    expect(reasons.join("\n")).toMatch(/nothing was measured of: calls, turns, ttfb, connection_success, turn_success/);
  });

  it("names the setting to change when every reply was too short to interrupt", () => {
    const short = syntheticSamples(
      40,
      900,
      Array.from(
        { length: 40 },
        () => ({ metric: "barge_skipped", value: 1, tags: { reason: "short_reply" } }) as const,
      ),
    );
    const { reasons } = summary(short.filter(({ metric }) => metric !== "barge"));
    expect(reasons).toEqual([
      expect.stringMatching(/40 replies ended before BARGE_REENTRY_MS=1000 .* lower it, or set BARGE_EVERY=0/),
    ]);
  });

  it("names the setting to change when the wire shows no stop", () => {
    const silent = syntheticSamples(
      40,
      900,
      Array.from(
        { length: 40 },
        () => ({ metric: "barge_unobserved", value: 1, tags: { reason: "not_owed" } }) as const,
      ),
    );
    const { reasons } = summary(
      silent.filter(({ metric }) => metric !== "barge"),
      { AGENT_STOPS: "false" },
    );
    expect(reasons).toEqual([expect.stringMatching(/40 replies had arrived whole .* set BARGE_EVERY=0/)]);
    const owed = summary(silent.filter(({ metric }) => metric !== "barge"));
    expect(owed.reasons).toEqual([expect.stringMatching(/40 interruptions saw no stop .* AGENT_STOPS=false/)]);
  });

  it("lists the reasons of an INVALID run in the same order, whatever the order of k6's metrics", () => {
    const late = { values: { count: 3, "p(99)": 900 }, thresholds: { "p(99)<40": { ok: false } } };
    const stepped = { values: { count: 3 }, thresholds: { "count<1": { ok: false } } };
    for (const metrics of [
      { send_lag: late, clock_step: stepped },
      { clock_step: stepped, send_lag: late },
    ]) {
      const { settings } = readSettings({});
      const input = { scenario: "acs_media", settings, tiers, remarks: [], go: [], path: "/p", pathHint: "try /p" };
      const { reasons } = summaryFromK6({ state: { testRunDurationMs: 1e9 }, metrics }, input);
      expect(reasons.map((reason) => reason.split(" ").slice(0, 4).join(" "))).toEqual([
        "3 times the wall",
        "this machine was too",
      ]);
    }
  });

  it("is INVALID and not FAIL when the generator was late", () => {
    const late = summary(
      syntheticSamples(
        40,
        2400,
        Array.from({ length: 20 }, () => ({ metric: "send_lag", value: 90 }) as const),
      ),
    );
    expect(late.verdict).toBe("INVALID");
    expect(late.reasons[0]).toMatch(
      /^this machine was too slow: frames went out 90 ms late \(P99\); run fewer callers/,
    );
    expect(summary(syntheticSamples(40, 900, [{ metric: "clock_step", value: 1 }])).verdict).toBe("INVALID");
    expect(
      summary(
        syntheticSamples(40, 900, [
          { metric: "on_time", value: 0 },
          { metric: "generator_late", value: 1 },
        ]),
      ).verdict,
    ).toBe("INVALID");
    expect(summary(syntheticSamples(40, 900, [{ metric: "script_error", value: 1 }])).verdict).toBe("INVALID");
  });

  it("names GOGC among what helps against lateness only where k6 ran with Go's default", () => {
    const late = [
      { metric: "send_lag", value: 9000 },
      { metric: "on_time", value: 0 },
    ] as const;
    const samples = syntheticSamples(40, 900, Array.from({ length: 20 }, () => late).flat());
    const reasons = (...gogc: (string | null)[]) => {
      const go = gogc.map((GOGC) => ({ GOGC, GOMEMLIMIT: null, GOMAXPROCS: null }));
      return syntheticSummary(tiers, samples, { go }).reasons.slice(0, 2);
    };
    const advice = /^this machine was too slow.*; start k6 with the GOGC of docs\/performance.md, run fewer callers/;
    for (const reason of [...reasons(null), ...reasons("***"), ...reasons("1600", null)])
      expect(reason).toMatch(advice);
    for (const reason of [...reasons("1600"), ...reasons()])
      expect(reason).toMatch(/^this machine was too slow.*; run fewer/);
  });

  it("is INTERRUPTED when the run was interrupted, whatever its numbers", () => {
    expect(summary(syntheticSamples(40, 900), {}, true)).toMatchObject({ verdict: "INTERRUPTED" });
  });

  it.each([
    ["refused", /nothing listens at ws:\/\/localhost:8010\/p: is the agent running, and are HOST or WS_URL right\?/],
    ["http_404", /answered the upgrade with 404: the path is wrong; try \/p; WS_URL sets another/],
    [
      "http_403",
      /answered the upgrade with 403: a wrong path, or wrong credentials \(WS_HEADERS, TWILIO_AUTH_TOKEN or REALTIME_API_KEY\); try \/p/,
    ],
    ["http_500", /answered the upgrade with 500/],
    ["tls", /failed the TLS handshake/],
  ])("says what to check when calls failed with %s", (kind, hint) => {
    const { verdict, reasons } = summary(wsError(kind));
    expect(verdict).toBe("FAIL");
    expect(reasons.join("\n")).toMatch(hint);
  });
});
