import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { readSettings } from "../../lib/settings/read_settings.ts";
import { readTiers } from "../../lib/settings/thresholds.ts";
import { judgeRuns } from "./judge_runs.ts";
import { endOf, probeEnv } from "./run_probe.ts";
import { syntheticProbe } from "./synthetic_capacity.ts";
import { syntheticCall, syntheticTurn } from "./synthetic_lines.ts";

const LOAD = { users: 40, spawnRate: 3, rampUpSec: 13.3, settledSec: 20, timeSec: 75 };

describe("the settings of a probe's run", () => {
  it("are those of the search, with its load", () => {
    expect(probeEnv({ env: { HOST: "a", TIME: "" }, of: "users" }, 40, LOAD)).toEqual({
      HOST: "a",
      USERS: "40",
      SPAWN_RATE: "3",
      TIME: "75s",
      RAMP_UP_COUNTS: "false",
    });
    expect(probeEnv({ env: { RAMP_UP_COUNTS: "true" }, of: "users" }, 40, LOAD).RAMP_UP_COUNTS).toBe("true");
  });

  it("have a rate of calls for an open load", () => {
    const env = probeEnv({ env: {}, of: "calls_per_sec" }, 0.75, LOAD);
    expect(env).toEqual({ USERS: "40", TIME: "75s", CALLS_PER_SEC: "0.75" });
    expect(readSettings({ ...env, TURNS_PER_USER: "5" }).problems).toEqual([]);
  });
});

describe("what a probe has shown", () => {
  const judgement = syntheticProbe(40, "grow");
  const end = (changes: Partial<Parameters<typeof endOf>[1]>, judged = judgement) =>
    endOf(judged, { verdict: "PASS", reasons: ["why"], exitCode: 0, wasInterrupted: false, ...changes }).outcome;

  it("is what its turns show, whatever the verdict of its run is", () => {
    expect(end({})).toBe("holds");
    expect(end({ verdict: "FAIL", exitCode: 99 })).toBe("holds");
    expect(end({}, syntheticProbe(40, "grow", { outcome: "breaks" }))).toBe("breaks");
    expect(end({}, syntheticProbe(40, "grow", { outcome: "uncertain" }))).toBe("uncertain");
    expect(end({}, syntheticProbe(40, "grow", { turns: 0 }))).toBe("breaks");
  });

  it("is nothing of the agent where the run is INVALID, or k6 died", () => {
    expect(endOf(judgement, { verdict: "INVALID", reasons: ["late"], exitCode: 99, wasInterrupted: false })).toEqual({
      outcome: "generator",
      reasons: ["late"],
    });
    expect(end({ verdict: "INTERRUPTED", exitCode: 255 })).toBe("generator");
  });

  it("is an interruption only where the search was interrupted: the watchdog ends runs of agents that stopped reading", () => {
    expect(end({ verdict: "INTERRUPTED", exitCode: 105, wasInterrupted: true })).toBe("interrupted");
    expect(end({ verdict: "INTERRUPTED", exitCode: 105 })).toBe("breaks");
  });
});

describe("the runs of a load", () => {
  const START = Date.parse("2026-01-02T03:04:05.000Z");
  const { tiers } = readTiers(
    JSON.stringify({
      target: { ttfb: ["p(95)<2000"] },
      acceptable: { ttfb: ["p(95)<3000"] },
      alert: { ttfb: ["p(95)<4000"] },
    }),
  );
  const gate = { scenario: "acs_media" as const, settings: readSettings({}).settings, tiers, targets: tiers.target };

  /** Writes the log of a run whose turns began at these seconds; `more` are further lines. */
  async function runWith(
    turnsAtSec: readonly number[],
    more: readonly object[] = [],
    run: object = { type: "run", startedAt: new Date(START).toISOString() },
  ) {
    const folder = await mkdtemp(join(tmpdir(), "probe-"));
    const turns = turnsAtSec.map((sec, index) => ({
      ...syntheticTurn(START + sec * 1000, { call: `${folder} ${index}` }),
      line: index + 1,
    }));
    await writeFile(join(folder, "log.jsonl"), [run, ...turns, ...more].map((line) => JSON.stringify(line)).join("\n"));
    return { folder, isConfirmation: false, settledSec: 20, timeSec: 75 };
  }

  it("are judged from the end of their settling to the end of TIME", async () => {
    const judged = await judgeRuns([await runWith([0, 19, 20, 50, 74, 75, 90])], gate);
    expect(judged.turns).toBe(3);
    expect(judged.checks).toMatchObject([{ series: "ttfb", samples: 3, outcome: "uncertain" }]);
  });

  it("count together", async () => {
    const seconds = Array.from({ length: 30 }, (_, index) => 20 + index);
    const judged = await judgeRuns([await runWith(seconds), await runWith(seconds)], gate);
    expect(judged.checks).toMatchObject([{ samples: 60, outcome: "holds" }]);
    expect(judged.turns).toBe(30);
  });

  it("break where calls found no free caller, or callers gave up", async () => {
    const end = { type: "end", interrupted: false, droppedIterations: 3, remarks: [] };
    const gaveUp = syntheticCall(START, { call: "gone", outcome: "gave_up", reached: false });
    const { checks } = await judgeRuns([await runWith([30], [gaveUp, end])], gate);
    expect(checks.slice(1)).toMatchObject([
      { series: "dropped_iterations", measured: 3, outcome: "breaks" },
      { series: "gave_up", measured: 1, outcome: "breaks" },
    ]);
  });

  it("have no turn that counts where the log does not say when the load began", async () => {
    expect((await judgeRuns([await runWith([30, 40], [], { type: "other" })], gate)).turns).toBe(0);
  });
});
