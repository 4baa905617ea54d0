/** Goes on with a search: takes its settings from its `capacity.json`, and finds what is different now. */

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { MASK, maskPath, maskUrl } from "../../lib/settings/masking.ts";
import type { Setting } from "../../lib/settings/setting_kinds.ts";
import { SETTINGS } from "../../lib/settings/settings.ts";
import type { TierExpressions } from "../../lib/settings/thresholds.ts";
import { WIRES } from "../../lib/wire/wires.ts";
import { parseObject } from "../results/lines.ts";
import { CAPACITY_SETTINGS } from "./capacity_settings.ts";
import type { CapacityResult } from "./probe.ts";

type Env = NodeJS.ProcessEnv;

/** What a setting of the search was, as one would give it, and what is given now. */
interface Compared {
  readonly env: Env;
  readonly problems: readonly string[];
}

/** Reads the `capacity.json` of a search; null where there is none, or none of this format. */
export async function readCapacityResult(folder: string): Promise<CapacityResult | null> {
  const text = await readFile(join(folder, "capacity.json"), "utf8").catch(() => "");
  const file = parseObject(text) as Partial<CapacityResult> | null;
  const isKnown = file?.format === 1 && Array.isArray(file.probes) && typeof file.settings === "object";
  return isKnown && file.scenario !== undefined && file.scenario in WIRES ? (file as CapacityResult) : null;
}

/** What is wrong with the scenario that is asked for: it has to be that of the search, where one is to go on; null where nothing is. */
export function scenarioProblem(asked: string, resumed: CapacityResult | null): string | null {
  if (resumed !== null && asked !== resumed.scenario)
    return `SCENARIO: expected ${resumed.scenario}, as the search has it, got ${JSON.stringify(asked)}`;
  if (asked in WIRES) return null;
  return `SCENARIO: expected one of ${Object.keys(WIRES).join(", ")}, got ${JSON.stringify(asked)}`;
}

/** Settings among those of all runs that may be changed. */
const CHANGEABLE: readonly string[] = ["CAPACITY_START", "COOL_DOWN_SEC"];

/**
 * The environment with the settings of a search, and a text for each setting that is given otherwise. What may hold a secret is not
 * in the file, so it comes from the environment again. CAPACITY_BUDGET counts anew; it, CAPACITY_START, CAPACITY_WANTED,
 * COOL_DOWN_SEC and the largest load may be changed.
 */
export function resumedEnv(result: CapacityResult, env: Env): Compared {
  const known = { ...SETTINGS, ...CAPACITY_SETTINGS } as Readonly<Record<string, Setting<unknown>>>;
  const fixed = Object.entries({ ...result.settings, CAPACITY_OF: result.of }).filter(
    ([name]) => !CHANGEABLE.includes(name),
  );
  const compared = fixed.flatMap(([name, value]) => {
    const setting = known[name];
    return setting === undefined ? [] : [compare(name, setting, value, (env[name] ?? "").trim())];
  });
  const { budgetSec, maxLoad, of, wanted } = result;
  const changeable: Env = {
    [of === "users" ? "MAX_USERS" : "MAX_CALLS_PER_SEC"]: String(maxLoad),
    CAPACITY_BUDGET: `${budgetSec}s`,
    ...(wanted !== null && { CAPACITY_WANTED: String(wanted) }),
    ...Object.fromEntries(CHANGEABLE.map((name) => [name, String(result.settings[name] ?? "")])),
  };
  const missing = Object.entries(changeable).filter(([name]) => !(env[name] ?? "").trim());
  return {
    env: { ...env, ...Object.fromEntries(missing), ...Object.fromEntries(compared.flatMap(({ text }) => text)) },
    problems: compared.flatMap(({ problem }) => problem ?? []),
  };
}

/** What is wrong with the gate of today; null where it is that of the search. */
export function gateProblem({ gate, probes }: CapacityResult, targets: TierExpressions): string | null {
  const [first] = probes;
  if (first === undefined) return null;
  const checked = first.checks.filter(({ expression }) => expression !== "count==0");
  const before = checked.map(({ expression, series }) => `${series} ${expression}`);
  const now = Object.entries(targets).flatMap(([series, all]) => all.map((expression) => `${series} ${expression}`));
  if (before.join() === now.join()) return null;
  return `thresholds.json: expected the ${gate} tier of the search (${before.join(", ")}), got ${now.join(", ")}`;
}

/** The text of a setting for the environment, where it is to be set, and what is wrong with what is given. */
function compare(
  name: string,
  setting: Setting<unknown>,
  value: unknown,
  given: string,
): { readonly text: readonly (readonly [string, string])[]; readonly problem: string | null } {
  const before = textOf(setting, value);
  const isHidden = before.includes(MASK);
  const now = given === "" ? null : textOf(setting, shownValue(setting, given));
  if (now === before) return { text: [], problem: null };
  if (now === null && !isHidden) return { text: [[name, before]], problem: null };
  const why = isHidden ? ", as the search has it; what may be secret is not kept" : ", as the search has it";
  return { text: [], problem: `${name}: expected ${before}${why}, got ${now ?? "nothing"}` };
}

/** A value as one would give it; the names of headers with masks. */
function textOf(setting: Setting<unknown>, value: unknown): string {
  if (setting.secret === "all") return Object.keys(Object(value)).length === 0 ? "" : JSON.stringify(value);
  return setting.format?.(value) ?? String(value);
}

/** A given value as it may be shown. */
function shownValue(setting: Setting<unknown>, given: string): unknown {
  const value = setting.parse(given) ?? setting.defaultValue;
  if (setting.secret === "all") return Object.fromEntries(Object.keys(Object(value)).map((name) => [name, MASK]));
  if (setting.secret === undefined) return value;
  return setting.secret === "path" ? maskPath(String(value)) : maskUrl(String(value));
}
