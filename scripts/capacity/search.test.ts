import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { Evidence } from "./evidence.ts";
import { forecast } from "./forecast.ts";
import { STEP } from "./loads.ts";
import type { SearchEnd } from "./probe.ts";
import { nextStep, type PlannedProbe, type SearchState } from "./search.ts";

/** What an agent or the load generator does at a load; of an uncertain one also what more turns would show. */
type Oracle = (probe: PlannedProbe, before: readonly Evidence[]) => Pick<Evidence, "outcome"> & Partial<Evidence>;

interface Made {
  readonly end: SearchEnd;
  readonly probes: readonly PlannedProbe[];
  readonly evidence: readonly Evidence[];
  readonly tookSec: number;
}

const LIMITS = { start: 25, max: 200, unit: 1 };

const state = (changes: Partial<SearchState> = {}): SearchState => ({
  limits: LIMITS,
  probes: [],
  leftSec: 1e9,
  timeOf: ({ length }) => 40 + 35 * length,
  ...changes,
});

/** Searches with an oracle to the end. */
function made(oracle: Oracle, changes: Partial<SearchState> = {}): Made {
  const from = state(changes);
  const probes: PlannedProbe[] = [];
  const evidence: Evidence[] = [...from.probes];
  let tookSec = 0;
  for (let count = 0; count < 200; count += 1) {
    const step = nextStep({ ...from, probes: evidence, leftSec: from.leftSec - tookSec });
    if ("end" in step) return { end: step.end, probes, evidence, tookSec };
    const { load, purpose } = step.probe;
    const shown = oracle(step.probe, evidence);
    probes.push(step.probe);
    evidence.push({ load, purpose, prospect: "uncertain", severity: null, ...shown });
    tookSec += from.timeOf(step.probe);
  }
  throw new Error("expected a search that ends, got 200 probes");
}

const limitAt =
  (limit: number): Oracle =>
  ({ load }) => ({ outcome: load <= limit ? "holds" : "breaks", severity: (load / limit) ** 8 });

const texts = ({ probes }: Made) => probes.map(({ load, purpose }) => `${purpose} ${load}`);
const confirmed = ({ evidence }: Made) =>
  Math.max(
    0,
    ...evidence.flatMap(({ load, outcome, purpose }) => (purpose === "confirm" && outcome === "holds" ? [load] : [])),
  );

describe("the search", () => {
  it("doubles while the load holds, and confirms the largest one", () => {
    const search = made(limitAt(1000));
    expect(texts(search)).toEqual(["grow 25", "grow 50", "grow 100", "grow 200", "confirm 200"]);
    expect(search.end).toBe("max");
    expect(search.probes.at(-1)?.length).toBeGreaterThan(1);
  });

  it.each([1, 2, 3, 7, 24, 26, 40, 99, 120, 160, 199])("finds a limit of %i callers within one step", (limit) => {
    const search = made(limitAt(limit));
    expect(search.end).toBe("agent");
    expect(confirmed(search)).toBeLessThanOrEqual(limit);
    expect(Math.max(confirmed(search) * STEP, confirmed(search) + 1)).toBeGreaterThanOrEqual(limit);
  });

  it("never makes the same run of a load that is certain twice, nor one below a load that holds or above one that breaks", () => {
    for (const limit of [3, 26, 99, 120, 199]) {
      const { probes } = made(limitAt(limit));
      const short = probes.filter(({ purpose }) => purpose !== "confirm").map(({ load }) => load);
      expect(new Set(short).size).toBe(short.length);
      for (const [index, load] of short.entries()) {
        for (const earlier of short.slice(0, index))
          expect(earlier <= limit ? load > earlier : load < earlier).toBe(true);
      }
    }
  });

  it("finds a limit of calls per second", () => {
    const search = made(limitAt(0.777), { limits: { start: 0.25, max: 2, unit: 0.001 } });
    expect(confirmed(search)).toBeGreaterThanOrEqual(0.74);
    expect(confirmed(search)).toBeLessThanOrEqual(0.777);
  });

  it("goes down fast where the first load breaks, and ends where not even the smallest one holds", () => {
    const search = made(limitAt(0));
    expect(texts(search)).toEqual(["grow 25", "narrow 6", "narrow 2", "narrow 1"]);
    expect(search.end).toBe("none");
  });
});

