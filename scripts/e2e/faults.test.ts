import { describe, expect, it } from "vitest";
import { staggerFraction } from "../../lib/caller/stagger.ts";
import { LATE_MS } from "../../lib/metrics/metrics.ts";
import { percentile } from "../../lib/report/stats.ts";
import { CALL_FAULTS } from "../simulator/call_faults.ts";
import { type FaultPlan, Faults, parseFaults } from "../simulator/faults.ts";
import { seeded } from "../simulator/random.ts";
import { FAULT_SEED } from "../simulator/server.ts";
import { TURN_FAULTS } from "../simulator/turn_faults.ts";
import { AGENT, EXPECTED, EXPECTED_OF_CALLS, EXPECTED_ON_G3, EXPECTED_ON_VOICELIVE, tally } from "./faults.ts";
import { load, outcomes, proofOf } from "./load.ts";

/** How far a number may be from the truth, in ms. */
const BOUND_MS = 20;

const FRAME_MS = 20;

type Names = readonly string[];

const LOAD = { USERS: "10", SPAWN_RATE: "20", TIME: "20s", BARGE_EVERY: "0" };

/** Turns that each of the ten callers gets to for certain, unless one of them ends its call. */
const SURE_TURNS = 3;

/** Hits about half of the turns, each with one of these, by a seed that leaves none of them out. */
function mix(names: Names): string[] {
  const plan = names.map((name) => `${name}:${(0.7 / names.length).toFixed(3)}`).join(",");
  const plans = plansOf(plan);
  for (let seed = 1; ; seed += 1) {
    const hit = new Set<string | undefined>();
    for (let call = 1; call <= Number(LOAD.USERS); call += 1) {
      const faults = new Faults(plans, seeded(seed + FAULT_SEED, call));
      for (let turn = 1, ended = false; turn <= SURE_TURNS && !ended; turn += 1) {
        const name = faults.turn()?.name;
        hit.add(name);
        ended = EXPECTED[name ?? ""]?.outcome === "closed";
      }
    }
    if (names.every((name) => hit.has(name))) return ["--seed", String(seed), "--faults", plan];
  }
}

/** Those whose calls go wrong, and the calls that they make for certain between them. */
const CALLERS = 8;
const SURE_CALLS = 16;

/** Hits about half of the calls, in the same way. */
function mixOfCalls(names: Names): string[] {
  const plan = names.map((name) => `${name}:${(0.7 / names.length).toFixed(3)}`).join(",");
  const plans = plansOf(plan);
  for (let seed = 1; ; seed += 1) {
    const calls = Array.from({ length: SURE_CALLS }, (_, at) => new Faults(plans, seeded(seed + FAULT_SEED, at + 1)));
    const hit = new Set(calls.map((faults) => faults.call()?.name));
    if (names.every((name) => hit.has(name))) return ["--seed", String(seed), "--faults", plan];
  }
}

/** What was done to a call, by the truth's line of it. */
function nameOf({ fault, status, type }: Readonly<Record<string, unknown>>): string {
  return type === "refusal" ? `refuse_${status}` : String(fault);
}

function plansOf(text: string): readonly FaultPlan[] {
  const plans = parseFaults(text);
  if (typeof plans === "string") throw new Error(plans);
  return plans;
}

/** What ends calls, what fails turns, what does neither. */
const CLOSES = Object.keys(EXPECTED).filter((name) => EXPECTED[name]?.outcome === "closed");
const FAILS = Object.keys(EXPECTED).filter((name) => !["closed", "ok"].includes(EXPECTED[name]?.outcome ?? ""));
const HARMLESS = Object.keys(EXPECTED).filter((name) => EXPECTED[name]?.outcome === "ok" && name !== "huge");

const LIVE_PHONE = ["--acs-pipeline", "voicelive"];

