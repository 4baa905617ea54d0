import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { EXITS } from "../run/exit_codes.ts";
import { COMPARE_EXITS, isGated, outcomeOf } from "./outcome.ts";
import type { ComparedRow } from "./rows.ts";
import { ROWS } from "./series.ts";

const row = (change: Partial<ComparedRow>) =>
  ({ gated: true, unit: "ms", worse: "higher", difference: 1, verdict: "same", ...change }) as ComparedRow;

describe("the outcome", () => {
  it("is slower where any row is, whatever else cannot be told", () => {
    const rows = [row({ verdict: "cannot_tell" }), row({ verdict: "slower", gated: false })];
    expect(outcomeOf(rows)).toBe("slower");
  });

  it("cannot be told where a row cannot that the gate judges, and is the same where only others cannot", () => {
    expect(outcomeOf([row({}), row({ verdict: "cannot_tell" })])).toBe("cannot_tell");
    expect(outcomeOf([row({}), row({ verdict: "cannot_tell", gated: false }), row({ verdict: "faster" })])).toBe(
      "same",
    );
    expect(outcomeOf([row({ verdict: "cannot_tell", difference: null })])).toBe("cannot_tell");
  });

  it("is not held up by a share that did not get worse", () => {
    const share = (difference: number | null) =>
      row({ unit: "share", worse: "lower", verdict: "cannot_tell", difference });
    expect([0, 0.01, -0.01, null].map((difference) => outcomeOf([share(difference)]))).toEqual([
      "same",
      "same",
      "cannot_tell",
      "cannot_tell",
    ]);
  });
});

describe("the gate", () => {
  const gated = (gate: Readonly<Record<string, string[]>>) =>
    ROWS.filter((each) => isGated(each, gate)).map(({ name }) => name);

  it("judges the rows of the statistics that its expressions name, or of the nearest ones", () => {
    expect(gated({ ttfb: ["p(95)<2000"], turn_success: ["rate>0.95"] })).toEqual(["ttfb P95", "turn_success"]);
    expect(gated({ ttfb: ["med<900", "max<9000"] })).toEqual(["ttfb P50", "ttfb P95"]);
    expect(gated({ "barge{turn:01}": ["p(99)<900"], turn: ["avg<5000"], greeting: ["p(50)<200"] })).toEqual([
      "barge P95",
      "turn P50",
      "greeting P50",
    ]);
  });
});

describe("the exit codes", () => {
  it("of what cannot be told is of that alone, and all others mean the same as those of a run", () => {
    const ofRuns = (code: number) => Object.values(EXITS).filter((exit) => exit.code === code);
    expect(ofRuns(COMPARE_EXITS.cannot_tell.code)).toEqual([]);
    expect(COMPARE_EXITS.same.code).toBe(EXITS.passed.code);
    expect(COMPARE_EXITS.slower.code).toBe(EXITS.slow.code);
    expect(COMPARE_EXITS.refused.code).toBe(EXITS.input.code);
  });

  it("are in docs/compare.md", () => {
    const text = readFileSync("docs/compare.md", "utf8");
    for (const [outcome, { code, when }] of Object.entries(COMPARE_EXITS))
      expect(text).toContain(`| ${code} | \`${outcome}\` | ${when} |`);
  });
});
