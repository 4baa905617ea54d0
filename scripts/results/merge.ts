/**
 * Merges runs that several k6 processes made as parts of one load test, so that the gate judges all samples together
 * and not the P95 of each process. The parts are execution segments of one load, or the loads of independent machines.
 */

import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { EndLine } from "../../lib/report/first_and_last_log_line.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { appendEnd, type Log, makeRunFolder, type RunFile, readLog, readRunFile, writeRunFile } from "./run_folder.ts";

/** The content of one part. */
interface Part {
  readonly folder: string;
  readonly file: RunFile;
  readonly log: Log;
}

/** Settings that may differ between the parts of one run. */
const PER_MACHINE = new Set([
  "HOST",
  "WS_URL",
  "USERS",
  "SPAWN_RATE",
  "CALLS_PER_SEC",
  "PCM_DIR",
  "RESULTS_DIR",
  "TURN_LOG",
]);

/** Merges runs into a new run folder in `parent` (results/ by default) and returns its path. Throws when they are not parts of one run. */
export async function mergeRuns(folders: readonly string[], parent?: string): Promise<string> {
  const parts = await Promise.all(
    folders.map(async (folder) => ({ folder, file: await readRunFile(folder), log: await readLog(folder) })),
  );
  const [first] = parts;
  if (first === undefined) throw new Error("RUN: expected at least one folder, got none");
  for (const part of parts) assertSameRun(first, part);
  assertNoCallTwice(parts);
  const startedAt = new Date(Math.min(...parts.map(({ file }) => Date.parse(file.startedAt))));
  const into = await makeRunFolder(`${first.file.scenario}_merged`, startedAt, parent);
  const { k6, scenario, thresholds: tiers } = first.file;
  const settings = { ...first.file.settings, ...loadOf(parts) };
  const known = new Set(parts.flatMap(({ file, log }) => [...file.remarks, ...log.remarks]));
  const remarks = [...known, `merged from ${folders.join(", ")}`];
  await writeRunFile(into, { scenario, k6, settings, tiers, remarks, startedAt });
  for (const { folder } of parts)
    await appendFile(join(into, "log.jsonl"), await withoutEnds(join(folder, "log.jsonl")));
  await appendEnd(into, mergedEnd(parts.map(({ log }) => log.end)));
  return into;
}

function assertSameRun(first: Part, part: Part): void {
  const { scenario, settings, thresholds } = part.file;
  const compare = (name: string, expected: unknown, got: unknown) => {
    if (JSON.stringify(expected) === JSON.stringify(got)) return;
    throw new Error(
      `${name}: expected ${JSON.stringify(expected)} in ${part.folder} as in ${first.folder}, got ${JSON.stringify(got)}`,
    );
  };
  compare("scenario", first.file.scenario, scenario);
  compare("thresholds", first.file.thresholds, thresholds);
  for (const name of Object.keys(first.file.settings) as (keyof Settings)[])
    if (!PER_MACHINE.has(name)) compare(name, first.file.settings[name], settings[name]);
}

function assertNoCallTwice(parts: readonly Part[]): void {
  const seen = new Map<string, string>();
  for (const { folder, log } of parts) {
    for (const { call } of log.calls) {
      const other = seen.get(call);
      if (other !== undefined)
        throw new Error(`${folder}: expected calls of its own, got ${call}, which is in ${other} too`);
      seen.set(call, folder);
    }
  }
}

/**
 * The load of the merged run. Execution segments have different VU numbers, and the settings of each give the whole
 * load. Independent machines all begin at VU 1, and their loads add up.
 */
function loadOf(parts: readonly Part[]): Pick<Settings, "USERS" | "SPAWN_RATE" | "CALLS_PER_SEC"> {
  const callers = parts.map(({ log }) => new Set([...log.calls, ...log.turns].map(({ vu }) => vu)));
  const total = callers.reduce((sum, { size }) => sum + size, 0);
  const areSegments = new Set(callers.flatMap((some) => [...some])).size === total;
  const sum = (name: "USERS" | "SPAWN_RATE" | "CALLS_PER_SEC") => {
    const values = parts.map(({ file }) => file.settings[name]);
    return areSegments ? Math.max(...values) : values.reduce((all, value) => all + value, 0);
  };
  return { USERS: sum("USERS"), SPAWN_RATE: sum("SPAWN_RATE"), CALLS_PER_SEC: sum("CALLS_PER_SEC") };
}

/** The lines of a log without its run and end lines: the merged log gets one end line for all parts. */
async function withoutEnds(path: string): Promise<string> {
  const lines = (await readFile(path, "utf8")).split("\n");
  const kept = lines.filter((line) => line.trim() !== "" && !/^\{"type":"(?:run|end)"/.test(line));
  return kept.map((line) => `${line}\n`).join("");
}

function mergedEnd(ends: readonly (EndLine | null)[]): Omit<EndLine, "type"> {
  return {
    interrupted: ends.some((end) => end?.interrupted ?? true),
    droppedIterations: ends.reduce((sum, end) => sum + (end?.droppedIterations ?? 0), 0),
    remarks: [],
  };
}
