/** The load: from settings to k6's scenario, closed (USERS callers) or open (CALLS_PER_SEC). */

import type { Settings } from "./settings.ts";

/** The name of our k6 scenario; its absence says that `--vus` or `--duration` replaced it. */
export const SCENARIO = "callers";

/** k6's own limit for a WebSocket handshake, in seconds. */
const HANDSHAKE_LIMIT_SEC = 60;

/** What hanging up and writing records may take, in seconds. */
const MARGIN_SEC = 5;

/** k6's scenario; durations as k6 takes them. */
export type Workload = Readonly<Record<string, unknown>>;

/**
 * How long a call that is under way may take after TIME, in seconds: a handshake or a greeting is hung up as soon as it
 * is there, a turn is finished. So it is the longer of a handshake and a turn, not their sum.
 */
export function gracefulStopSec(settings: Settings, longestUtteranceSec: number): number {
  const turnSec = longestUtteranceSec + settings.FIRST_BYTE_TIMEOUT_SEC + settings.TURN_TIMEOUT_SEC;
  return Math.ceil(Math.max(HANDSHAKE_LIMIT_SEC, turnSec) + MARGIN_SEC);
}

/** Builds the scenario. */
export function workload(settings: Settings, longestUtteranceSec: number): Workload {
  const gracefulStop = `${gracefulStopSec(settings, longestUtteranceSec)}s`;
  const shape = settings.CALLS_PER_SEC > 0 ? openModel(settings) : closedModel(settings);
  return { [SCENARIO]: { ...shape, gracefulStop } };
}

/** How long callers are still starting, in seconds. */
export function rampUpSec({ CALLS_PER_SEC, CALLS_RAMP_SEC, SPAWN_RATE, USERS }: Settings): number {
  return CALLS_PER_SEC > 0 ? CALLS_RAMP_SEC : USERS / SPAWN_RATE;
}

/** USERS callers who call again and again, SPAWN_RATE more each second. */
function closedModel(settings: Settings): Workload {
  return { executor: "ramping-vus", startVUs: 0, stages: stages(settings, settings.USERS) };
}

/** CALLS_PER_SEC new calls each second; a call that finds no free caller is dropped, and fails the gate. */
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

/** Up to the target while callers are starting, then level until TIME. */
function stages(settings: Settings, target: number): Workload[] {
  const rampMs = Math.round(rampUpSec(settings) * 1000);
  const holdMs = Math.max(0, Math.round(settings.TIME * 1000) - rampMs);
  return [
    { duration: `${rampMs}ms`, target },
    { duration: `${holdMs}ms`, target },
  ];
}

/**
 * Says what replaced the load that was asked for, or null: k6's own `--vus` and `--duration` replace scenarios
 * silently, and an archive keeps those of the day it was made.
 */
export function loadProblem(asked: unknown, actual: unknown): string | null {
  const ours = asRecord(asRecord(asked)[SCENARIO]);
  const theirs = asRecord(actual)[SCENARIO];
  if (theirs === undefined) {
    return "k6's --vus, --duration, --stage or --iterations replaced the load; use -e USERS=.. -e TIME=.. instead";
  }
  const wrong = Object.entries(ours).find(([key, value]) => normal(asRecord(theirs)[key]) !== normal(value));
  if (wrong === undefined) return null;
  return `the load was settled when this archive was made (${wrong[0]}: ${normal(asRecord(theirs)[wrong[0]])}, asked for ${normal(wrong[1])}); make the archive with these settings`;
}

/** k6 prints durations in its own way: `90000ms` comes back as `1m30s`. */
function normal(value: unknown): string {
  return JSON.stringify(value, (_, entry: unknown) =>
    typeof entry === "string" ? (durationMs(entry) ?? entry) : entry,
  );
}

function durationMs(text: string): number | null {
  const match = /^(?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?$/.exec(text);
  if (match === null || text === "") return null;
  const [, hours = 0, minutes = 0, seconds = 0, millis = 0] = match;
  return Math.round(Number(hours) * 3_600_000 + Number(minutes) * 60_000 + Number(seconds) * 1000 + Number(millis));
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}
