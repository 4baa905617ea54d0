/**
 * Merges runs that several k6 processes made as parts of one load test, so that the gate judges all samples together
 * and not the P95 of each process. The parts are execution segments of one load, or the loads of independent machines.
 */

import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { Settings } from "../../lib/settings/settings.ts";
import { readLines } from "./lines.ts";
import { makeRunFolder, type RunFile, readRunFile, writeRunFile } from "./run_folder.ts";
import { type LogFacts, scanLog } from "./scan_log.ts";

/** What is known of one part. */
interface Part {
  readonly folder: string;
  readonly file: RunFile;
  readonly log: LogFacts;
  /** The numbers of its callers. */
  readonly vus: ReadonlySet<number>;
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
  const partOfCall = new Map<string, number>();
  const parts: Part[] = [];
  for (const index of folders.keys()) parts.push(await readPart(folders, index, partOfCall));
  const [first] = parts;
  if (first === undefined) throw new Error("RUN: expected at least one folder, got none");
  for (const part of parts) assertSameRun(first, part);
  const startedAt = new Date(Math.min(...parts.map(({ file }) => Date.parse(file.startedAt))));
  const into = await makeRunFolder(`${first.file.scenario}_merged`, startedAt, parent);
  const { go, k6, scenario, thresholds: tiers } = first.file;
  const settings = { ...first.file.settings, ...loadOf(parts) };
  const known = new Set(parts.flatMap(({ file, log }) => [...file.remarks, ...log.remarks]));
  const remarks = [...known, `merged from ${folders.join(", ")}`];
  await writeRunFile(into, { scenario, k6, settings, tiers, remarks, startedAt, go });
  for (const part of parts) await appendLog(into, part);
  return into;
}

/** Reads a part. Throws when a call of it is in a part that was read before, which `partOfCall` knows. */
async function readPart(folders: readonly string[], index: number, partOfCall: Map<string, number>): Promise<Part> {
  const folder = folders[index] ?? "";
  const file = await readRunFile(folder);
  const vus = new Set<number>();
  const take = ({ call, vu }: { readonly call: string; readonly vu: number }) => {
    const other = partOfCall.get(call) ?? index;
    if (other !== index)
      throw new Error(`${folder}: expected calls of its own, got ${call}, which is in ${folders[other]} too`);
    partOfCall.set(call, index);
    vus.add(vu);
  };
  const log = await scanLog(folder, { turn: take, call: take });
  return { folder, file, log, vus };
}

/**
 * Appends the log of a part as it is: its run line and its end line say which lines are of the same process, and how many
 * that wrote.
 */
async function appendLog(into: string, { file, folder, log }: Part): Promise<void> {
  const runLine = JSON.stringify({ type: "run", process: folder, ...file });
  async function* text(): AsyncGenerator<string> {
    if (!log.beginsWithRun) yield `${runLine}\n`;
    for await (const lines of readLines(join(folder, "log.jsonl"))) yield lines.map((line) => `${line}\n`).join("");
  }
  await pipeline(Readable.from(text()), createWriteStream(join(into, "log.jsonl"), { flags: "a" }));
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

/**
 * The load of the merged run. Execution segments have different VU numbers, and the settings of each give the whole
 * load. Independent machines all begin at VU 1, and their loads add up.
 */
function loadOf(parts: readonly Part[]): Pick<Settings, "USERS" | "SPAWN_RATE" | "CALLS_PER_SEC"> {
  const callers = parts.map(({ vus }) => vus);
  const total = callers.reduce((sum, { size }) => sum + size, 0);
  const areSegments = new Set(callers.flatMap((some) => [...some])).size === total;
  const sum = (name: "USERS" | "SPAWN_RATE" | "CALLS_PER_SEC") => {
    const values = parts.map(({ file }) => file.settings[name]);
    return areSegments ? Math.max(...values) : values.reduce((all, value) => all + value, 0);
  };
  return { USERS: sum("USERS"), SPAWN_RATE: sum("SPAWN_RATE"), CALLS_PER_SEC: sum("CALLS_PER_SEC") };
}
