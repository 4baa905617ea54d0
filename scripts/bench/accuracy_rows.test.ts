import { describe, expect, it } from "vitest";

import { accuracyDocument, accuracyTable } from "./accuracy_markdown.ts";
import { type AccuracyRow, accuracyRow, brokenBounds, type ErrorRow } from "./accuracy_rows.ts";

const small: ErrorRow = { count: 200, p50Ms: 1, p99Ms: 5, maxMs: 9 };

function row(more: Partial<AccuracyRow> = {}): AccuracyRow {
  const size = { wire: "acs_media", delays: "constant", callers: 10, turns: 200, leftOut: 0, alone: 0 };
  const health = { sendLagP99Ms: 6.5, lateTurns: 1, simulatorP99Ms: 1.25, verdict: "PASS" };
  return { ...size, ...health, errors: { ttfb: small, barge: small, turn: small }, ...more };
}

const withTtfb = (error: Partial<ErrorRow>, more: Partial<AccuracyRow> = {}) =>
  row({ errors: { ttfb: { ...small, ...error }, barge: small, turn: small }, ...more });

describe("a row of the accuracy table", () => {
  it("is made from a run, its truth and its proof", () => {
    const summary = { verdict: "FAIL", reasons: [], metrics: {}, generator: { sendLagP99Ms: 7, lateTurns: 2 } };
    const truthLines = [{ type: "turn" }, { type: "health", p99Ms: 3.5 }];
    const errorsMs = { ttfb: [1, 2, 3], barge: [], turn: [4], simulator: [1] };
    const proof = { errorsMs, simulatorLate: 4, missingFromTruth: ["a/1"], missingFromLog: ["a/2", "a/3"] };
    const load = { wire: "acs_media", delays: "lognormal", callers: 50 };
    expect(accuracyRow({ summary, truthLines, log: { turns: [1, 2, 3, 4] } }, proof, load)).toEqual({
      ...load,
      turns: 4,
      errors: {
        ttfb: { count: 3, p50Ms: 2, p99Ms: 2.98, maxMs: 3 },
        barge: { count: 0, p50Ms: null, p99Ms: null, maxMs: null },
        turn: { count: 1, p50Ms: 4, p99Ms: 4, maxMs: 4 },
      },
      sendLagP99Ms: 7,
      lateTurns: 2,
      simulatorP99Ms: 3.5,
      leftOut: 4,
      alone: 3,
      verdict: "FAIL",
    });
  });

  it.each([
    [10, 10],
    [50, 25],
    [100, 25],
  ])("of %i callers breaks its bound with a P99 above %i ms", (callers, boundMs) => {
    expect(brokenBounds(withTtfb({ p99Ms: boundMs }, { callers }))).toEqual([]);
    expect(brokenBounds(withTtfb({ p99Ms: boundMs + 0.1 }, { callers }))).toEqual([
      `acs_media, constant delays, ${callers} callers: expected a P99 of the error of ttfb of at most ${boundMs} ms, got ${boundMs}.1`,
    ]);
  });

  it("of 200 callers has the bound of every valid run only: no error above 40 ms", () => {
    expect(brokenBounds(withTtfb({ p99Ms: 39, maxMs: 40 }, { callers: 200 }))).toEqual([]);
    expect(brokenBounds(withTtfb({ p99Ms: 39, maxMs: 40.1 }, { callers: 200, verdict: "FAIL" }))).toEqual([
      "acs_media, constant delays, 200 callers: expected no error of ttfb above 40 ms in a FAIL run, got 40.1",
    ]);
  });

  it("has the same bounds for barge and turn", () => {
    const errors = { ttfb: small, barge: { ...small, maxMs: 50 }, turn: { ...small, p99Ms: 11 } };
    expect(brokenBounds(row({ errors })).map((line) => /of (barge|turn) /.exec(line)?.[1])).toEqual(["barge", "turn"]);
  });

  it("breaks a bound with turns without a partner, and with no turns", () => {
    expect(brokenBounds(row({ alone: 2 }))[0]).toContain("expected every turn to have its partner, got 2 without");
    expect(brokenBounds(row({ turns: 0 }))[0]).toContain("expected turns, got none");
  });

  it("breaks no bound where the run is INVALID, and is listed as such in the document", () => {
    const invalid = withTtfb({ p99Ms: 80, maxMs: 200 }, { verdict: "INVALID", alone: 1 });
    expect(brokenBounds(invalid)).toEqual([]);
    const document = accuracyDocument({
      date: "2026-01-31",
      machine: "2 cores",
      command: "make accuracy",
      rows: [invalid],
    });
    expect(document).toContain("No run broke a bound.");
    expect(document).toContain(
      "do not apply to these runs, because their verdict is INVALID:\n\n- acs_media, constant delays",
    );
  });

  it("is shown as P50, P99 and max of each metric, the generator's and the simulator's lateness, and the verdict", () => {
    const noErrors = { count: 0, p50Ms: null, p99Ms: null, maxMs: null };
    const [, , line = ""] = accuracyTable([row({ errors: { ttfb: small, barge: noErrors, turn: small } })]).split("\n");
    expect(line.split("|").map((cell) => cell.trim())).toEqual([
      "",
      "10",
      "200",
      "1.0 / 5.0 / 9.0",
      "-",
      "1.0 / 5.0 / 9.0",
      "6.5",
      "1",
      "1.3",
      "0",
      "PASS",
      "",
    ]);
  });

  it("is in the document under its wire and delays, and the bounds that it breaks are listed", () => {
    const rows = [row(), row({ wire: "browser_conversation" }), withTtfb({ p99Ms: 11 }, { callers: 1 })];
    const document = accuracyDocument({ date: "2026-01-31", machine: "2 cores", command: "make accuracy", rows });
    expect(document.match(/^## .*$/gm)).toEqual([
      "## acs_media, constant delays",
      "## browser_conversation, constant delays",
      "## Bounds",
      "## How to read it",
    ]);
    expect(document).toContain("- acs_media, constant delays, 1 callers: expected a P99 of the error of ttfb");
    expect(document.split("\n").filter((line) => line.length > 120 && !/^[|-]/.test(line))).toEqual([]);
  });
});
