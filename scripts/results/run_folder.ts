/** Reads and writes a run's folder: `run.json`, written before the run, and `log.jsonl`, written by k6 during it. */

import { appendFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import type { EndLine } from "../../lib/report/first_and_last_log_line.ts";
import { type GoVariables, isGoVariables } from "../../lib/report/go_variables.ts";
import { VERSION } from "../../lib/report/version.ts";
import { maskUrl, shownSettings } from "../../lib/settings/masking.ts";
import { readSettings } from "../../lib/settings/read_settings.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetUrl } from "../../lib/settings/target_url.ts";
import type { Tiers } from "../../lib/settings/thresholds.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { makeFolder, writeError } from "../setup/files.js";
import { parseObject, readLines } from "./lines.ts";
import { type CallLine, type RunLineRead, readLogLine, type TurnLine } from "./log_lines.ts";
import { type LogFacts, scanLog } from "./scan_log.ts";

/** The folder of all runs. */
const RESULTS = "results/";

/** The content of `run.json`. */
export interface RunFile {
  readonly run: string;
  readonly scenario: ScenarioName;
  readonly startedAt: string;
  readonly version: string;
  readonly k6: string;
  readonly url: string;
  /** Secrets are masked. */
  readonly settings: Settings;
  readonly thresholds: Tiers;
  /** Notes for the report that were known before the run. */
  readonly remarks: readonly string[];
  /** Go's variables of k6; null where they are not known. */
  readonly go: GoVariables | null;
}

/** The records of a log in memory, and what else is known of it. */
export interface Log extends LogFacts {
  readonly turns: readonly TurnLine[];
  readonly calls: readonly CallLine[];
}

/** Creates a run's folder in `parent` (empty: results/), named by start and scenario behind `prefix`; returns its path. */
export async function makeRunFolder(scenario: string, startedAt: Date, parent = "", prefix = ""): Promise<string> {
  const stamp = startedAt.toISOString().slice(0, 19).replaceAll(":", "-");
  const into = parent || RESULTS;
  try {
    await makeFolder(into);
    return await makeNewFolder(into, `${prefix}${stamp}_${scenario}`);
  } catch (error) {
    throw new Error(`${writeError(into, error).message}; RESULTS_DIR=folder puts runs elsewhere`);
  }
}

/** Creates a folder that was not there: `name`, or with a number behind it where that is taken; returns its path. */
export async function makeNewFolder(parent: string, name: string): Promise<string> {
  for (let attempt = 1; ; attempt += 1) {
    const folder = join(parent, attempt === 1 ? name : `${name}_${attempt}`);
    // Making it is what takes the name: another run may start in the same second.
    if (await made(folder)) return folder;
  }
}

/** False where the folder exists. */
async function made(folder: string): Promise<boolean> {
  return mkdir(folder).then(
    () => true,
    (error: NodeJS.ErrnoException) => (error.code === "EEXIST" ? false : Promise.reject(error)),
  );
}

/** Writes `run.json`. */
export async function writeRunFile(
  folder: string,
  run: Pick<RunFile, "scenario" | "k6" | "settings" | "remarks" | "go"> & { tiers: Tiers; startedAt: Date },
): Promise<void> {
  const { go, scenario, k6, remarks, settings, tiers, startedAt } = run;
  const file: Omit<RunFile, "settings"> & { settings: unknown } = {
    run: basename(folder),
    scenario,
    startedAt: startedAt.toISOString(),
    version: VERSION,
    k6,
    url: maskUrl(targetUrl(settings, WIRES[scenario].path)),
    settings: shownSettings(settings),
    thresholds: tiers,
    remarks,
    go,
  };
  await writeFile(join(folder, "run.json"), `${JSON.stringify(file, null, 2)}\n`);
}

/**
 * Reads `run.json`. Where there is none, as in a pod, or where it is not whole, as after a disk was full, reads the run line
 * of the log instead; its `k6` is `unknown`. Throws when there is neither.
 */
export async function readRunFile(folder: string): Promise<RunFile> {
  const path = join(folder, "run.json");
  const text = await readFile(path, "utf8").catch(() => null);
  const file = text === null ? null : parseObject(text.trim());
  if (file !== null) return checkedRunFile(file, path);
  const problem = text === null ? null : `run.json is ${text.trim() === "" ? "empty" : "damaged"}`;
  const run = await firstRunLine(folder);
  if (run === null) {
    const got = problem === null ? "neither (is its first part cut off?)" : `neither: ${problem} (was the disk full?)`;
    throw new Error(`${folder}: expected run.json, or a "run" line in log.jsonl, got ${got}`);
  }
  const remarks = [
    ...(run.remarks ?? []),
    ...(problem === null ? [] : [`${problem}: the inputs are those of the log`]),
  ];
  return { ...checkedRunFile(run, join(folder, "log.jsonl")), k6: "unknown", remarks };
}

/** Reads a log of moderate length into memory; longer ones are read with `scanLog`. */
export async function readLog(folder: string): Promise<Log> {
  const turns: TurnLine[] = [];
  const calls: CallLine[] = [];
  const facts = await scanLog(folder, { turn: (line) => turns.push(line), call: (line) => calls.push(line) });
  return { ...facts, turns, calls };
}

/**
 * Appends an end line; the last one of a process counts. Used for runs that k6 did not end by itself: `last` is the end line
 * of k6, where there is one, and `how` says how the run ended.
 */
export async function appendEnd(
  folder: string,
  last: Partial<EndLine> | null,
  how: Pick<EndLine, "interrupted" | "generatorLimit">,
): Promise<void> {
  const end = { type: "end", droppedIterations: 0, remarks: [], ...last, ...how };
  // The newline ends a line that a killed run left cut off. If this fails, the missing end line means interrupted as
  // well.
  await appendFile(join(folder, "log.jsonl"), `\n${JSON.stringify(end)}\n`).catch(() => {});
}

async function firstRunLine(folder: string): Promise<RunLineRead | null> {
  for await (const lines of readLines(join(folder, "log.jsonl"))) {
    for (const text of lines) {
      const line = text.includes('"run"') ? readLogLine(text) : null;
      if (line?.type === "run") return line;
    }
  }
  return null;
}

/** Throws when a report cannot be made from the inputs. */
function checkedRunFile(file: Readonly<object>, path: string): RunFile {
  const { go, scenario, settings, thresholds, remarks = [] } = file as Partial<RunFile>;
  const isObject = (value: unknown) => typeof value === "object" && value !== null;
  const isRun = scenario !== undefined && scenario in WIRES && isObject(settings) && isObject(thresholds);
  if (!isRun || !Array.isArray(remarks)) {
    throw new Error(`${path}: expected the scenario, settings and thresholds of a run, got something else`);
  }
  // A run of an earlier version has fewer settings.
  const known = { ...readSettings({}).settings, ...settings };
  return { ...(file as RunFile), settings: known, remarks, go: isGoVariables(go) ? go : null };
}
