import { describe, expect, it } from "vitest";

import { readSettings } from "../../lib/settings/read_settings.ts";
import { answerSentence, explanationsOf } from "./explain.ts";
import type { Probe } from "./probe.ts";
import { runSearch, type SearchParts } from "./run_search.ts";
import type { PlannedProbe } from "./search.ts";
import { syntheticProbe } from "./synthetic_capacity.ts";
import type { Pace } from "./timing.ts";

const PACE: Pace = {
  of: "users",
  spawnRate: null,
  callsRampSec: 0,
  settleSec: 0,
  coolDownSec: 0,
  fewestTurns: 59,
  plannedTurns: 118,
  turnsPerCall: 60,
  warmupTurns: 0,
  turnSec: 6,
  overheadSec: null,
};

/** Searches an agent that carries so many callers, on a generator that holds so many. */
async function search(carries: number, { holds = 1000, ...changes }: Partial<SearchParts> & { holds?: number } = {}) {
  const lines: string[] = [];
  const planned: PlannedProbe[] = [];
  const saved: string[] = [];
  const outcome = await runSearch({
    limits: { start: 10, max: 200, unit: 1 },
    budgetSec: 3600,
    pace: PACE,
    probes: [],
    probe: async (probe) => {
      planned.push(probe);
      const { load, purpose } = probe;
      if (load > holds) return syntheticProbe(load, purpose, { outcome: "generator", checks: [], turns: 0 });
      return syntheticProbe(load, purpose, { outcome: load <= carries ? "holds" : "breaks" });
    },
    onProgress: async ({ end }) => void saved.push(end),
    print: (line) => lines.push(line),
    signal: new AbortController().signal,
    ...changes,
  });
  return { outcome, lines, planned, saved };
}

const findings = (outcome: Awaited<ReturnType<typeof runSearch>>) => ({
  ...(outcome ?? { end: "none", answer: null, isConfirmed: false, brokeAt: null, probes: [] as Probe[] }),
  scenario: "acs_media" as const,
  of: "users" as const,
  gate: "target",
  wanted: null,
  settings: readSettings({}).settings,
});

describe("a search", () => {
  it.each([1, 9, 37, 120, 199])(
    "of an agent that carries %d callers finds that within a step, and confirms it",
    async (carries) => {
      const { outcome, planned } = await search(carries);
      expect(outcome).toMatchObject({ end: "agent", isConfirmed: true });
      expect(outcome?.answer ?? 0).toBeLessThanOrEqual(carries);
      expect(outcome?.answer ?? 0).toBeGreaterThanOrEqual(Math.min(carries / 1.05, carries - 1));
      expect(planned.at(-1)?.length).toBeGreaterThan(1);
    },
  );

  it("ends at the most that is tried where that holds", async () => {
    const { outcome } = await search(500);
    expect(outcome).toMatchObject({ end: "max", answer: 200, brokeAt: null });
    expect(answerSentence(findings(outcome))).toBe("The agent carries 200 callers, the most that was tried.");
  });

  it("ends where nothing holds", async () => {
    const { outcome } = await search(0);
    expect(outcome).toMatchObject({ end: "none", answer: 0 });
    expect(answerSentence(findings(outcome))).toMatch(/^The agent does not meet the target tier with any load/);
  });

  it("ends at what this machine holds, after a second try", async () => {
    const { outcome, planned } = await search(500, { holds: 100 });
    expect(outcome?.end).toBe("generator");
    expect(outcome?.answer ?? 0).toBeLessThanOrEqual(100);
    expect(outcome?.answer ?? 0).toBeGreaterThan(90);
    expect(planned.filter(({ load }) => load === 160)).toHaveLength(2);
    expect(answerSentence(findings(outcome))).toMatch(
      /^The agent carries at least \d+ callers; this machine holds no more\.$/,
    );
  });

  it("keeps its budget, and says beforehand what it takes", async () => {
    const { lines, outcome } = await search(120, { budgetSec: 1000 });
    expect(lines[0]).toMatch(/^about \d+ to \d+ runs, \d+ to \d+ minutes$/);
    expect(outcome?.end).toBe("budget");
    const tookSec = outcome?.probes.reduce((sum, probe) => sum + probe.tookSec, 0) ?? 0;
    expect(tookSec).toBeLessThanOrEqual(1000);
  });

  it("goes on with the probes of an earlier one", async () => {
    const first = await search(37);
    const probes = first.outcome?.probes.slice(0, 4) ?? [];
    const { outcome, planned } = await search(37, { probes });
    expect(outcome?.answer).toBe(first.outcome?.answer);
    expect(planned.length).toBe((first.outcome?.probes.length ?? 0) - 4);
  });

  it("stops when it is interrupted, and saves what is known after each probe", async () => {
    const stop = new AbortController();
    let runs = 0;
    const probe = async ({ load, purpose }: PlannedProbe) => {
      runs += 1;
      if (runs === 2) stop.abort();
      return syntheticProbe(load, purpose);
    };
    const { outcome, saved } = await search(37, { probe, signal: stop.signal });
    expect(outcome).toMatchObject({ end: "interrupted", answer: 20 });
    expect(saved).toHaveLength(2);
  });
});

describe("what explains an answer", () => {
  it("names what broke, which stage grew, and who throttled", async () => {
    const held = syntheticProbe(20, "confirm", { stages: { "recogniser (stt)": 500, "language model (llm)": 300 } });
    const broke = syntheticProbe(21, "narrow", {
      outcome: "breaks",
      stages: { "recogniser (stt)": 500, "language model (llm)": 1300 },
      throttled: { openai: 7 },
      failedTurns: { throttled: 7 },
    });
    const found = {
      ...findings(null),
      end: "agent",
      answer: 20,
      brokeAt: 21,
      isConfirmed: true,
      probes: [held, broke],
    } as const;
    expect(answerSentence(found)).toMatch(
      /^The agent carries 20 callers; at 21 callers the target tier breaks: ttfb is \d+ ms, wanted p\(95\)<2000/,
    );
    expect(explanationsOf({ ...found, wanted: 30 })).toEqual([
      "wanted were 30 callers",
      "the mean time to first audio grew by 1000 ms from 20 callers to 21 callers: language model (llm) 100 %",
      "throttled at 21 callers: 7 openai",
      "failed turns at 21 callers: 7 throttled",
    ]);
  });
});
