/** The CAPACITY presets: what each sets, and the rate of successful turns that its run must reach. */

import type { Settings } from "./settings.ts";

/** What a CAPACITY preset sets, and the success rate that it asks for. CAPACITY stands before what it sets. */
interface Capacity {
  readonly preset: Readonly<Record<string, number>>;
  readonly successRate: number;
}

const CAPACITIES: Readonly<Record<string, Capacity>> = {
  development: { preset: { USERS: 10, SPAWN_RATE: 2, TIME: 300 }, successRate: 0.95 },
  staging: { preset: { USERS: 100, SPAWN_RATE: 10, TIME: 1800 }, successRate: 0.95 },
  production: { preset: { USERS: 500, SPAWN_RATE: 50, TIME: 3600 }, successRate: 0.98 },
};

/** The values that a preset gives to settings that are not set themselves; undefined where it has none. */
export function presetOf(capacity: unknown): Readonly<Record<string, number>> | undefined {
  return CAPACITIES[String(capacity)]?.preset;
}

/** The rate of successful turns that a CAPACITY preset asks for, or null. */
export function capacitySuccessRate(settings: Settings): number | null {
  return CAPACITIES[settings.CAPACITY]?.successRate ?? null;
}
