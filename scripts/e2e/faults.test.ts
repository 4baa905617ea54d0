import { describe, expect, it } from "vitest";

import { AGENT, EXPECTED, tally } from "./faults.ts";
import { load } from "./load.ts";

/** Hits about half of the turns, each with one of these. */
const mix = (names: readonly string[]) => names.map((name) => `${name}:${(0.7 / names.length).toFixed(3)}`).join(",");

const LOAD = { USERS: "10", SPAWN_RATE: "20", TIME: "20s", BARGE_EVERY: "0" };

/** What ends calls, what fails turns, what does neither. */
const CLOSES = Object.keys(EXPECTED).filter((name) => EXPECTED[name]?.outcome === "closed");
const FAILS = Object.keys(EXPECTED).filter((name) => !["closed", "ok"].includes(EXPECTED[name]?.outcome ?? ""));
const HARMLESS = Object.keys(EXPECTED).filter((name) => EXPECTED[name]?.outcome === "ok" && name !== "huge");

describe.concurrent("every fault that is injected is counted as what it is, and nothing else is", () => {
  it.each([
    ["what fails turns", FAILS, 99],
    ["what ends calls", CLOSES, 99],
    ["what should do no harm", HARMLESS, 0],
  ])("%s", async (_, names, exitCode) => {
    const run = await load([...AGENT, "--faults", mix(names)], LOAD);
    const { injected, counted, unexplained } = tally(run);
    expect(unexplained).toEqual([]);
    expect(counted).toEqual(injected);
    expect(Object.keys(injected).length).toBeGreaterThan(names.length / 2);
    expect(run.exitCode, run.output).toBe(exitCode);
  });

  it("calls that are refused are counted by their answer, as often as they were, and callers come back", async () => {
    const faults = "refuse_503:0.3,refuse_429:0.2,capacity_1013:0.2";
    const run = await load([...AGENT, "--faults", faults], { ...LOAD, USERS: "4", TURNS_PER_USER: "1", TIME: "14s" });
    expect(run.exitCode, run.output).toBe(99);
    const refusals = run.truthLines.filter(({ type }) => type === "refusal");
    const rejected = run.log.calls.filter(({ outcome }) => outcome === "rejected");
    for (const status of [429, 503]) {
      const refused = refusals.filter((line) => line.status === status).length;
      expect(refused).toBeGreaterThan(0);
      expect(rejected.filter((call) => call.faults.includes(`ws_error:http_${status}`)).length).toBe(refused);
    }
    expect(run.log.calls.filter(({ retry }) => retry > 0).length).toBe(run.summary.metrics.reconnects?.count);
    expect(run.summary.metrics.reconnects?.count).toBeGreaterThan(0);
    expect(run.log.turns.some(({ outcome }) => outcome === "ok")).toBe(true);
  });

  it("an agent that takes a call and says nothing fails every turn", async () => {
    const run = await load(["--faults", "half_open"], { GREETING_TIMEOUT_SEC: "1", TIME: "14s" });
    expect(run.exitCode, run.output).toBe(99);
    expect(new Set(run.log.turns.map(({ outcome }) => outcome))).toEqual(new Set(["first_audio_timeout"]));
    expect(run.output).toMatch(/nothing was measured of|turn_success rate is 0.0 %/);
  });
});