describe("an uncertain load", () => {
  const near =
    (load: number, more: Partial<Evidence>): Oracle =>
    (probe) =>
      probe.load === load && probe.purpose !== "confirm" ? { outcome: "uncertain", ...more } : limitAt(150)(probe, []);

  it("is not run again while a larger one holds", () => {
    const search = made(near(50, { prospect: "holds" }));
    expect(texts(search).filter((text) => text.endsWith(" 50"))).toEqual(["grow 50"]);
  });

  it("is extended where the answer depends on it, and its samples add up", () => {
    const search = made(
      ({ load, purpose }) => {
        if (purpose !== "confirm" && load === 10) return { outcome: "uncertain", prospect: "uncertain" };
        return { outcome: load < 10 ? "holds" : "breaks" };
      },
      { limits: { start: 9, max: 10, unit: 1 } },
    );
    expect(texts(search)).toEqual(["grow 9", "grow 10", "narrow 10", "confirm 9"]);
    expect(search.probes[2]).toMatchObject({ pooledWith: [1] });
    expect(search.probes[2]?.length).toBeGreaterThan(1);
    expect(search.probes[3]).toMatchObject({ pooledWith: [0] });
  });

  it("counts as not holding where it stays uncertain", () => {
    const search = made(({ load }) => ({
      outcome: load < 100 ? "holds" : "uncertain",
      prospect: "uncertain",
      severity: 1,
    }));
    expect(search.end).toBe("agent");
    expect(confirmed(search)).toBeLessThan(100);
    expect(confirmed(search)).toBeGreaterThanOrEqual(95);
  });
});

describe("a confirmation that breaks", () => {
  const leak =
    (limit: number, lasting: number): Oracle =>
    (probe) =>
      limitAt(probe.purpose === "confirm" ? lasting : limit)(probe, []);

  it.each([140, 110, 60, 8])("leads down to what holds for long, %i of 150 callers", (lasting) => {
    const search = made(leak(150, lasting));
    expect(search.end).toBe("agent");
    expect(confirmed(search)).toBeLessThanOrEqual(lasting);
    expect(confirmed(search) * STEP + 1).toBeGreaterThanOrEqual(lasting);
  });

  it("takes short runs for no evidence from then on, nor their samples", () => {
    const search = made(leak(10, 8), { limits: { start: 9, max: 10, unit: 1 } });
    expect(texts(search)).toEqual(["grow 9", "grow 10", "confirm 10", "confirm 8", "confirm 9"]);
    expect(search.probes.map(({ pooledWith }) => pooledWith)).toEqual([[], [], [1], [], []]);
  });
});

describe("a generator that is too slow", () => {
  const slowFrom =
    (load: number): Oracle =>
    (probe) => ({ outcome: probe.load >= load ? "generator" : "holds", severity: 0.1 });

  it("is tried once more, and is then the end of the search", () => {
    const search = made(slowFrom(140));
    expect(texts(search).slice(0, 6)).toEqual(["grow 25", "grow 50", "grow 100", "grow 200", "grow 200", "narrow 141"]);
    expect(search.end).toBe("generator");
    expect(confirmed(search)).toBeLessThan(140);
    expect(confirmed(search) * STEP).toBeGreaterThanOrEqual(139);
  });

  it("does not count where the second run was on time", () => {
    const once: Oracle = (probe, before) =>
      probe.load === 100 && !before.some(({ load }) => load === 100)
        ? { outcome: "generator" }
        : limitAt(1000)(probe, before);
    expect(made(once).end).toBe("max");
  });

  it("leaves a load as uncertain as a run of its kind has shown that was on time", () => {
    const stuck: Oracle = (probe, before) => {
      if (probe.load !== 48) return limitAt(47)(probe, before);
      const hasRun = before.some(({ load }) => load === 48);
      return hasRun ? { outcome: "generator" } : { outcome: "uncertain", prospect: "breaks", severity: 1 };
    };
    const search = made(stuck, { limits: { start: 46, max: 48, unit: 1 } });
    expect(search.evidence.filter(({ load }) => load === 48).map(({ outcome }) => outcome)).toEqual([
      "uncertain",
      "generator",
      "generator",
    ]);
    expect([search.end, confirmed(search)]).toEqual(["agent", 47]);
  });

  it("is the answer of a search without any other", () => {
    expect(made(slowFrom(1)).end).toBe("generator");
  });
});

