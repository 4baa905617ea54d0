/** Defines the settings of `make capacity` beside those of a run, and reads them; docs/capacity.md shows the table. */

import { misspeltNames } from "../../lib/settings/misspelt_names.ts";
import { readSetting } from "../../lib/settings/read_setting.ts";
import { duration, folder, nonNegative, oneOf, type Setting, wholeNumber } from "../../lib/settings/setting_kinds.ts";
import { nearestMultiple, type SearchLimits } from "./loads.ts";

/** Every setting, in the order of the table in docs/capacity.md. */
export const CAPACITY_SETTINGS = {
  CAPACITY_OF: oneOf(
    "users",
    ["users", "calls_per_sec"],
    "what is searched for: callers at the same time, or calls that start per second",
  ),
  MAX_USERS: wholeNumber(200, 1, "the most callers to try"),
  MAX_CALLS_PER_SEC: nonNegative(0, "the most calls per second to try, with CAPACITY_OF=calls_per_sec"),
  CAPACITY_WANTED: nonNegative(0, "what the agent has to carry: less is a failure (99); 0: whatever it carries"),
  CAPACITY_START: nonNegative(0, "the load of the first run; 0: CAPACITY_WANTED, or an eighth of the most to try"),
  CAPACITY_BUDGET: duration(1800, "how long the search may take"),
  SETTLE_SEC: nonNegative(5, "seconds after the ramp-up of each run that do not count, such as for an autoscaler"),
  COOL_DOWN_SEC: nonNegative(5, "pause between two runs, so that one does not pay for the last one"),
  PROBE_TURNS: wholeNumber(0, 0, "turns that a run is judged by, at least; 0: twice as many as the gate needs"),
  RESUME: folder("the folder of a search to go on with"),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The values of all settings of a search, by name. */
export type CapacitySettings = {
  readonly [Name in keyof typeof CAPACITY_SETTINGS]: ValueOf<(typeof CAPACITY_SETTINGS)[Name]>;
};

type Env = Readonly<Record<string, string | undefined>>;

/** The settings of a search, and everything that is wrong with them. */
export interface CapacitySettingsRead {
  readonly settings: CapacitySettings;
  /** Each `NAME: expected ..., got ...` or a misspelt name; a search with any must not start. */
  readonly problems: readonly string[];
}

/** Loads of calls per second are multiples of the largest one divided by this, in powers of ten. */
const UNITS = 1000;

/** Without a start, the first load is the largest one divided by this: the rest is reached in three runs. */
const START_PART = 8;

/** Reads the settings of a search. */
export function readCapacitySettings(env: Env): CapacitySettingsRead {
  const problems: string[] = [];
  const values = Object.entries<Setting<unknown>>(CAPACITY_SETTINGS).map(([name, setting]) => {
    const { problem, value } = readSetting(name, setting, env);
    if (problem !== null) problems.push(problem);
    return [name, value];
  });
  const settings = Object.fromEntries(values) as CapacitySettings;
  if (problems.length === 0) problems.push(...settingsOfARun(env, settings), ...contradictions(settings, env));
  problems.push(...misspeltNames(Object.keys(env), Object.keys(CAPACITY_SETTINGS)));
  return { settings, problems };
}

/** The most that is tried: callers, or calls per second. */
export function maxLoad({ CAPACITY_OF, MAX_CALLS_PER_SEC, MAX_USERS }: CapacitySettings): number {
  return CAPACITY_OF === "users" ? MAX_USERS : MAX_CALLS_PER_SEC;
}

/** The bounds of a search. */
export function searchLimits(settings: CapacitySettings): SearchLimits {
  const max = maxLoad(settings);
  const isOfUsers = settings.CAPACITY_OF === "users";
  const unit = isOfUsers ? 1 : 10 ** Math.floor(Math.log10(max)) / UNITS;
  const start = settings.CAPACITY_START || settings.CAPACITY_WANTED || max / START_PART;
  return { max, unit, start: nearestMultiple(start, unit) };
}

/** The settings of a run that the search sets itself, and what to use instead. */
function settingsOfARun(env: Env, { CAPACITY_OF }: CapacitySettings): string[] {
  const isOfUsers = CAPACITY_OF === "users";
  const instead: Readonly<Record<string, string>> = {
    ...(isOfUsers && { USERS: "MAX_USERS, the most callers to try" }),
    TIME: "CAPACITY_BUDGET, the time for the whole search: each run lasts as long as its turns need",
    CAPACITY: `${isOfUsers ? "MAX_USERS" : "MAX_CALLS_PER_SEC"} and CAPACITY_BUDGET: the search sets the load itself`,
    CALLS_PER_SEC: "CAPACITY_OF=calls_per_sec and MAX_CALLS_PER_SEC",
  };
  return Object.entries(instead).flatMap(([name, text]) => {
    const given = (env[name] ?? "").trim();
    return given === "" ? [] : [`${name}: expected ${text}, got ${JSON.stringify(given)}`];
  });
}

/** Finds settings that are valid each on its own, but not together. */
function contradictions(settings: CapacitySettings, env: Env): string[] {
  const { CAPACITY_OF, CAPACITY_START, CAPACITY_WANTED, MAX_CALLS_PER_SEC } = settings;
  const isOfUsers = CAPACITY_OF === "users";
  const max = maxLoad(settings);
  const name = isOfUsers ? "MAX_USERS" : "MAX_CALLS_PER_SEC";
  const isGiven = (setting: string) => (env[setting] ?? "").trim() !== "";
  const bounded = Object.entries({ CAPACITY_START, CAPACITY_WANTED });
  const rows: readonly (readonly [isWrong: boolean, problem: string])[] = [
    [
      isOfUsers && isGiven("MAX_CALLS_PER_SEC"),
      "MAX_CALLS_PER_SEC: expected CAPACITY_OF=calls_per_sec beside it, got none",
    ],
    [
      !isOfUsers && isGiven("MAX_USERS"),
      "MAX_USERS: expected MAX_CALLS_PER_SEC with CAPACITY_OF=calls_per_sec, got MAX_USERS",
    ],
    [
      !isOfUsers && MAX_CALLS_PER_SEC === 0,
      "MAX_CALLS_PER_SEC: expected the most calls per second to try, with CAPACITY_OF=calls_per_sec, got nothing",
    ],
    [
      !isOfUsers && !isGiven("TURNS_PER_USER"),
      "TURNS_PER_USER: expected the turns of one call, with CAPACITY_OF=calls_per_sec, got nothing: how many calls per second an agent carries depends on their length",
    ],
    ...bounded.map(
      ([setting, value]) =>
        [value > max && max > 0, `${setting}: expected at most ${name} = ${max}, got ${value}`] as const,
    ),
    ...bounded.map(
      ([setting, value]) =>
        [isOfUsers && !Number.isInteger(value), `${setting}: expected whole callers, got ${value}`] as const,
    ),
  ];
  return rows.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
}
