/** Compares calls of a Pipecat agent, as their caller logged them, with the agent's own log. */

import { percentile } from "../../lib/report/stats.ts";
import { prove } from "../proof/proof.ts";
import type { CallLine, TurnLine } from "../results/log_lines.ts";
import type { Finding } from "./peer.ts";
import type { AgentLog } from "./pipecat_log.ts";

/** The largest error of a time to first audio or of a barge-in, in ms. */
const BOUND_MS = 60;

/** Pipecat still writes the message that it is writing when it stops, in ms of audio. */
const MESSAGE_MS = 40;

/** With fewer turns a run shows nothing. */
const FEWEST_TURNS = 10;

/** What the callers of a run logged. */
export interface CallerLog {
  readonly turns: readonly TurnLine[];
  readonly calls: readonly CallLine[];
  /** What is wrong with the run or its log as a whole, a sentence each. */
  readonly problems: readonly string[];
}

/** The findings of a run. Turns around which the load machine was late say nothing about anybody, and are left out. */
export function findingsOf(caller: CallerLog, agent: AgentLog): readonly Finding[] {
  const turns = caller.turns.filter(({ outcome }) => outcome !== "generator_late");
  const { errorsMs, missingFromLog, missingFromTruth } = prove(caller, agent.turns);
  const unmatched = [
    ...missingFromTruth.map((turn) => `${turn}: expected the turn in the agent's log, got none`),
    ...missingFromLog.map(
      (turn) => `${turn}, as the agent counts: expected the turn in the log of the calls, got none`,
    ),
  ];
  return [
    greetings(caller.calls),
    completeTurns(turns, caller.problems),
    interruptions(turns, agent.clears),
    errors("|ttfb - the agent's own|", errorsMs.ttfb, unmatched),
    errors("|barge - the agent's own|", errorsMs.barge, []),
    { what: "|the agent's ttfb - its delays|", seen: spread(errorsMs.simulator), problems: [] },
    { what: "what Pipecat warned of", seen: `${agent.warnings.length} warnings`, problems: agent.warnings },
  ];
}

function greetings(calls: readonly CallLine[]): Finding {
  const mute = calls.filter(({ greetingMs, greetingTimedOut }) => greetingMs === null || greetingTimedOut);
  return {
    what: "calls that were greeted",
    seen: `${calls.length - mute.length} of ${calls.length}`,
    problems: [
      ...(calls.length === 0 ? ["expected calls, got none"] : []),
      ...mute.map(({ call, outcome }) => `${call}: expected a greeting, got none (${outcome})`),
    ],
  };
}

function completeTurns(turns: readonly TurnLine[], problems: readonly string[]): Finding {
  const bad = turns.filter(({ outcome }) => outcome !== "ok");
  return {
    what: "turns that are complete",
    seen: `${turns.length - bad.length} of ${turns.length}`,
    problems: [
      ...problems,
      ...(turns.length < FEWEST_TURNS ? [`expected ${FEWEST_TURNS} turns or more, got ${turns.length}`] : []),
      ...bad.map((line) => `${nameOf(line)}: expected ok, got ${[line.outcome, ...line.faults].join(", ")}`),
    ],
  };
}

function interruptions(turns: readonly TurnLine[], clears: number): Finding {
  const made = turns.filter(({ bargeAtMs }) => bargeAtMs !== null);
  const problems = made.flatMap((line) => {
    if (line.barge !== "stopped") return [`${nameOf(line)}: expected that the agent stops, got ${line.barge}`];
    const overrunMs = line.overrunMs ?? 0;
    const expected = `expected ${MESSAGE_MS} ms of audio at most after the stop`;
    return overrunMs > MESSAGE_MS ? [`${nameOf(line)}: ${expected}, got ${overrunMs} ms`] : [];
  });
  return {
    what: "interruptions that stop the agent",
    seen: `${made.length - problems.length} of ${made.length}; ${clears} clear`,
    problems: made.length === 0 ? ["expected interruptions, got none"] : problems,
  };
}

function errors(what: string, sortedMs: readonly number[], problems: readonly string[]): Finding {
  const above = sortedMs.filter((errorMs) => errorMs > BOUND_MS).length;
  return {
    what,
    seen: spread(sortedMs),
    problems: [
      ...(sortedMs.length === 0 ? ["expected it in both logs, got no turn"] : []),
      ...(above > 0 ? [`expected ${BOUND_MS} ms at most, got more in ${above} of ${sortedMs.length} turns`] : []),
      ...problems,
    ],
  };
}

function spread(sortedMs: readonly number[]): string {
  if (sortedMs.length === 0) return "none";
  const [p50Ms, maxMs] = [50, 100].map((p) => percentile(sortedMs, p).toFixed(1));
  return `P50 ${p50Ms}, max ${maxMs} ms`;
}

function nameOf({ call, turn }: TurnLine): string {
  return `${call}/${turn}`;
}
