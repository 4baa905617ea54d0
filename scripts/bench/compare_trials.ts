/** Compares pairs of simulated runs, of which it is known whether they differ, and counts how the comparisons end. */

import { comparedRows } from "../compare/comparison.ts";
import { readMargin } from "../compare/margin.ts";
import { outcomeOf } from "../compare/outcome.ts";
import { seeded } from "../simulator/random.ts";
import { type AgentModel, type Load, simulatedRun } from "./simulated_calls.ts";

/** The gate that `thresholds.json` ships. */
const GATE = {
  ttfb: ["p(95)<2000"],
  barge: ["p(95)<500"],
  connection_success: ["rate>0.98"],
  turn_success: ["rate>0.95"],
};

/** An agent whose turns have a P95 of about 1.3 s: a constant recogniser, a uniform model, a lognormal voice. */
export const AGENT: AgentModel = {
  sttMs: "600",
  llmMs: "200..400",
  ttsMs: "p50:120,p95:400",
  slowerMs: 0,
  callSpread: 0.05,
  runSpread: 0,
  failedTurns: 0.01,
};

/** Many comparisons of the same two agents. */
export interface Trial {
  /** What the trial shows, and so the table in which it stands. */
  readonly table: "false alarms" | "missed" | "between runs";
  readonly name: string;
  readonly base: AgentModel;
  readonly run: AgentModel;
  readonly load: Load;
  readonly bases: number;
  readonly comparisons: number;
}

/** Loads of about 600 turns: what ten callers make in a few minutes. */
const LOAD: Load = { calls: 30, turnsPerCall: 20 };

/** An agent with rare, long waits. */
const HEAVY: AgentModel = { ...AGENT, ttsMs: "p50:120,p95:1200", callSpread: 0.2 };

/** An agent that is sometimes faster and sometimes slower for a whole run. */
const UNSTEADY: AgentModel = { ...AGENT, runSpread: 0.1 };

/** A trial with one agent twice. */
function sameAgent(name: string, agent: AgentModel, load: Load, comparisons: number): Trial {
  return { table: "false alarms", name, base: agent, run: agent, load, bases: 1, comparisons };
}

/** A trial in which the run's agent differs. */
function otherAgent(
  name: string,
  change: Partial<AgentModel>,
  { base = AGENT, load = LOAD, comparisons = 60 } = {},
): Trial {
  return { table: "missed", name, base, run: { ...base, ...change }, load, bases: 1, comparisons };
}

/** A trial with several bases. */
function severalBases(name: string, base: AgentModel, bases: number, slowerMs = 0): Trial {
  const change = slowerMs === 0 ? "" : `, every turn ${slowerMs} ms slower`;
  const run = { ...base, slowerMs };
  const comparisons = slowerMs === 0 ? 100 : 40;
  return { table: "between runs", name: `${name}${change}`, base, run, load: LOAD, bases, comparisons };
}

/** What the bench tries. */
export const TRIALS: readonly Trial[] = [
  sameAgent("lognormal voice", AGENT, LOAD, 400),
  sameAgent("lognormal voice, longer runs", AGENT, { calls: 100, turnsPerCall: 20 }, 40),
  sameAgent("voice with a longer tail, turns of a call more alike", HEAVY, { calls: 60, turnsPerCall: 10 }, 200),
  sameAgent("the same, with the fewest calls that are judged", HEAVY, { calls: 6, turnsPerCall: 100 }, 200),
  sameAgent("the same, with too few calls", HEAVY, { calls: 3, turnsPerCall: 60 }, 20),
  otherAgent("every turn 150 ms slower", { slowerMs: 150 }, { comparisons: 200 }),
  otherAgent("the same, in more and shorter calls", { slowerMs: 150 }, { load: { calls: 60, turnsPerCall: 10 } }),
  otherAgent("the same, with turns of a call more alike", { slowerMs: 150 }, { base: { ...AGENT, callSpread: 0.15 } }),
  otherAgent("every turn 100 ms slower", { slowerMs: 100 }),
  otherAgent("only the tail: P95 of the voice 550 ms, not 400", { ttsMs: "p50:120,p95:550" }),
  otherAgent(
    "the same, four times as long",
    { ttsMs: "p50:120,p95:550" },
    { load: { calls: 120, turnsPerCall: 20 }, comparisons: 40 },
  ),
  otherAgent("5 % of the turns fail, not 1 %", { failedTurns: 0.05 }),
  ...[1, 2, 3, 5].map((bases) => severalBases("unsteady", UNSTEADY, bases)),
  ...[1, 3, 5].map((bases) => severalBases("unsteady", UNSTEADY, bases, 150)),
  severalBases("steady", AGENT, 3),
  severalBases("steady", AGENT, 3, 150),
];

/** In which share of the comparisons something came out. */
export interface TrialResult {
  /** Any row was slower, or worse; any row was faster, or better. */
  readonly slower: number;
  readonly faster: number;
  /** The row `ttfb P95` was slower. */
  readonly ttfbP95Slower: number;
  /** The outcomes other than `slower`. */
  readonly same: number;
  readonly cannotTell: number;
}

/** Compares. The same trial gives the same result: every run has a seed of its own. */
export function runTrial({ base, bases, comparisons, load, run }: Trial): TrialResult {
  const margin = readMargin("");
  const counts = { slower: 0, faster: 0, ttfbP95Slower: 0, same: 0, cannotTell: 0 };
  for (let comparison = 0; comparison < comparisons; comparison += 1) {
    const drawn = Array.from({ length: bases + 1 }, (_, index) => ({
      calls: simulatedRun(index === 0 ? run : base, load, seeded(comparison, index)),
    }));
    const [ofRun, ...ofBases] = drawn as [(typeof drawn)[0], ...typeof drawn];
    const rows = comparedRows(ofBases, { ...ofRun, gate: GATE }, margin);
    const outcome = outcomeOf(rows);
    counts.slower += Number(outcome === "slower");
    counts.faster += Number(rows.some(({ verdict }) => verdict === "faster"));
    counts.ttfbP95Slower += Number(rows.some(({ name, verdict }) => name === "ttfb P95" && verdict === "slower"));
    counts.same += Number(outcome === "same");
    counts.cannotTell += Number(outcome === "cannot_tell");
  }
  const shares = Object.entries(counts).map(([name, count]) => [name, count / comparisons]);
  return Object.fromEntries(shares) as unknown as TrialResult;
}
