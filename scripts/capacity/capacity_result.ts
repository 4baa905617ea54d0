/** Makes the content of `capacity.json` from the probes of a search. */

import { VERSION } from "../../lib/report/version.ts";
import { maskUrl, shownSettings } from "../../lib/settings/masking.ts";
import { quotaRemarks } from "../../lib/settings/quotas.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetUrl } from "../../lib/settings/target_url.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { type CapacitySettings, maxLoad } from "./capacity_settings.ts";
import { explain } from "./explain.ts";
import type { CapacityResult, Probe, SearchEnd } from "./probe.ts";
import { type Pace, runLoad } from "./timing.ts";

/** What a search is of. */
export interface SearchSubject {
  readonly scenario: ScenarioName;
  /** The settings of its first run. */
  readonly settings: Settings;
  readonly search: CapacitySettings;
  readonly pace: Pace;
  /** The folder of the search. */
  readonly folder: string;
}

/** Makes the result; `end` is null while the search goes on: what is written then is what is left of it if it is killed. */
export function capacityResult(
  subject: SearchSubject,
  probes: readonly Probe[],
  end: SearchEnd | null,
): CapacityResult {
  const { folder, pace, scenario, search, settings } = subject;
  const common = {
    gate: settings.GATE,
    maxLoad: maxLoad(search),
    of: search.CAPACITY_OF,
    probes,
    wanted: search.CAPACITY_WANTED || null,
    end: end ?? "interrupted",
  } as const;
  const resume = `make capacity RESUME=${folder}`;
  const findings = explain({
    ...common,
    resume,
    quotasAt: (load) => quotaRemarks(settingsAt(load, settings, pace), scenario),
  });
  return {
    format: 1,
    version: VERSION,
    scenario,
    url: maskUrl(targetUrl(settings, WIRES[scenario].path)),
    budgetSec: search.CAPACITY_BUDGET,
    settings: keptSettings(subject),
    ...common,
    ...findings,
  };
}

/** Settings that each run has of its own: the search, or the runner, sets them. */
const OF_EACH_RUN: readonly string[] = [
  ...["CALLS_PER_SEC", "CAPACITY", "SPAWN_RATE", "TIME", "USERS"],
  ...["RESULTS_DIR", "TURN_LOG"],
];

/** The settings that all runs of the search have, as they may be shown. */
function keptSettings({ pace, search, settings }: SearchSubject): CapacityResult["settings"] {
  const { SPAWN_RATE, USERS } = settings;
  const shown = Object.entries(shownSettings(settings)).filter(([name]) => !OF_EACH_RUN.includes(name));
  const { CAPACITY_START, COOL_DOWN_SEC, PROBE_TURNS, SETTLE_SEC } = search;
  return {
    ...Object.fromEntries(shown),
    ...(pace.spawnRate !== null && { SPAWN_RATE }),
    ...(pace.mostCalls !== null && { USERS }),
    CAPACITY_START,
    SETTLE_SEC,
    COOL_DOWN_SEC,
    PROBE_TURNS,
  };
}

/** The settings of a run of a load. */
function settingsAt(load: number, settings: Settings, pace: Pace): Settings {
  const { spawnRate, timeSec, users } = runLoad({ load, length: 1 }, pace);
  const common = { ...settings, USERS: users, TIME: timeSec };
  return pace.of === "users" ? { ...common, SPAWN_RATE: spawnRate } : { ...common, CALLS_PER_SEC: load };
}
