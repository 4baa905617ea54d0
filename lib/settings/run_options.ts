/**
 * Compares the options that k6 runs with to those that the settings ask for. k6's own flags, variables and config file replace
 * them silently, and an archive keeps the options of the settings that it was made with.
 */

import { SCENARIO } from "./workload.ts";

/** What k6's `options` must hold; each value as a script gives it. */
export interface RunOptions {
  readonly scenarios: unknown;
  readonly thresholds: unknown;
  readonly summaryTrendStats: readonly string[];
  readonly systemTags: readonly string[];
}

/** Options that change the load or the checks, and that no settings ask for, with what each does. */
const UNWANTED: Readonly<Record<string, string>> = {
  minIterationDuration: "makes callers wait between calls",
  noSetup: "leaves out the checks before the first call",
  throw: "turns a refused dial into an error of this tool",
};

const LEAVE_OUT = "leave it out of k6's flags, its K6_ variables and its config file";

/**
 * Returns what is wrong with the options that k6 runs with, or null. `actual` is `exec.test.options`; what k6 was not given is
 * null in it. In Grafana Cloud k6 only the load is compared: it sets the other options itself, and makes no report of ours.
 */
export function optionsProblem(expected: RunOptions, actual: unknown, inCloud: boolean): string | null {
  const options = asRecord(actual);
  const { summaryTrendStats, systemTags } = expected;
  const problem = loadProblem(expected.scenarios, options.scenarios);
  if (problem !== null || inCloud) return problem;
  return (
    frozenProblem("thresholds", expected.thresholds, options.thresholds) ??
    listProblem("summaryTrendStats", summaryTrendStats, options.summaryTrendStats) ??
    listProblem("systemTags", systemTags, options.systemTags) ??
    unwantedProblem(options)
  );
}

function loadProblem(expected: unknown, actual: unknown): string | null {
  const scenario = asRecord(actual)[SCENARIO];
  if (scenario === undefined)
    return "k6's --vus, --duration, --stage or --iterations replaced the load; use -e USERS=.. -e TIME=.. instead";
  return frozenProblem("load", asRecord(expected)[SCENARIO], scenario);
}

/** Compares what an archive keeps, part by part. k6 adds parts to the load, but none to the thresholds. */
function frozenProblem(what: "load" | "thresholds", expected: unknown, actual: unknown): string | null {
  const [wanted, got] = [asRecord(expected), asRecord(actual)];
  const names = Object.keys(what === "load" ? wanted : { ...wanted, ...got });
  const name = names.find((key) => normalized(got[key]) !== normalized(wanted[key]));
  if (name === undefined) return null;
  const verb = what === "load" ? "was" : "were";
  return `the ${what} ${verb} settled when this archive was made (${name}: ${normalized(got[name])}, asked for ${normalized(wanted[name])}); make the archive with these settings`;
}

function listProblem(name: string, expected: readonly string[], actual: unknown): string | null {
  const got = Array.isArray(actual) ? actual.map(String) : [];
  const isSame = JSON.stringify([...expected].sort()) === JSON.stringify([...got].sort());
  return isSame ? null : `k6's option ${name} is ${got.join(",") || "empty"}, which changes the report; ${LEAVE_OUT}`;
}

function unwantedProblem(options: Readonly<Record<string, unknown>>): string | null {
  const found = Object.entries(UNWANTED).find(([name]) => isGiven(options[name]));
  return found === undefined ? null : `k6's option ${found[0]} ${found[1]}; ${LEAVE_OUT}`;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== false && durationMs(String(value)) !== 0;
}

/** Converts a value to JSON as k6 returns it: durations in ms (`90000ms` comes back as `1m30s`), and no empty fields. */
function normalized(value: unknown): string {
  return (
    JSON.stringify(value, (_, entry: unknown) => {
      if (typeof entry === "string") return durationMs(entry) ?? entry;
      return entry === null ? undefined : entry;
    }) ?? "nothing"
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
