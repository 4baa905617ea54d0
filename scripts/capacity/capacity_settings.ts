/** Reads the settings of a search. Those of its runs are the settings of every load test, but for the load, which the search sets. */

import { duration, nonNegative, oneOf, positive, type Setting, wholeNumber } from "../../lib/settings/setting_kinds.ts";
import type { SearchLimits } from "./search.ts";

/** What is searched, and how far. */
export interface CapacitySettings {
  readonly of: "users" | "calls_per_sec";
  readonly limits: SearchLimits;
  /** The load that the agent has to carry; null where none is asked for. */
  readonly wanted: number | null;
  readonly budgetSec: number;
  readonly settleSec: number;
  readonly coolDownSec: number;
  /** How many turns an ordinary probe is planned for; 0: as many as the gate needs. */
  readonly probeTurns: number;
}

const SETTINGS = {
  CAPACITY_OF: oneOf(
    "users",
    ["users", "calls_per_sec"],
    "what is searched: callers at the same time, or calls per second",
  ),
  MAX_USERS: wholeNumber(200, 1, "the most callers that are tried"),
  MAX_CALLS_PER_SEC: positive(2, "the most calls per second that are tried"),
  CAPACITY_START: nonNegative(0, "the load of the first run; 0: 10 callers, or an eighth of the most calls per second"),
  CAPACITY_WANTED: nonNegative(0, "the load that the agent has to carry for the command to succeed; 0: any"),
  CAPACITY_BUDGET: duration(1800, "the longest time that the search takes"),
  SETTLE_SEC: nonNegative(0, "seconds after the ramp-up before turns count, for an agent that scales"),
  COOL_DOWN_SEC: nonNegative(5, "seconds between two runs"),
  PROBE_TURNS: wholeNumber(0, 0, "turns that an ordinary run is planned for; 0: as many as the gate needs"),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** Settings of a load that a search sets itself, and what to use instead. */
const OWN: Readonly<Record<string, string>> = {
  USERS: "MAX_USERS says how far to go, CAPACITY_START where to begin",
  CALLS_PER_SEC: "CAPACITY_OF=calls_per_sec MAX_CALLS_PER_SEC=... searches calls per second",
  TIME: "CAPACITY_BUDGET is for the whole search, PROBE_TURNS for the length of one run",
  CAPACITY: "MAX_USERS says how far to go",
};

/** The settings of a search as a table: name, default, help. */
export function capacitySettingRows(): readonly (readonly [name: string, fallback: string, help: string])[] {
  return Object.entries<Setting<unknown>>(SETTINGS).map(([name, { defaultValue, format, help }]) => [
    name,
    format?.(defaultValue) ?? String(defaultValue),
    help,
  ]);
}

/** Reads the settings; a search with any problem must not start. */
export function readCapacitySettings(env: NodeJS.ProcessEnv): {
  readonly settings: CapacitySettings;
  readonly problems: readonly string[];
} {
  const problems = Object.entries(OWN).flatMap(([name, instead]) => {
    const text = (env[name] ?? "").trim();
    return text === ""
      ? []
      : [`${name}: expected none beside make capacity, which sets the load, got "${text}"; ${instead}`];
  });
  const values = Object.fromEntries(
    Object.entries<Setting<unknown>>(SETTINGS).map(([name, { defaultValue, expected, parse }]) => {
      const text = (env[name] ?? "").trim();
      const value = text === "" ? defaultValue : parse(text);
      if (value === undefined) problems.push(`${name}: expected ${expected}, got "${text}"`);
      return [name, value ?? defaultValue];
    }),
  ) as { readonly [Name in keyof typeof SETTINGS]: (typeof SETTINGS)[Name]["defaultValue"] };
  const of = values.CAPACITY_OF;
  const max = of === "users" ? values.MAX_USERS : values.MAX_CALLS_PER_SEC;
  // Calls per second are searched in steps of about a hundredth of the most.
  const unit = of === "users" ? 1 : 10 ** Math.floor(Math.log10(max / 100));
  const start = values.CAPACITY_START || (of === "users" ? Math.min(10, max) : max / 8);
  const [wholeStart, wanted] = [values.CAPACITY_START, values.CAPACITY_WANTED];
  if (start > max) problems.push(`CAPACITY_START: expected at most ${max}, the most that is tried, got ${start}`);
  if (wanted > max) problems.push(`CAPACITY_WANTED: expected at most ${max}, the most that is tried, got ${wanted}`);
  if (of === "users" && !Number.isInteger(wholeStart))
    problems.push(`CAPACITY_START: expected whole callers, got ${wholeStart}`);
  const settings: CapacitySettings = {
    of,
    limits: { start, max, unit },
    wanted: wanted || null,
    budgetSec: values.CAPACITY_BUDGET,
    settleSec: values.SETTLE_SEC,
    coolDownSec: values.COOL_DOWN_SEC,
    probeTurns: values.PROBE_TURNS,
  };
  return { settings, problems };
}
