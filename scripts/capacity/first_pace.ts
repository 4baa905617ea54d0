/** Estimates how fast callers take turns before the first probe has measured it, from the settings and the utterances. Pure. */

import type { Settings } from "../../lib/settings/settings.ts";
import type { TierExpressions } from "../../lib/settings/thresholds.ts";
import type { CapacitySettings } from "./capacity_settings.ts";
import { turnsNeeded } from "./share_targets.ts";
import type { Pace } from "./timing.ts";

/** How long an agent usually takes to its first audio, and how long its reply is, in s. */
const USUAL_TTFB_SEC = 1.5;
const USUAL_REPLY_SEC = 4;

/** So many times the fewest turns are planned, so that a few may be slow. */
const MORE_TURNS = 2;

/** What the pace is estimated from. */
export interface PaceInput {
  readonly settings: Settings;
  readonly search: CapacitySettings;
  /** The expressions of the gate. */
  readonly targets: TierExpressions;
  /** The number of frames of each utterance. */
  readonly frames: readonly number[];
  /** True where SPAWN_RATE and USERS were given. */
  readonly isGiven: (name: "SPAWN_RATE" | "USERS") => boolean;
}

/** Returns the pace of the first probe. */
export function firstPace({ frames, isGiven, search, settings, targets }: PaceInput): Pace {
  const fewestTurns = turnsNeeded(targets, settings);
  return {
    of: search.CAPACITY_OF,
    spawnRate: isGiven("SPAWN_RATE") ? settings.SPAWN_RATE : null,
    mostCalls: isGiven("USERS") ? settings.USERS : null,
    callsRampSec: settings.CALLS_RAMP_SEC,
    settleSec: search.SETTLE_SEC,
    coolDownSec: search.COOL_DOWN_SEC,
    fewestTurns,
    plannedTurns: search.PROBE_TURNS || MORE_TURNS * fewestTurns,
    turnsPerCall: settings.TURNS_PER_USER,
    warmupTurns: settings.WARMUP_TURNS,
    turnSec: turnSec(settings, frames),
    overheadSec: null,
  };
}

/** What is wrong with PROBE_TURNS, which the gate must be able to be judged by; null where nothing is. */
export function probeTurnsProblem({ PROBE_TURNS }: CapacitySettings, fewestTurns: number): string | null {
  if (PROBE_TURNS === 0 || PROBE_TURNS >= fewestTurns) return null;
  return `PROBE_TURNS: expected at least ${fewestTurns}, which the percentiles and rates of the gate need for a confidence of 95 %, got ${PROBE_TURNS}`;
}

/** The time from one turn of a caller to its next, in s. */
function turnSec(settings: Settings, frames: readonly number[]): number {
  const { BARGE_EVERY, BARGE_REENTRY_MS, CHUNK_MS, PAUSE_BETWEEN_TURNS_SEC } = settings;
  const speechSec = (frames.reduce((sum, count) => sum + count, 0) / Math.max(1, frames.length)) * (CHUNK_MS / 1000);
  const interrupted = BARGE_EVERY === 0 ? 0 : 1 / BARGE_EVERY;
  const listensSec =
    interrupted * (BARGE_REENTRY_MS / 1000) + (1 - interrupted) * (USUAL_REPLY_SEC + PAUSE_BETWEEN_TURNS_SEC);
  return speechSec + USUAL_TTFB_SEC + listensSec;
}
