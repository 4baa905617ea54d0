/** The CAPACITY presets: the settings that each preset gives, and the success rate of turns that its run must exceed. */

import type { Settings } from "./settings.ts";

/** One preset. In the table of settings, CAPACITY must come before the settings that it gives. */
interface CapacityPreset {
  /** Values by setting name; TIME is in seconds, SPAWN_RATE in callers per second. */
  readonly values: Readonly<Record<string, number>>;
  /** In [0, 1]. */
  readonly successRate: number;
}

const CAPACITY_PRESETS: Readonly<Record<string, CapacityPreset>> = {
  development: { values: { USERS: 10, SPAWN_RATE: 2, TIME: 300 }, successRate: 0.95 },
  staging: { values: { USERS: 100, SPAWN_RATE: 10, TIME: 1800 }, successRate: 0.95 },
  production: { values: { USERS: 500, SPAWN_RATE: 50, TIME: 3600 }, successRate: 0.98 },
};

/**
 * Returns the values that a preset gives to settings that are not set explicitly, by setting name; undefined where
 * `capacity` names no preset.
 */
export function presetValues(capacity: unknown): Readonly<Record<string, number>> | undefined {
  return CAPACITY_PRESETS[String(capacity)]?.values;
}

/** Returns the success rate of turns that the run's CAPACITY preset requires, in [0, 1]; null without a preset. */
export function capacitySuccessRate(settings: Settings): number | null {
  return CAPACITY_PRESETS[settings.CAPACITY]?.successRate ?? null;
}