describe("an interrupted run", () => {
  it("is made again when the search goes on", () => {
    const interrupted = {
      load: 25,
      purpose: "grow",
      outcome: "interrupted",
      prospect: "uncertain",
      severity: null,
    } as const;
    expect(nextStep(state({ probes: [interrupted] }))).toEqual({
      probe: { load: 25, purpose: "grow", length: 1, pooledWith: [] },
    });
  });
});

describe("the budget", () => {
  it("is never exceeded, and leaves time for the confirmation of what is known", () => {
    for (const leftSec of [300, 400, 600, 900, 1200, 1800]) {
      const search = made(limitAt(123), { leftSec });
      expect(search.tookSec).toBeLessThanOrEqual(leftSec);
      expect(search.probes.at(-1)?.purpose).toBe("confirm");
      expect(confirmed(search)).toBeGreaterThan(0);
    }
  });

  it("ends a search before its first run where it does not hold that and its confirmation", () => {
    expect(nextStep(state({ leftSec: 289 }))).toEqual({ end: "budget" });
    expect(nextStep(state({ leftSec: 290 }))).toHaveProperty("probe");
  });

  it("is said beforehand, near to what a search takes", () => {
    const said = forecast(state({ leftSec: 1800 }));
    const all = [30, 60, 90, 120, 150, 180].map((limit) => made(limitAt(limit), { leftSec: 1800 }));
    const mean = all.reduce((sum, { tookSec }) => sum + tookSec, 0) / all.length;
    expect(said.sec).toBeGreaterThan(mean / 2);
    expect(said.sec).toBeLessThan(mean * 2);
    expect(said.runs).toBeGreaterThan(5);
  });

  it("is less, the more is known", () => {
    const { evidence } = made(limitAt(120));
    const left = evidence.map((_, index) => forecast(state({ probes: evidence.slice(0, index) })).runs);
    expect(left.at(-1)).toBeLessThan(left[0] ?? 0);
    expect(forecast(state({ probes: evidence })).runs).toBe(0);
  });
});

describe("any search", () => {
  const outcomes = fc.constantFrom("holds", "breaks", "uncertain", "generator" as const);
  const shown = fc.record({
    outcome: outcomes,
    prospect: fc.constantFrom("holds", "breaks", "uncertain"),
    severity: fc.option(fc.double({ min: 0.01, max: 20, noNaN: true })),
  }) as fc.Arbitrary<Pick<Evidence, "outcome" | "prospect" | "severity">>;

  it("ends, keeps within its loads and its budget, and pools runs of one load only", () => {
    fc.assert(
      fc.property(
        fc.array(shown, { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 0, max: 4000 }),
        (all, start, leftSec) => {
          const search = made((_, before) => all[before.length % all.length] ?? { outcome: "breaks" }, {
            limits: { ...LIMITS, start },
            leftSec,
          });
          expect(search.tookSec).toBeLessThanOrEqual(leftSec);
          for (const { load, pooledWith } of search.probes) {
            expect(load).toBeGreaterThanOrEqual(1);
            expect(load).toBeLessThanOrEqual(200);
            expect(Number.isInteger(load)).toBe(true);
            for (const index of pooledWith) expect(search.probes[index]?.load).toBe(load);
          }
        },
      ),
    );
  });
});
