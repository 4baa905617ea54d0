/** A run's folder: `run.json` first, then `log.jsonl` while it goes; every report can be made from these two. */

import { appendFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CallRecord, TurnRecord } from "../../lib/metrics/records.ts";
import type { EndLine } from "../../lib/report/log_ends.ts";
import { VERSION } from "../../lib/report/version.ts";
import { maskUrl, shownSettings } from "../../lib/settings/masking.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetUrl } from "../../lib/settings/target.ts";
import type { Tiers } from "../../lib/settings/thresholds.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";

/** What `run.json` holds. */
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
  /** What was known before the run that its readers should know. */
  readonly remarks: readonly string[];
}

/** A `type: "turn"` line of `log.jsonl`; instants are epoch ms. */
export type TurnLine = Omit<TurnRecord, "utterance"> & {
  readonly type: "turn";
  readonly vu: number;
  readonly call: string;
  readonly utterance: string;
};

/** A `type: "call"` line of `log.jsonl`; instants are epoch ms. */
export type CallLine = CallRecord & {
  readonly type: "call";
  readonly vu: number;
  readonly call: string;
  readonly dialAtMs: number;
};

/** What the log of a run says. */
export interface Log {
  readonly turns: readonly TurnLine[];
  readonly calls: readonly CallLine[];
  /** The last word on how the run ended; null in the log of a run that was killed. */
  readonly end: EndLine | null;
  /** What was known when the run began and what the agent said of itself, each once. */
  readonly remarks: readonly string[];
  /** Lines of turns and calls that were written, the last one of a killed run perhaps only half. */
  readonly lines: number;
}

/** Makes a run's folder, named by its start and its scenario; returns its path. */
export async function makeRunFolder(scenario: string, startedAt: Date): Promise<string> {
  const stamp = startedAt.toISOString().slice(0, 19).replaceAll(":", "-");
  for (let attempt = 1; ; attempt += 1) {
    const folder = join("results", attempt === 1 ? `${stamp}_${scenario}` : `${stamp}_${scenario}_${attempt}`);
    const made = await mkdir(folder, { recursive: true });
    if (made !== undefined) return folder;
  }
}

/** Writes `run.json`. */
export async function writeRunFile(
  folder: string,
  run: Pick<RunFile, "scenario" | "k6" | "settings" | "remarks"> & { tiers: Tiers; startedAt: Date },
): Promise<void> {
  const { scenario, k6, remarks, settings, tiers, startedAt } = run;
  const file: Omit<RunFile, "settings"> & { settings: unknown } = {
    run: folder.split("/").at(-1) ?? folder,
    scenario,
    startedAt: startedAt.toISOString(),
    version: VERSION,
    k6,
    url: maskUrl(targetUrl(settings, WIRES[scenario].path)),
    settings: shownSettings(settings),
    thresholds: tiers,
    remarks,
  };
  await writeFile(join(folder, "run.json"), `${JSON.stringify(file, null, 2)}\n`);
}

/**
 * Reads what was asked for: `run.json`, or the first line of a log that was written without one, as in a pod.
 * Throws when there is neither.
 */
export async function readRunFile(folder: string): Promise<RunFile> {
  const text = await readFile(join(folder, "run.json"), "utf8").catch(() => null);
  if (text !== null) return JSON.parse(text) as RunFile;
  const lines = await readJsonLines(join(folder, "log.jsonl"));
  const opening = lines.find((line) => line?.type === "run");
  if (opening === undefined) throw new Error(`${folder}: expected run.json, or a "run" line in log.jsonl, got neither`);
  return { ...(opening as unknown as RunFile), k6: "unknown" };
}

/** Reads `log.jsonl`; a last line that was cut off is counted and left out. */
export async function readLog(folder: string): Promise<Log> {
  const lines = await readJsonLines(join(folder, "log.jsonl"));
  const of = (type: string) => lines.filter((line) => line?.type === type) as unknown[];
  const ends = [...of("run"), ...of("end")] as Partial<EndLine>[];
  return {
    turns: of("turn") as TurnLine[],
    calls: of("call") as CallLine[],
    end: (of("end").at(-1) as EndLine | undefined) ?? null,
    remarks: [...new Set(ends.flatMap(({ remarks }) => remarks ?? []))],
    lines: lines.filter((line) => line?.type !== "run" && line?.type !== "end").length,
  };
}

/** Adds the last word to the log of a run that was stopped, or whose k6 could not say it. */
export async function appendEnd(folder: string, end: Omit<EndLine, "type">): Promise<void> {
  // A new line first: a killed run's last one may be cut. A log that cannot be written lacks its end, which says the same.
  await appendFile(join(folder, "log.jsonl"), `\n${JSON.stringify({ type: "end", ...end })}\n`).catch(() => {});
}

/** Reads a file of JSON lines; a line that is none becomes null. What is not there, or no file, has no lines. */
export async function readJsonLines(path: string): Promise<(Record<string, unknown> | null)[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  // A device such as /dev/full would be read without end.
  const text = found?.isFile() ? await readFile(path, "utf8") : "";
  return text.split("\n").flatMap((line) => (line.trim() === "" ? [] : [parseLine(line)]));
}

function parseLine(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
