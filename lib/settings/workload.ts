/** Makes the k6 scenario of a run from the settings: the closed model (USERS callers) or the open model (CALLS_PER_SEC). */

import type { Settings } from "./settings.ts";

/** The name of the k6 scenario; a run that lacks it was started with `--vus` or `--duration`, which replace scenarios. */
export const SCENARIO = "callers";

/** k6's own limit for a WebSocket handshake, in seconds. */
const HANDSHAKE_LIMIT_SEC = 60;

/** The time allowed for hanging up and writing records, in seconds. */
const HANG_UP_MARGIN_SEC = 5;

/** The value of k6's `options.scenarios`, or a part of it; durations are texts such as `7500ms`. */
export type Workload = Readonly<Record<string, unknown>>;

/**
 * Returns how long a call that is in progress at TIME may still take, in seconds. A call that is in its handshake or waits
 * for the greeting hangs up as soon as that is over, a turn is finished. So the result is the longer of a handshake and a
 * turn, not their sum, and a margin.
 */
export function gracefulStopSec(settings: Settings, longestUtteranceSec: number): number {
  const turnSec = longestUtteranceSec + settings.FIRST_BYTE_TIMEOUT_SEC + settings.TURN_TIMEOUT_SEC;
  return Math.ceil(Math.max(HANDSHAKE_LIMIT_SEC, turnSec) + HANG_UP_MARGIN_SEC);
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

/** The closed model: USERS callers that call again and again; SPAWN_RATE of them start each second. */
function closedModel(settings: Settings): Workload {
  return { executor: "ramping-vus", startVUs: 0, stages: stages(settings, settings.USERS) };
}

/** The open model: CALLS_PER_SEC new calls each second. A call that finds no free caller is dropped, and fails the gate. */
function openModel(settings: Settings): Workload {
  const { USERS, CALLS_PER_SEC, CALLS_RAMP_SEC } = settings;
  const callsPerMinute = Math.max(1, Math.round(CALLS_PER_SEC * 60));
  return {
    executor: "ramping-arrival-rate",
    startRate: CALLS_RAMP_SEC > 0 ? 0 : callsPerMinute,
    timeUnit: "1m",
    preAllocatedVUs: USERS,
    maxVUs: USERS,
    stages: stages(settings, callsPerMinute),
  };
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

/**
 * Compares the scenarios that the settings ask for with those that k6 runs; returns what replaced them, or null when they are
 * the same. k6's own `--vus` and `--duration` replace scenarios silently, and an archive keeps the scenarios of the settings
 * that it was made with.
 */
export function loadProblem(expected: unknown, actual: unknown): string | null {
  const expectedScenario = asRecord(asRecord(expected)[SCENARIO]);
  const actualScenario = asRecord(actual)[SCENARIO];
  if (actualScenario === undefined) {
    return "k6's --vus, --duration, --stage or --iterations replaced the load; use -e USERS=.. -e TIME=.. instead";
  }
  const actualOf = (key: string) => normalized(asRecord(actualScenario)[key]);
  const difference = Object.entries(expectedScenario).find(([key, value]) => actualOf(key) !== normalized(value));
  if (difference === undefined) return null;
  const [key, value] = difference;
  return `the load was settled when this archive was made (${key}: ${actualOf(key)}, asked for ${normalized(value)}); make the archive with these settings`;
}

/** Converts a value to JSON with durations in ms, because k6 changes their notation: `90000ms` comes back as `1m30s`. */
function normalized(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === "string" ? (durationMs(entry) ?? entry) : entry,
  );
}

/** Parses k6's notation of a duration; null when the text is none. */
function durationMs(text: string): number | null {
  const match = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/.exec(text);
  if (match === null || text === "") return null;
  const [, hours = 0, minutes = 0, seconds = 0, millis = 0] = match;
  return Math.round(Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(millis));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
