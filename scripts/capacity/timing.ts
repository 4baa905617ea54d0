/** How long the probes of a search last: TIME, ramp-up and what comes on top. Pure. */

import { leaveSpanSec } from "../../lib/settings/workload.ts";
import type { Probe } from "./probe.ts";
import type { PlannedProbe } from "./search.ts";

/** The load reaches its full size within this many seconds, unless SPAWN_RATE is given. */
const RAMP_UP_SEC = 15;

/** The least SPAWN_RATE, in callers per second. */
const LEAST_SPAWN_RATE = 2;

/** Each caller makes at least this many turns in the time that is judged, so that a queue has the time to grow. */
const TURNS_PER_CALLER = 5;

/** The longest time that is judged of an ordinary probe, in s, unless the fewest turns need more. */
const LONGEST_SEC = 240;

/** What a run takes beside TIME and the leaving of its callers, in s, before that is known: k6's start and the report. */
const OVERHEAD_SEC = 6;

/** So many times the callers that are expected to be in a call are there for an open load: calls last longer when the agent is slow. */
const SPARE_CALLERS = 2;

/** What decides how long the probes of a search last. */
export interface Pace {
  readonly of: "users" | "calls_per_sec";
  /** Callers that start per second; null: as many as needed. */
  readonly spawnRate: number | null;
  /** The most calls at the same time of a load of `calls_per_sec`; null: as many as needed. */
  readonly mostCalls: number | null;
  /** CALLS_RAMP_SEC, in which the rate of calls is reached. */
  readonly callsRampSec: number;
  readonly settleSec: number;
  readonly coolDownSec: number;
  /** The fewest turns from which the gate can be judged, and how many are planned. */
  readonly fewestTurns: number;
  readonly plannedTurns: number;
  readonly turnsPerCall: number;
  readonly warmupTurns: number;
  /** The time from one turn of a caller to its next, in s: estimated at first, later measured. */
  readonly turnSec: number;
  /** What the runs so far took beside TIME and the leaving of their callers, in s; null before the first one. */
  readonly overheadSec: number | null;
}

/** The load of a run: what its settings are made of. */
export interface RunLoad {
  readonly users: number;
  readonly spawnRate: number;
  /** The length of the ramp-up, in s. */
  readonly rampUpSec: number;
  /** The time before the first turn that counts, in s: the ramp-up, and until the load is what it is meant to be. */
  readonly settledSec: number;
  /** TIME, in s. */
  readonly timeSec: number;
}

/** Calculates the load of a probe. */
export function runLoad({ length, load }: Pick<PlannedProbe, "length" | "load">, pace: Pace): RunLoad {
  const isOpen = pace.of === "calls_per_sec";
  const callSec = pace.turnsPerCall * pace.turnSec;
  const users = isOpen ? (pace.mostCalls ?? Math.ceil(load * callSec * SPARE_CALLERS) + 5) : load;
  const spawnRate = pace.spawnRate ?? Math.max(LEAST_SPAWN_RATE, Math.ceil(load / RAMP_UP_SEC));
  const rampUpSec = isOpen ? pace.callsRampSec : load / spawnRate;
  // As many calls as there will be are up only when the first ones end.
  const fillSec = isOpen ? callSec : pace.warmupTurns * pace.turnSec;
  const settledSec = rampUpSec + fillSec + pace.settleSec;
  const timeSec = Math.ceil(settledSec + length * judgedSec(load, pace));
  return { users, spawnRate, rampUpSec, settledSec, timeSec };
}

/** The time of which the turns of an ordinary probe are judged, in s. */
function judgedSec(load: number, pace: Pace): number {
  const { fewestTurns, of, plannedTurns, turnSec, turnsPerCall } = pace;
  const turnsPerSec = of === "users" ? load / turnSec : load * turnsPerCall;
  const wantedSec = Math.max(plannedTurns / turnsPerSec, TURNS_PER_CALLER * turnSec);
  return Math.max(Math.min(wantedSec, LONGEST_SEC), fewestTurns / turnsPerSec);
}

/** How long a probe takes from its start to that of the next one, in s. */
export function tookSec(probe: Pick<PlannedProbe, "length" | "load">, pace: Pace): number {
  const { timeSec, users } = runLoad(probe, pace);
  const overheadSec = pace.overheadSec ?? OVERHEAD_SEC + pace.turnSec;
  return timeSec + leaveSpanSec({ USERS: users }) + overheadSec + pace.coolDownSec;
}

/** The pace for a probe of a load, with what the probes so far have measured of it. */
export function measuredPace(
  pace: Pace,
  probes: readonly Pick<Probe, "load" | "timeSec" | "tookSec" | "turnSec">[],
  load: number,
): Pace {
  const distance = (probe: Pick<Probe, "load">) => Math.abs(Math.log(probe.load / load));
  const measured = probes.filter(({ turnSec }) => turnSec !== null).sort((a, b) => distance(a) - distance(b));
  const overheads = probes
    .map(
      (probe) => probe.tookSec - probe.timeSec - leaveSpanSec({ USERS: runLoad({ ...probe, length: 1 }, pace).users }),
    )
    .sort((a, b) => a - b);
  // The median: a run whose agent stopped reading takes a minute more, and is no rule.
  const overheadSec = overheads[Math.floor(overheads.length / 2)] ?? null;
  return { ...pace, turnSec: measured[0]?.turnSec ?? pace.turnSec, overheadSec };
}
