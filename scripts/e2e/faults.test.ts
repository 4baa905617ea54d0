import { describe, expect, it } from "vitest";
import { staggerFraction } from "../../lib/caller/stagger.ts";
import { LATE_MS } from "../../lib/metrics/late.ts";
import { percentile } from "../../lib/report/stats.ts";
import { CALL_FAULTS } from "../simulator/call_faults.ts";
import { type FaultPlan, Faults, parseFaults } from "../simulator/faults.ts";
import { seeded } from "../simulator/random.ts";
import { FAULT_SEED } from "../simulator/server.ts";
import { TURN_FAULTS } from "../simulator/turn_faults.ts";
import {
  AGENT,
  countFaults,
  EXPECTED,
  EXPECTED_OF_CALLS,
  EXPECTED_ON_G3,
  EXPECTED_ON_REALTIME,
  EXPECTED_ON_TWILIO,
  EXPECTED_ON_VOICELIVE,
} from "./faults.ts";
import { countOutcomes, load, verifyLoad } from "./load.ts";

/** The largest P90 of the errors, in ms. */
const BOUND_MS = 20;

const FRAME_MS = 20;

type Names = readonly string[];

const LOAD = { USERS: "10", SPAWN_RATE: "20", TIME: "20s", BARGE_EVERY: "0" };

/** The number of turns that each of the ten callers certainly has, unless a fault ends its call. */
const CERTAIN_TURNS = 3;

/** Flags that inject one of these faults into about half of the turns, with a seed by which each fault occurs. */
function turnFaultFlags(names: Names): string[] {
  const plan = names.map((name) => `${name}:${(0.7 / names.length).toFixed(3)}`).join(",");
  const plans = parsePlans(plan);
  for (let seed = 1; ; seed += 1) {
    const hit = new Set<string | undefined>();
    for (let call = 1; call <= Number(LOAD.USERS); call += 1) {
      const faults = new Faults(plans, seeded(seed + FAULT_SEED, call));
      for (let turn = 1, ended = false; turn <= CERTAIN_TURNS && !ended; turn += 1) {
        const name = faults.drawTurnFault()?.name;
        hit.add(name);
        ended = EXPECTED[name ?? ""]?.outcome === "closed";
      }
    }
    if (names.every((name) => hit.has(name))) return ["--seed", String(seed), "--faults", plan];
  }
}

/** The number of callers whose calls have faults, and the number of calls that they certainly make together. */
const CALLERS = 8;
const CERTAIN_CALLS = 16;

/** Flags that inject one of these faults into about half of the calls, with a seed by which each fault occurs. */
function callFaultFlags(names: Names): string[] {
  const plan = names.map((name) => `${name}:${(0.7 / names.length).toFixed(3)}`).join(",");
  const plans = parsePlans(plan);
  for (let seed = 1; ; seed += 1) {
    const calls = Array.from(
      { length: CERTAIN_CALLS },
      (_, at) => new Faults(plans, seeded(seed + FAULT_SEED, at + 1)),
    );
    const hit = new Set(calls.map((faults) => faults.drawCallFault()?.name));
    if (names.every((name) => hit.has(name))) return ["--seed", String(seed), "--faults", plan];
  }
}

/** The name of the fault in a line of the truth file about a call. */
function faultName({ fault, status, type }: Readonly<Record<string, unknown>>): string {
  return type === "refusal" ? `refuse_${status}` : String(fault);
}

function parsePlans(text: string): readonly FaultPlan[] {
  const plans = parseFaults(text);
  if (typeof plans === "string") throw new Error(plans);
  return plans;
}

/** The faults of turns by their effect: they end the call, fail the turn, or do neither. */
const ENDS = Object.keys(EXPECTED).filter((name) => EXPECTED[name]?.outcome === "closed");
/** A fault that ends the call is the only one of its caller, so one load takes at most as many of them as it has callers. */
const BREAKS = ENDS.filter((name) => EXPECTED[name]?.codes?.some((code) => code === 1005 || code === 1006));
const CLOSES = ENDS.filter((name) => !BREAKS.includes(name));
const FAILS = Object.keys(EXPECTED).filter((name) => !["closed", "ok"].includes(EXPECTED[name]?.outcome ?? ""));
const HARMLESS = Object.keys(EXPECTED).filter((name) => EXPECTED[name]?.outcome === "ok" && name !== "huge");

