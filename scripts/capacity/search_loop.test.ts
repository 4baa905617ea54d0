import { describe, expect, it } from "vitest";

import { readSettings } from "../../lib/settings/read_settings.ts";
import { readCapacitySettings, searchLimits } from "./capacity_settings.ts";
import { firstPace } from "./first_pace.ts";
import type { Probe, SearchEnd } from "./probe.ts";
import { planText, type SearchPlan, type SearchPort, search } from "./search_loop.ts";
import { syntheticProbe } from "./synthetic_capacity.ts";

function planOf(env: Record<string, string> = {}): SearchPlan {
  const { settings } = readSettings({});
  const { settings: asked } = readCapacitySettings(env);
  const targets = { ttfb: ["p(95)<2000"] };
  const pace = firstPace({ settings, search: asked, targets, frames: [200], isGiven: () => false });
  return { of: "users", limits: searchLimits(asked), pace, budgetSec: asked.CAPACITY_BUDGET };
}

/** A world in which loads up to 40 hold; `interruptAfter`: the number of runs after which the search is interrupted. */
function world(interruptAfter = Number.POSITIVE_INFINITY) {
  const lines: string[] = [];
  const kept: { readonly count: number; readonly end: SearchEnd | null }[] = [];
  const waits: number[] = [];
  let [nowMs, runs] = [0, 0];
  const port: SearchPort = {
    async run({ load, purpose }, { timeSec }) {
      runs += 1;
      nowMs += timeSec * 1000;
      return syntheticProbe(load, purpose, {
        outcome: load <= 40 ? "holds" : "breaks",
        timeSec,
        tookSec: timeSec + 10,
      });
    },
    async keep(probes, end) {
      kept.push({ count: probes.length, end });
    },
    async wait(sec) {
      waits.push(sec);
      nowMs += sec * 1000;
    },
    isInterrupted: () => runs >= interruptAfter,
    nowMs: () => nowMs,
    print: (line) => lines.push(line),
  };
  return { port, lines, kept, waits };
}

const loads = (probes: readonly Probe[]) => probes.map(({ load }) => load);

describe("a search", () => {
  it("says each probe and how it ended, and keeps what is known after each", async () => {
    const { kept, lines, port, waits } = world();
    const { end, probes } = await search(planOf(), [], port);
    expect(end).toBe("agent");
    expect(loads(probes).slice(0, 3)).toEqual([25, 50, 35]);
    expect(lines[0]).toMatch(/^probe 1 of about \d+: 25 callers, \d+ s$/);
    expect(lines[1]).toBe("  holds: 400 turns");
    expect(lines[3]).toMatch(/^ {2}breaks: ttfb is \d+ ms, wanted p\(95\)<2000, 400 turns$/);
    expect(lines.join("\n")).toMatch(/: 3\d callers, \d+ s, to confirm$/m);
    expect(kept.map(({ count }) => count)).toEqual([...probes.map((_, index) => index + 1), probes.length]);
    expect(kept.at(-1)?.end).toBe("agent");
    expect(kept.slice(0, -1).every((each) => each.end === null)).toBe(true);
    expect(new Set(waits)).toEqual(new Set([5]));
  });

  it("stops when it is interrupted, without a pause, and keeps that", async () => {
    const { kept, port, waits } = world(2);
    const { end, probes } = await search(planOf(), [], port);
    expect([end, probes.length, waits.length]).toEqual(["interrupted", 2, 1]);
    expect(kept.at(-1)).toEqual({ count: 2, end: "interrupted" });
  });

  it("goes on from what earlier runs have shown", async () => {
    const first = await search(planOf(), [], world(3).port);
    const { port } = world();
    const { end, probes } = await search(planOf(), first.probes, port);
    expect(end).toBe("agent");
    expect(probes.slice(0, 3)).toEqual(first.probes);
    expect(new Set(loads(probes.filter(({ purpose }) => purpose !== "confirm"))).size).toBe(
      probes.filter(({ purpose }) => purpose !== "confirm").length,
    );
  });

  it("ends within its budget, with a confirmation", async () => {
    const { port } = world();
    const { end, probes } = await search(planOf({ CAPACITY_BUDGET: "12m" }), [], port);
    expect(port.nowMs()).toBeLessThanOrEqual(12 * 60_000);
    expect(end).toBe("budget");
    expect(probes.at(-1)?.purpose).toBe("confirm");
  });

  it("says beforehand how long it takes", () => {
    expect(planText(planOf(), [])).toMatch(/^about \d+ runs, \d+ minutes; at most 30 minutes \(CAPACITY_BUDGET\)$/);
  });
});
