/** The agents of `make bench_capacity`, and the largest load that each of them really carries. */

import { evaluateThreshold, percentile } from "../../lib/report/stats.ts";
import type { TierExpressions } from "../../lib/settings/thresholds.ts";
import type { Delay } from "../simulator/random.ts";
import { longerThan, refused } from "./machine_repair.ts";
import { runVirtualLoad, thinkMs, type VirtualAgent } from "./virtual_calls.ts";

/** The gate of the searches: the target tier, as it is shipped. */
export const TARGETS: TierExpressions = {
  ttfb: ["p(95)<2000"],
  barge: ["p(95)<500"],
  connection_success: ["rate>0.98"],
  turn_success: ["rate>0.95"],
};

/** An agent with a limit, and how that limit is known. */
export interface KnownAgent {
  readonly agent: VirtualAgent;
  readonly text: string;
  /** Between which loads the answer is looked for. */
  readonly between: readonly [least: number, most: number];
  /** The share of turns that miss their target at a load, by queueing theory; null where there is no formula. */
  readonly exactShare: ((callers: number) => number) | null;
}

/** The share of turns that may miss a target. */
const ALLOWED = 0.05;

/** The limit of ttfb, in ms. */
const TTFB_LIMIT_MS = 2000;

/** What an agent takes to recognise and to speak, in ms. */
const USUAL = { sttMs: 500, ttsMs: 150, slowness: () => 1 } as const;

/** When the first part of a long run is over, in s: all callers have started, and what grows with time has grown. */
const LONG_FROM_SEC = 300;

/** The leak: model calls become 30 % slower while the load lasts for 50 to 65 s. */
const LEAK = { factor: 0.3, fromMs: 50_000, spanMs: 15_000 };

const knee: VirtualAgent = { ...USUAL, servers: 12, whenBusy: "queue", llmMs: exponential(300) };
const cliff: VirtualAgent = { ...USUAL, servers: 40, whenBusy: "throttle", llmMs: uniform(600, 1000) };
const leak: VirtualAgent = {
  ...USUAL,
  servers: 12,
  whenBusy: "queue",
  llmMs: exponential(240),
  slowness: (forMs) => 1 + LEAK.factor * Math.min(1, Math.max(0, (forMs - LEAK.fromMs) / LEAK.spanMs)),
};

/** The agents by name. */
export const AGENTS: Readonly<Record<"knee" | "cliff" | "leak", KnownAgent>> = {
  knee: {
    agent: knee,
    text: "12 model calls at a time, of 300 ms on average (exponential); the others wait",
    between: [160, 260],
    exactShare: (callers) => slowShare(knee, callers, 300),
  },
  cliff: {
    agent: cliff,
    text: "40 model calls at a time, of 600 to 1000 ms; any other is refused (429)",
    between: [180, 300],
    exactShare: (callers) => refused({ callers, servers: cliff.servers, serviceMs: 800, thinkMs: thinkMs(cliff) }),
  },
  leak: {
    agent: leak,
    text: "12 model calls at a time, of 240 ms on average (exponential), which become 30 % slower after a minute of load",
    between: [150, 260],
    exactShare: (callers) => slowShare(leak, callers, 240 * (1 + LEAK.factor)),
  },
};

/** The largest load that an agent carries by a formula; null where there is none. */
export function exactAnswer({ between, exactShare }: KnownAgent): number | null {
  return exactShare === null ? null : largest(between, (callers) => exactShare(callers) < ALLOWED);
}

/** The largest load that an agent carries, by a run of `forSec` for each load that is looked at. */
export function answerOfLongRuns({ agent, between }: KnownAgent, forSec: number, seed: number): number {
  return largest(between, (callers) => holdsForLong(agent, callers, forSec, seed));
}

function holdsForLong(agent: VirtualAgent, callers: number, forSec: number, seed: number): boolean {
  const ttfbMs: number[] = [];
  let [turns, ok] = [0, 0];
  const load = { users: callers, spawnRate: callers / 15, timeSec: LONG_FROM_SEC + forSec, turnsPerCall: 60, seed };
  runVirtualLoad(agent, load, {
    turn({ outcome, speechStartAtMs, ttfbMs: waitedMs }) {
      if ((speechStartAtMs ?? 0) < LONG_FROM_SEC * 1000) return;
      turns += 1;
      if (outcome === "ok") ok += 1;
      if (waitedMs !== null) ttfbMs.push(waitedMs);
    },
    call() {},
  });
  const sorted = [...Float64Array.from(ttfbMs).sort()];
  const stats = { ttfb: { "p(95)": percentile(sorted, 95) }, turn_success: { rate: ok / turns } };
  return Object.entries(stats).every(([series, aggregates]) =>
    (TARGETS[series] ?? []).every((expression) => evaluateThreshold(expression, aggregates)),
  );
}

/** The share of turns whose ttfb is above its limit. */
function slowShare(agent: VirtualAgent, callers: number, serviceMs: number): number {
  const limitMs = TTFB_LIMIT_MS - agent.sttMs - agent.ttsMs;
  return longerThan(limitMs, { callers, servers: agent.servers, serviceMs, thinkMs: thinkMs(agent) });
}

/** The largest whole number for which something holds; it holds for `least`, and for no number above the result. */
function largest([least, most]: readonly [number, number], holds: (callers: number) => boolean): number {
  let [low, high] = [least, most];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function exponential(meanMs: number): Delay {
  return { draw: (random) => -meanMs * Math.log(1 - random()) };
}

function uniform(leastMs: number, mostMs: number): Delay {
  return { draw: (random) => leastMs + (mostMs - leastMs) * random() };
}
