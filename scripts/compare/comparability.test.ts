import { describe, expect, it } from "vitest";

import { comparability } from "./comparability.ts";
import type { ComparedRun, RunFacts } from "./compared_run.ts";

const GO = { GOGC: "3500", GOMEMLIMIT: null, GOMAXPROCS: null };

const FACTS: RunFacts = {
  run: "a",
  scenario: "acs_media",
  startedAt: "2026-01-02T03:04:05.000Z",
  version: "1.0.0",
  k6: "2.2.0",
  url: "wss://agent.example.com/ws",
  settings: { HOST: "a", PIPELINE: "cascade", USERS: 10, TIME: 60, CONVERSATION: [], FIRST_BYTE_TIMEOUT_SEC: 5 },
  thresholds: { target: { ttfb: ["p(95)<2000"] }, acceptable: {}, alert: {} },
  go: [GO],
  verdict: "PASS",
  reasons: [],
  calls: 10,
  turns: 100,
  lateTurns: 0,
  sendLagP99Ms: 4,
  comparedTurns: 100,
  timedOut: { firstByte: 0, turn: 0, greeting: 0 },
};

const run = (path: string, change: Partial<RunFacts> = {}): ComparedRun => {
  return { path, facts: { ...FACTS, run: path, ...change }, calls: [] };
};

/** What is said of three bases and a run; the last base and the run differ as given. */
function said(base: Partial<RunFacts>, now: Partial<RunFacts> = {}) {
  return comparability([run("a"), run("b"), run("c", base)], run("now", now));
}

describe("runs with the same inputs", () => {
  it("are compared without a word", () => {
    expect(said({}, { url: "wss://other.example.com/ws", settings: { ...FACTS.settings, HOST: "other" } })).toEqual({
      refusals: [],
      remarks: [],
    });
  });

  it("are too few where there are one or two bases", () => {
    expect(comparability([run("a")], run("now")).remarks).toEqual([expect.stringMatching(/^one base only: /)]);
    expect(comparability([run("a"), run("b")], run("now")).remarks).toEqual([
      expect.stringMatching(/^two bases only: /),
    ]);
  });
});

describe("a comparison is refused", () => {
  it("with an INVALID run, with its reason", () => {
    expect(said({ verdict: "INVALID", reasons: ["this machine was too slow", "more"] }).refusals).toEqual([
      "c: INVALID: this machine was too slow",
    ]);
  });

  it("with a run without turns", () => {
    expect(said({}, { comparedTurns: 0 }).refusals).toEqual(["now: expected turns that count, got none"]);
  });

  it("where waits timed out at different deadlines, and not where none did", () => {
    const settings = { ...FACTS.settings, FIRST_BYTE_TIMEOUT_SEC: 8 };
    const timedOut = { firstByte: 3, turn: 0, greeting: 0 };
    expect(said({ settings }, { timedOut }).refusals).toEqual([
      "FIRST_BYTE_TIMEOUT_SEC: expected 5 in c as in now, got 8; 3 waits timed out, which ttfb and barge record as the whole deadline",
    ]);
    const { refusals, remarks } = said({ settings });
    expect(refusals).toEqual([]);
    expect(remarks).toEqual(["different deadlines: FIRST_BYTE_TIMEOUT_SEC=8 in c, FIRST_BYTE_TIMEOUT_SEC=5 in now"]);
  });
});

describe("a remark is made", () => {
  it.each<[string, Partial<RunFacts>, string]>([
    [
      "another scenario",
      { scenario: "browser_conversation" },
      "different scenario: browser_conversation in c, acs_media in now",
    ],
    [
      "another load",
      { settings: { ...FACTS.settings, USERS: 50, TIME: 30 } },
      "different load: USERS=50 TIME=30 in c, USERS=10 TIME=60 in now",
    ],
    [
      "other speech",
      { settings: { ...FACTS.settings, CONVERSATION: ["x", "y"] } },
      "different audio: CONVERSATION=x,y in c, CONVERSATION=all in now",
    ],
    [
      "another pipeline",
      { settings: { ...FACTS.settings, PIPELINE: "voicelive" } },
      "different pipeline: PIPELINE=voicelive in c, PIPELINE=cascade in now",
    ],
    [
      "other thresholds",
      { thresholds: { target: {}, acceptable: {}, alert: {} } },
      "different thresholds in c and now",
    ],
    [
      "another version of this tool",
      { version: "0.9.0" },
      "different version of k6-voice-agent: 0.9.0 in c, 1.0.0 in now",
    ],
    ["another k6", { k6: "2.1.0" }, "different version of k6: 2.1.0 in c, 2.2.0 in now"],
    [
      "another collector",
      { go: [{ ...GO, GOGC: null }] },
      "different Go variables: GOGC=100 (Go's default)  GOMEMLIMIT not set  GOMAXPROCS not set in c, GOGC=3500  GOMEMLIMIT not set  GOMAXPROCS not set in now",
    ],
    [
      "a slower generator",
      { sendLagP99Ms: 25 },
      "different load generator: send lag P99 25.0 ms, 0 of 100 turns late in c, send lag P99 4.0 ms, 0 of 100 turns late in now",
    ],
    [
      "late turns",
      { lateTurns: 1 },
      "different load generator: send lag P99 4.0 ms, 1 of 100 turns late in c, send lag P99 4.0 ms, 0 of 100 turns late in now",
    ],
    ["an interrupted run", { verdict: "INTERRUPTED" }, "c: INTERRUPTED: turns in progress are not in it"],
  ])("on %s", (_, change, remark) => {
    expect(said(change)).toEqual({ refusals: [], remarks: [remark] });
  });

  it("on a base that is the run itself", () => {
    expect(said({ run: "now" }).remarks).toEqual(["c is the run itself"]);
  });

  it("on no setting that one of the versions does not know, no unknown k6, and no unknown variables of Go", () => {
    const { TIME: _, ...older } = FACTS.settings;
    expect(said({ settings: { ...older, OLD: 1 }, k6: "unknown", go: [] })).toEqual({ refusals: [], remarks: [] });
  });
});