const VOICELIVE_PHONE = ["--acs-pipeline", "voicelive"];

const TWILIO = { SCENARIO: "twilio_media" };
const REALTIME = { SCENARIO: "openai_realtime", REALTIME_GREETING: "true" };

/** Faults of turns, the exit code of a run with them, the flags of the agent, how they are counted, and settings. */
type Row = [string, Names, number, Names, typeof EXPECTED, Readonly<Record<string, string>>?];

describe.concurrent("every injected fault is counted as expected, and no other turn fails", () => {
  it.each<Row>([
    ["faults that fail turns", FAILS, 99, [], EXPECTED],
    ["faults that end calls", CLOSES, 99, [], EXPECTED],
    ["faults that break connections, or close them without a code", BREAKS, 99, [], EXPECTED],
    ["faults without effect", HARMLESS, 0, [], EXPECTED],
    [
      "faults for which an older agent sends no error",
      Object.keys(EXPECTED_ON_G3),
      99,
      ["--profile", "g3"],
      EXPECTED_ON_G3,
    ],
    [
      "faults for which VoiceLive sends its own errors",
      Object.keys(EXPECTED_ON_VOICELIVE),
      99,
      VOICELIVE_PHONE,
      EXPECTED_ON_VOICELIVE,
      { PIPELINE: "voicelive" },
    ],
    ["faults on Twilio's wire", Object.keys(EXPECTED_ON_TWILIO), 99, [], EXPECTED_ON_TWILIO, TWILIO],
    ["faults of a Realtime API", Object.keys(EXPECTED_ON_REALTIME), 99, [], EXPECTED_ON_REALTIME, REALTIME],
  ])("%s", async (_, names, exitCode, flags, expected, settings = {}) => {
    const run = await load([...AGENT, ...flags, ...turnFaultFlags(names)], { ...LOAD, ...settings });
    const { injected, counted, unexplained } = countFaults(run, expected);
    const { missingFromTruth, missingFromLog } = await verifyLoad(run);
    expect([missingFromTruth, missingFromLog]).toEqual([[], []]);
    expect(unexplained.map(({ description }) => description)).toEqual([]);
    expect(counted).toEqual(injected);
    expect(Object.keys(injected).sort()).toEqual([...names].sort());
    expect(run.exitCode, run.output).toBe(exitCode);
  });

  it("every fault that can be injected is in one of the tables, or has a separate test", () => {
    const separate = ["half_open", "endless_greeting", "stops_reading"];
    const calls = Object.keys(CALL_FAULTS).filter((name) => !separate.includes(name) && !(name in EXPECTED_OF_CALLS));
    expect(calls).toEqual([]);
    const known = [EXPECTED, EXPECTED_OF_CALLS, EXPECTED_ON_G3, EXPECTED_ON_VOICELIVE].flatMap((table) =>
      Object.keys(table),
    );
    expect(Object.keys(TURN_FAULTS).filter((name) => !known.includes(name))).toEqual([]);
  });

  it("duplicated messages out of order lose no turn and change no time", async () => {
    const run = await load([...AGENT, ...VOICELIVE_PHONE, "--faults", "twins_swapped"], {
      PIPELINE: "voicelive",
      BARGE_EVERY: "0",
    });
    expect(run.exitCode, run.output).toBe(0);
    expect(countOutcomes(run.log.turns)).toEqual({ ok: run.log.turns.length });
    expect(run.log.turns.flatMap(({ faults }) => faults)).toEqual([]);
    for (const { call, turn, firstAudioAtMs } of run.log.turns) {
      const next = run.log.turns.find((other) => other.call === call && other.turn === turn + 1);
      // If a reply of 800 ms were counted twice, the next utterance would start after 1600 ms and a pause.
      if (next !== undefined) expect(Number(next.speechStartAtMs) - Number(firstAudioAtMs)).toBeLessThan(1600);
    }
    const { errorsMs, joined, missingFromTruth, missingFromLog } = await verifyLoad(run);
    expect([missingFromTruth, missingFromLog]).toEqual([[], []]);
    expect(joined).toBe(run.log.turns.length);
    expect(errorsMs.ttfb.length).toBeGreaterThan(5);
    expect(percentile(errorsMs.ttfb, 90)).toBeLessThan(BOUND_MS);
  });

  it("a greeting that never ends delays a caller by GREETING_TIMEOUT_SEC only, and fails only its own calls", async () => {
    const timeouts = { GREETING_TIMEOUT_SEC: "2", FIRST_BYTE_TIMEOUT_SEC: "2", TURN_TIMEOUT_SEC: "2" };
    const pause = { PAUSE_BETWEEN_TURNS_SEC: "0.3" };
    const settings = { USERS: "8", TURNS_PER_USER: "2", BARGE_EVERY: "0", ...timeouts, ...pause };
    const run = await load([...AGENT, "--seed", "1", "--faults", "endless_greeting:0.5"], settings);
    expect(run.exitCode, run.output).toBe(99);
    const hit = new Set(run.truthLines.filter(({ fault }) => fault === "endless_greeting").map(({ call }) => call));
    const [greeted, others] = [true, false].map((isHit) => run.log.calls.filter(({ call }) => hit.has(call) === isHit));
    expect(greeted?.length).toBeGreaterThan(2);
    expect(others?.length).toBeGreaterThan(2);
    for (const { call, connectedAtMs, vu } of greeted ?? []) {
      const first = run.log.turns.find((turn) => turn.call === call && turn.turn === 1);
      if (first?.speechStartAtMs == null) continue;
      // The timeout, and the offset that keeps callers from speaking at the same instant.
      const waitedMs = 2000 + staggerFraction(vu - 1) * 300;
      expect(Math.abs(first.speechStartAtMs - Number(connectedAtMs) - waitedMs)).toBeLessThan(FRAME_MS + LATE_MS);
    }
    const spoken = run.log.turns.filter(
      ({ speechStartAtMs, outcome }) => speechStartAtMs !== null && outcome !== "generator_late",
    );
    expect(countOutcomes(spoken.filter(({ call }) => hit.has(call)))).toEqual({ turn_timeout: expect.any(Number) });
    expect(countOutcomes(spoken.filter(({ call }) => !hit.has(call)))).toEqual({ ok: expect.any(Number) });
    for (const { closedBy, outcome } of run.log.calls) expect([closedBy, outcome]).toEqual(["caller", "ok"]);
  });

  it("every fault of a call is counted as expected each time, and callers reconnect", async () => {
    const names = Object.keys(EXPECTED_OF_CALLS);
    const settings = { ...LOAD, USERS: String(CALLERS), TURNS_PER_USER: "1", TIME: "24s" };
    const run = await load([...AGENT, ...callFaultFlags(names)], settings);
    expect(run.exitCode, run.output).toBe(99);
    const ofCalls = run.truthLines.filter(({ type }) => type !== "turn");
    const hit = new Map(ofCalls.map((line) => [line.call, faultName(line)]));
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

  it.each([["Twilio's", TWILIO] as const, ["a Realtime API's", REALTIME] as const])(
    "each refused dial on %s wire is counted, and callers reconnect",
    async (_, wire) => {
      const settings = { ...LOAD, ...wire, USERS: String(CALLERS), TURNS_PER_USER: "1" };
      const run = await load([...AGENT, "--faults", "refuse_503:0.3"], settings);
      expect(run.exitCode, run.output).toBe(99);
      const refused = run.log.calls.filter(({ faults }) => faults.includes("ws_error:http_503"));
      const injected = run.truthLines.filter(({ type }) => type === "refusal");
      expect(refused.map(({ outcome }) => outcome)).toEqual(injected.map(() => "rejected"));
      expect(injected.length).toBeGreaterThan(0);
      expect(run.summary.metrics.reconnects?.count).toBeGreaterThan(0);
      expect(run.log.turns.some(({ outcome }) => outcome === "ok")).toBe(true);
    },
  );

  it("an agent that accepts a call and sends nothing fails every turn", async () => {
    const run = await load(["--faults", "half_open"], { GREETING_TIMEOUT_SEC: "1", TIME: "14s" });
    expect(run.exitCode, run.output).toBe(99);
    expect(new Set(run.log.turns.map(({ outcome }) => outcome))).toEqual(new Set(["first_audio_timeout"]));
    expect(run.output).toMatch(/nothing was measured of|turn_success rate is 0.0 %/);
  });
});
