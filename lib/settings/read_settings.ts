/** Reads the settings from an environment and reports every problem at once. */

import { presetOf } from "./capacity.ts";
import type { Setting } from "./setting_kinds.ts";
import { SETTINGS, type Settings } from "./settings.ts";
import { rampUpSec } from "./workload.ts";

/** The smallest length of a name whose near-misses are pointed out: k6 passes the whole shell, `USER` included. */
const NEAR_MISS_CHARS = 5;

/** What was read, and everything that is wrong with it. */
export interface Reading {
  readonly settings: Settings;
  /** Each `NAME: expected ..., got ...`; a run with any must not start. */
  readonly problems: readonly string[];
  /** What was understood otherwise than it was written. */
  readonly remarks: readonly string[];
}

/** Reads all settings from an environment; an empty value counts as absent. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Reading {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const text = (env[name] ?? "").trim();
    const value = text === "" ? setting.fallback : setting.read(text);
    if (value === undefined) problems.push(`${name}: expected ${setting.expected}, got ${shownText(setting, text)}`);
    const preset = text === "" ? presetOf(values.CAPACITY) : undefined;
    values[name] = preset?.[name] ?? value ?? setting.fallback;
  }
  const settings = values as unknown as Settings;
  if (problems.length === 0) problems.push(...contradictions(settings));
  const spelt = env.PIPELINE?.trim().toLowerCase() ?? "";
  const remarks = spelt === "" || spelt === settings.PIPELINE || problems.length > 0 ? [] : [spellingRemark(spelt)];
  return { settings, problems: [...problems, ...nearMisses(Object.keys(env))], remarks };
}

/** An agent's own `streaming_mode=realtime` means cascade, so the spelling is worth a word. */
function spellingRemark(spelt: string): string {
  return `PIPELINE=${spelt} is understood as voicelive (an agent's own streaming_mode=realtime would mean cascade)`;
}

function shownText(setting: Setting<unknown>, text: string): string {
  return setting.secret ? "something else (not shown)" : JSON.stringify(text);
}

function contradictions(settings: Settings): string[] {
  const { CALLS_PER_SEC, CALLS_RAMP_SEC, RAMP_UP_COUNTS, USERS, SPAWN_RATE, TIME } = settings;
  const { TURNS_PER_USER, WARMUP_TURNS } = settings;
  const problems: string[] = [];
  if (CALLS_PER_SEC > 0 && CALLS_RAMP_SEC > TIME) {
    problems.push(`CALLS_RAMP_SEC: expected at most TIME = ${TIME}, got ${CALLS_RAMP_SEC}`);
  }
  if (CALLS_PER_SEC === 0 && CALLS_RAMP_SEC > 0) {
    problems.push(
      `CALLS_RAMP_SEC: expected CALLS_PER_SEC beside it, got none; SPAWN_RATE sets the ramp of USERS callers`,
    );
  }
  if (CALLS_PER_SEC === 0 && USERS > SPAWN_RATE * TIME) {
    problems.push(`USERS: expected at most SPAWN_RATE x TIME = ${Math.floor(SPAWN_RATE * TIME)}, got ${USERS}`);
  }
  if (!RAMP_UP_COUNTS && rampUpSec(settings) >= TIME) {
    problems.push(`RAMP_UP_COUNTS=false: expected a ramp-up shorter than TIME = ${TIME}, got ${rampUpSec(settings)} s`);
  }
  if (WARMUP_TURNS >= TURNS_PER_USER) {
    problems.push(`WARMUP_TURNS: expected less than TURNS_PER_USER = ${TURNS_PER_USER}, got ${WARMUP_TURNS}`);
  }
  return problems;
}

function nearMisses(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (name.length < NEAR_MISS_CHARS || Object.hasOwn(SETTINGS, name)) return [];
    const meant = Object.keys(SETTINGS).find((known) => known.length >= NEAR_MISS_CHARS && oneEditApart(name, known));
    return meant === undefined ? [] : [`${name} is not a setting; did you mean ${meant}?`];
  });
}

/** True when one insertion, deletion, replacement or swap of neighbours turns one word into the other. */
function oneEditApart(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let ends = 0;
  while (ends < Math.min(a.length, b.length) - start && a[a.length - 1 - ends] === b[b.length - 1 - ends]) ends += 1;
  const restA = a.slice(start, a.length - ends);
  const restB = b.slice(start, b.length - ends);
  const swapped = restA.length === 2 && restA === [...restB].reverse().join("");
  return swapped || Math.max(restA.length, restB.length) === 1;
}