describe.concurrent("every fault that is injected is counted as what it is, and nothing else is", () => {
  it.each([
    ["what fails turns", FAILS, 99, [], EXPECTED],
    ["what ends calls", CLOSES, 99, [], EXPECTED],
    ["what should do no harm", HARMLESS, 0, [], EXPECTED],
    ["what an older agent does not tell", Object.keys(EXPECTED_ON_G3), 99, ["--profile", "g3"], EXPECTED_ON_G3],
    ["what VoiceLive tells", Object.keys(EXPECTED_ON_VOICELIVE), 99, LIVE_PHONE, EXPECTED_ON_VOICELIVE],
  ] as const)("%s", async (_, names, exitCode, flags, expected) => {
    const settings = flags === LIVE_PHONE ? { PIPELINE: "voicelive" } : {};
    const run = await load([...AGENT, ...flags, ...mix(names)], { ...LOAD, ...settings });
    const { injected, counted, unexplained } = tally(run, expected);
    const { missing, untold } = await proofOf(run);
    expect([missing, untold]).toEqual([[], []]);
    expect(unexplained.map(({ said }) => said)).toEqual([]);
    expect(counted).toEqual(injected);
    expect(Object.keys(injected).sort()).toEqual([...names].sort());
    expect(run.exitCode, run.output).toBe(exitCode);
  });

  it("every fault that can be injected is among them, or has a test of its own", () => {
    const own = ["half_open", "endless_greeting", "stops_reading"];
    const calls = Object.keys(CALL_FAULTS).filter((name) => !own.includes(name) && !(name in EXPECTED_OF_CALLS));
    expect(calls).toEqual([]);
    const known = [EXPECTED, EXPECTED_OF_CALLS, EXPECTED_ON_G3, EXPECTED_ON_VOICELIVE].flatMap((table) =>
      Object.keys(table),
    );
    expect(Object.keys(TURN_FAULTS).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("twins out of order lose no turn and move no number", async () => {
    const run = await load([...AGENT, ...LIVE_PHONE, "--faults", "twins_swapped"], {
      PIPELINE: "voicelive",
      BARGE_EVERY: "0",
    });
    expect(run.exitCode, run.output).toBe(0);
    expect(outcomes(run.log.turns)).toEqual({ ok: run.log.turns.length });
    expect(run.log.turns.flatMap(({ faults }) => faults)).toEqual([]);
    for (const { call, turn, firstAudioAtMs } of run.log.turns) {
      const next = run.log.turns.find((other) => other.call === call && other.turn === turn + 1);
      // A reply of 800 ms that was heard twice would keep the caller for 1600 ms and a pause.
      if (next !== undefined) expect(Number(next.speechStartAtMs) - Number(firstAudioAtMs)).toBeLessThan(1600);
    }
    const { errorsMs, joined, missing, untold } = await proofOf(run);
    expect([missing, untold]).toEqual([[], []]);
    expect(joined).toBe(run.log.turns.length);
    expect(errorsMs.ttfb.length).toBeGreaterThan(5);
    expect(percentile(errorsMs.ttfb, 90)).toBeLessThan(BOUND_MS);
  });

  it("a greeting that never ends costs a caller its patience and no more, and fails only its own calls", async () => {
    const patience = { GREETING_TIMEOUT_SEC: "2", FIRST_BYTE_TIMEOUT_SEC: "2", TURN_TIMEOUT_SEC: "2" };
    const hesitation = { PAUSE_BETWEEN_TURNS_SEC: "0.3" };
    const settings = { USERS: "8", TURNS_PER_USER: "2", BARGE_EVERY: "0", ...patience, ...hesitation };
    const run = await load([...AGENT, "--seed", "1", "--faults", "endless_greeting:0.5"], settings);
    expect(run.exitCode, run.output).toBe(99);
    const hit = new Set(run.truthLines.filter(({ fault }) => fault === "endless_greeting").map(({ call }) => call));
    const [greeted, others] = [true, false].map((was) => run.log.calls.filter(({ call }) => hit.has(call) === was));
    expect(greeted?.length).toBeGreaterThan(2);
    expect(others?.length).toBeGreaterThan(2);
    for (const { call, connectedAtMs, vu } of greeted ?? []) {
      const first = run.log.turns.find((turn) => turn.call === call && turn.turn === 1);
      if (first?.speechStartAtMs == null) continue;
      // Its patience, and the moment by which callers are kept from speaking in one breath.
      const waitedMs = 2000 + staggerFraction(vu - 1) * 300;
      expect(Math.abs(first.speechStartAtMs - Number(connectedAtMs) - waitedMs)).toBeLessThan(FRAME_MS + LATE_MS);
    }
    const spoken = run.log.turns.filter(
      ({ speechStartAtMs, outcome }) => speechStartAtMs !== null && outcome !== "generator_late",
    );
    expect(outcomes(spoken.filter(({ call }) => hit.has(call)))).toEqual({ turn_timeout: expect.any(Number) });
    expect(outcomes(spoken.filter(({ call }) => !hit.has(call)))).toEqual({ ok: expect.any(Number) });
    for (const { closedBy, outcome } of run.log.calls) expect([closedBy, outcome]).toEqual(["caller", "ok"]);
  });

  it("calls that go wrong are counted by how they did, as often as they did, and callers come back", async () => {
    const names = Object.keys(EXPECTED_OF_CALLS);
    const settings = { ...LOAD, USERS: String(CALLERS), TURNS_PER_USER: "1", TIME: "24s" };
    const run = await load([...AGENT, ...mixOfCalls(names)], settings);
    expect(run.exitCode, run.output).toBe(99);
    const ofCalls = run.truthLines.filter(({ type }) => type !== "turn");
    const hit = new Map(ofCalls.map((line) => [line.call, nameOf(line)]));
    const counted = run.log.calls.map(({ call, code, faults, outcome }) => {
      const expected = EXPECTED_OF_CALLS[hit.get(call) ?? ""] ?? { outcome: "ok", code: 1000 };
      const fault = expected.fault !== undefined && faults.includes(expected.fault) ? { fault: expected.fault } : {};
      return [{ outcome, code, ...fault }, expected];
    });
    expect(counted.map(([got]) => got)).toEqual(counted.map(([, expected]) => expected));
    expect(names.filter((name) => ![...hit.values()].includes(name))).toEqual([]);
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
