/** Agents whose capacity is known, for the proof of `make capacity`: a knee by queueing, a cliff by throttling, and a leak. */

import type { CallLine, TurnLine } from "../results/log_lines.ts";
import { parseDelay } from "../simulator/random.ts";
import { runVirtualLoad, type VirtualAgent } from "./virtual_calls.ts";

const LLM = parseDelay("p50:400,p95:800") ?? { draw: () => 400 };
const COMMON = { servers: 10, sttMs: 700, llmMs: LLM, ttsMs: 150 } as const;

/** The limits of the gate that the searches have: less than this share of turns may be slow, or fail. */
const ALLOWED = 0.05;
const SLOW_MS = 2000;

/** How long the load lasts by which an agent's true capacity is found, in s, and how many such loads are added up. */
const LONG_SEC = 1800;
const LOADS = 4;

/** An agent of the proof. */
export interface KnownAgent {
  readonly name: string;
  readonly what: string;
  readonly agent: VirtualAgent;
  /** For how long a load lasts that counts, in s: an agent that gets slower carries less the longer it lasts. */
  readonly lastsSec: number;
}

/** The agents. */
export const AGENTS: readonly KnownAgent[] = [
  {
    name: "knee",
    what: "10 model calls at a time, and a queue before them",
    agent: { ...COMMON, whenBusy: "queue", slowness: () => 1 },
    lastsSec: LONG_SEC,
  },
  {
    name: "cliff",
    what: "10 model calls at a time, one more is throttled",
    agent: { ...COMMON, whenBusy: "throttle", slowness: () => 1 },
    lastsSec: LONG_SEC,
  },
  {
    name: "leak",
    what: "a queue, and model calls that get slower by 10 % a minute; true for the length of a confirmation",
    agent: { ...COMMON, whenBusy: "queue", slowness: (forMs) => 1 + forMs / 600_000 },
    lastsSec: 110,
  },
];

/** The largest load with which less than 5 % of turns are slow or fail, by loads of hours; `max` is the most that is tried. */
export function trueCapacity({ agent, lastsSec }: KnownAgent, max: number): number {
  let [holds, breaks] = [0, max + 1];
  while (breaks - holds > 1) {
    const middle = Math.floor((holds + breaks) / 2);
    if (badShare(agent, middle, lastsSec) < ALLOWED) holds = middle;
    else breaks = middle;
  }
  return holds;
}

/** The share of bad turns in the second half of loads. */
function badShare(agent: VirtualAgent, users: number, timeSec: number): number {
  let [turns, bad] = [0, 0];
  const fromMs = (timeSec * 1000) / 2;
  const log = {
    turn({ outcome, speechStartAtMs, ttfbMs }: TurnLine) {
      if ((speechStartAtMs ?? 0) < fromMs) return;
      turns += 1;
      if (outcome !== "ok" || (ttfbMs ?? SLOW_MS) >= SLOW_MS) bad += 1;
    },
    call(_: CallLine) {},
  };
  const loads = Math.ceil((LOADS * LONG_SEC) / timeSec);
  for (let seed = 1; seed <= loads; seed += 1)
    runVirtualLoad(agent, { users, spawnRate: users / 15, timeSec, turnsPerCall: 60, seed: 77_000 + seed }, log);
  return turns === 0 ? 1 : bad / turns;
}
