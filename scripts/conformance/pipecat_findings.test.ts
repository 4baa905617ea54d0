import { describe, expect, it } from "vitest";

import { readLogLine } from "../results/log_lines.ts";
import { type CallerLog, findingsOf } from "./pipecat_findings.ts";
import { type AgentLine, readAgentLog } from "./pipecat_log.ts";

type TurnLine = CallerLog["turns"][number];

const TURN_MS = 10_000;

/** Twelve turns of a call, every second one with an interruption of its reply; `change` makes one different. */
function callerLog(change: { turn?: Partial<TurnLine>; call?: object; turns?: number } = {}): CallerLog {
  const turns = Array.from({ length: change.turns ?? 12 }, (_, at) => {
    const startAtMs = (at + 1) * TURN_MS;
    const barge = {
      bargeAtMs: startAtMs + TURN_MS,
      stopAtMs: startAtMs + TURN_MS + 240,
      barge: "stopped",
      overrunMs: 0,
    };
    const line = {
      ...{ type: "turn", call: "a", turn: at + 1, outcome: "ok" },
      ...{ speechStartAtMs: startAtMs, eosAtMs: startAtMs + 3000, firstAudioAtMs: startAtMs + 4150 },
      ...(at % 2 === 1 && at < 11 ? barge : {}),
      ...(at === 1 ? change.turn : {}),
    };
    return readLogLine(JSON.stringify(line)) as TurnLine;
  });
  const call = {
    type: "call",
    call: "a",
    dialAtMs: 0,
    closedAtMs: 1,
    closedBy: "caller",
    outcome: "ok",
    greetingMs: 300,
  };
  const calls = [readLogLine(JSON.stringify({ ...call, ...change.call })) as CallerLog["calls"][number]];
  return { turns, calls, problems: [] };
}

/** The agent's log of the same turns: it hears a frame 2 ms after it was sent, and its audio is heard 5 ms after it was handed over. */
function agentLog({ hears = 12, warnings = [] as readonly string[] } = {}) {
  const lines = Array.from({ length: hears }, (_, at): AgentLine[] => {
    const startAtMs = (at + 1) * TURN_MS + 2;
    const [call, lastLoudAtMs] = ["a", startAtMs + 3000];
    return [
      { event: "clear", call, firstLoudAtMs: startAtMs, atMs: startAtMs + 234 },
      { event: "user_stopped", call, firstLoudAtMs: startAtMs, lastLoudAtMs, vadStoppedAtMs: lastLoudAtMs + 240 },
      { event: "first_media", call, atMs: startAtMs + 4143 },
      ...(at % 2 === 0 ? [{ event: "reply_ended", call, atMs: startAtMs + 7143 } as const] : []),
    ];
  }).flat();
  return readAgentLog([
    { event: "delays", turnStopMs: 600, llmMs: 200, ttsMs: 100 },
    ...lines,
    ...warnings.map((text) => ({ event: "warning", text }) as const),
  ]);
}

/** All problems of a run. */
const problemsOf = (caller: CallerLog, agent = agentLog()) =>
  findingsOf(caller, agent).flatMap(({ problems }) => problems);

describe("calls of a Pipecat agent", () => {
  it("are compared turn by turn with the agent's log", () => {
    const findings = findingsOf(callerLog(), agentLog());
    expect(findings.map(({ seen, what }) => `${what}: ${seen}`)).toEqual([
      "calls that were greeted: 1 of 1",
      "turns that are complete: 12 of 12",
      "interruptions that stop the agent: 5 of 5; 12 clear",
      "|ttfb - the agent's own|: P50 7.0, max 7.0 ms",
      "|barge - the agent's own|: P50 6.0, max 6.0 ms",
      "|the agent's ttfb - its delays|: P50 3.0, max 3.0 ms",
      "what Pipecat warned of: 0 warnings",
    ]);
    expect(findings.flatMap(({ problems }) => problems)).toEqual([]);
  });

  it.each([
    [{ firstAudioAtMs: 24_211 }, "expected 60 ms at most, got more in 1 of 12 turns"],
    [{ stopAtMs: 30_300 }, "expected 60 ms at most, got more in 1 of 5 turns"],
    [{ outcome: "turn_timeout", faults: ["error:500"] }, "a/2: expected ok, got turn_timeout, error:500"],
    [{ barge: "timeout" }, "a/2: expected that the agent stops, got timeout"],
    [{ overrunMs: 80 }, "a/2: expected 40 ms of audio at most after the stop, got 80 ms"],
  ])("have a problem where a turn is %j", (turn, problem) => {
    expect(problemsOf(callerLog({ turn: turn as Partial<TurnLine> }))).toEqual([problem]);
  });

  it("may have the one message after a stop that was being written", () => {
    expect(problemsOf(callerLog({ turn: { overrunMs: 40 } }))).toEqual([]);
  });

  it("leave out a turn of which the load machine was late", () => {
    const turn = { outcome: "generator_late", firstAudioAtMs: 25_000, barge: "timeout" } as const;
    expect(problemsOf(callerLog({ turn }))).toEqual([]);
  });

  it("have a problem where the agent did not hear a turn that has a later one, or heard one that was not made", () => {
    expect(problemsOf(callerLog({ call: { closedBy: "caller" } }), agentLog({ hears: 11 }))).toEqual([
      "a/12: expected the turn in the agent's log, got none",
    ]);
    const without = callerLog();
    const caller = { ...without, turns: without.turns.filter(({ turn }) => turn !== 3) };
    expect(problemsOf(caller)).toEqual([
      "a/3, as the agent counts: expected the turn in the log of the calls, got none",
    ]);
  });

  it.each([{ greetingTimedOut: true }, { greetingMs: null }])("have a problem without a greeting: %j", (call) => {
    expect(problemsOf(callerLog({ call }))).toEqual(["a: expected a greeting, got none (ok)"]);
  });

  it("have a problem where the run is too short to show anything", () => {
    expect(problemsOf(callerLog({ turns: 9 }), agentLog({ hears: 9 }))).toEqual(["expected 10 turns or more, got 9"]);
    expect(problemsOf({ turns: [], calls: [], problems: [] }, agentLog({ hears: 0 }))).toEqual([
      "expected calls, got none",
      "expected 10 turns or more, got 0",
      "expected interruptions, got none",
      "expected it in both logs, got no turn",
      "expected it in both logs, got no turn",
    ]);
  });

  it("have the problems of the run, and what Pipecat warned of", () => {
    const caller = { ...callerLog(), problems: ["2 lines are missing"] };
    expect(problemsOf(caller, agentLog({ warnings: ["pipecat: no JSON"] }))).toEqual([
      "2 lines are missing",
      "pipecat: no JSON",
    ]);
  });
});
