/** Makes the k6 scenario of a run from the settings: the closed model (USERS callers) or the open model (CALLS_PER_SEC). */

import type { Settings } from "./settings.ts";

/** The name of the k6 scenario; a run that lacks it was started with `--vus` or `--duration`, which replace scenarios. */
export const SCENARIO = "callers";

/** k6's own limit for a WebSocket handshake, in seconds. */
const HANDSHAKE_LIMIT_SEC = 60;

/** Callers leave this far apart at the end of a run, on average, in seconds: one per frame. */
const LEAVE_GAP_SEC = 0.02;

/** However many callers there are, all have left within this many seconds, but for the turns that they finish. */
const LONGEST_LEAVE_SEC = 10;

/** The time allowed for hanging up and writing records, in seconds. */
const HANG_UP_MARGIN_SEC = 5;

/** The most decimals of CALLS_PER_SEC: with them k6 makes any rate exactly. */
export const RATE_DECIMALS = 6;

/** The value of k6's `options.scenarios`, or a part of it; durations are texts such as `7500ms`. */
export type Workload = Readonly<Record<string, unknown>>;

/**
 * Returns how long a call that is in progress at TIME may still take, in seconds. A caller starts turns until it leaves, and
 * finishes the last one; a handshake began before TIME, and a call that it opens after the caller's own end hangs up at once. So the result is the
 * longer of the two, not their sum, and a margin.
 */
export function gracefulStopSec(settings: Settings, longestUtteranceSec: number): number {
  const turnSec = longestUtteranceSec + settings.FIRST_BYTE_TIMEOUT_SEC + settings.TURN_TIMEOUT_SEC;
  return Math.ceil(Math.max(HANDSHAKE_LIMIT_SEC, leaveSpanSec(settings) + turnSec) + HANG_UP_MARGIN_SEC);
}

/** Makes the value of k6's `options.scenarios`; the longest utterance is in seconds. */
export function makeWorkload(settings: Settings, longestUtteranceSec: number): Workload {
  const gracefulStop = `${gracefulStopSec(settings, longestUtteranceSec)}s`;
  const model = settings.CALLS_PER_SEC > 0 ? openModel(settings) : closedModel(settings);
  return { [SCENARIO]: { ...model, gracefulStop } };
}

/** Returns the length of the ramp-up, in which callers are still starting, in seconds. */
export function rampUpSec({ CALLS_PER_SEC, CALLS_RAMP_SEC, SPAWN_RATE, USERS }: Settings): number {
  return CALLS_PER_SEC > 0 ? CALLS_RAMP_SEC : USERS / SPAWN_RATE;
}

/**
 * Returns the span after TIME in which callers leave, each at its own instant, in seconds. USERS that hang up at once are a
 * burst of closes and records that no real callers make, and it makes the frames of those who still speak late.
 */
export function leaveSpanSec({ USERS }: Pick<Settings, "USERS">): number {
  return Math.min(LONGEST_LEAVE_SEC, USERS * LEAVE_GAP_SEC);
}

/** The closed model: USERS callers that call again and again; SPAWN_RATE of them start each second. */
function closedModel(settings: Settings): Workload {
  return { executor: "ramping-vus", startVUs: 0, stages: stages(settings, settings.USERS) };
}

/** The open model: CALLS_PER_SEC new calls each second. A call that finds no free caller is dropped, and fails the gate. */
function openModel(settings: Settings): Workload {
  const { USERS, CALLS_PER_SEC, CALLS_RAMP_SEC } = settings;
  const { calls, inSec } = wholeRate(CALLS_PER_SEC);
  return {
    executor: "ramping-arrival-rate",
    startRate: CALLS_RAMP_SEC > 0 ? 0 : calls,
    timeUnit: `${inSec}s`,
    preAllocatedVUs: USERS,
    maxVUs: USERS,
    stages: stages(settings, calls),
  };
}

/** Returns a rate as k6 takes it: whole calls in whole seconds, the fewest. */
function wholeRate(callsPerSec: number): { readonly calls: number; readonly inSec: number } {
  const scale = 10 ** RATE_DECIMALS;
  const scaled = Math.round(callsPerSec * scale);
  const divisor = greatestCommonDivisor(scaled, scale);
  return { calls: scaled / divisor, inSec: scale / divisor };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Returns how many calls the open model starts; the ramp-up starts half of what it would at the whole rate. */
export function plannedCalls({ CALLS_PER_SEC, CALLS_RAMP_SEC, TIME }: Settings): number {
  return CALLS_PER_SEC * (TIME - CALLS_RAMP_SEC / 2);
}

/** Two stages: the ramp-up to the target, then a constant load until TIME. */
function stages(settings: Settings, target: number): Workload[] {
  const rampMs = Math.round(rampUpSec(settings) * 1000);
  const holdMs = Math.max(0, Math.round(settings.TIME * 1000) - rampMs);
  return [
    { duration: `${rampMs}ms`, target },
    { duration: `${holdMs}ms`, target },
  ];
}
