/** Measures what a comparison costs: its CPU time for long runs, and the size of what `make baseline` keeps. */

import type { RunFacts } from "../compare/compared_run.ts";
import { comparedRows } from "../compare/comparison.ts";
import { digestText } from "../compare/digest.ts";
import { readMargin } from "../compare/margin.ts";
import { seeded } from "../simulator/random.ts";
import { AGENT } from "./compare_trials.ts";
import { type Load, simulatedRun } from "./simulated_calls.ts";

/** The costs of a comparison of two runs of one length. */
export interface CompareCost {
  readonly turns: number;
  readonly cpuSec: number;
  /** Of the digest of one run, without its settings and thresholds (some 3 kB). */
  readonly digestBytes: number;
}

const LOADS: readonly Load[] = [
  { calls: 30, turnsPerCall: 20 },
  { calls: 1000, turnsPerCall: 20 },
];

/** Measures. */
export function measureCosts(): readonly CompareCost[] {
  return LOADS.map((load) => {
    const [base, run] = [1, 2].map((seed) => simulatedRun(AGENT, load, seeded(seed)));
    const before = process.cpuUsage();
    comparedRows([{ calls: base ?? [] }], { calls: run ?? [], gate: {} }, readMargin(""));
    const { system, user } = process.cpuUsage(before);
    const facts = {} as RunFacts;
    const digestBytes = Buffer.byteLength(digestText([{ path: "", facts, calls: run ?? [] }]));
    return { turns: load.calls * load.turnsPerCall, cpuSec: (system + user) / 1e6, digestBytes };
  });
}
