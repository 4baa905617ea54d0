/** Reads and writes a run's folder: `run.json`, written before the run, and `log.jsonl`, written by k6 during it. */

import { appendFile, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { CallRecord, TurnRecord } from "../../lib/metrics/records.ts";
import type { EndLine } from "../../lib/report/first_and_last_log_line.ts";
import { VERSION } from "../../lib/report/version.ts";
import { maskUrl, shownSettings } from "../../lib/settings/masking.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetUrl } from "../../lib/settings/target_url.ts";
import type { Tiers } from "../../lib/settings/thresholds.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";

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

/** The content of `log.jsonl`. */
export interface Log {
  readonly turns: readonly TurnLine[];
  readonly calls: readonly CallLine[];
  /** The end line; null in the log of a killed run. */
  readonly end: EndLine | null;
  /** The remarks of the run line and the end line (known before the run, or reported by the agent), each once. */
  readonly remarks: readonly string[];
  /** The number of lines other than the run and end line; after a killed run the last one may be cut off. */
  readonly lines: number;
}

/** Creates a run's folder in `parent` (empty: results/), named by start and scenario; returns its path. */
export async function makeRunFolder(scenario: string, startedAt: Date, parent = ""): Promise<string> {
  const stamp = startedAt.toISOString().slice(0, 19).replaceAll(":", "-");
  for (let attempt = 1; ; attempt += 1) {
    const folder = join(
      parent || "results",
      attempt === 1 ? `${stamp}_${scenario}` : `${stamp}_${scenario}_${attempt}`,
    );
    const created = await mkdir(folder, { recursive: true });
    if (created !== undefined) return folder;
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
 * Reads `run.json`. Where there is none, as in a pod, reads the run line of the log instead; its `k6` is `unknown`.
 * Throws when there is neither.
 */
export async function readRunFile(folder: string): Promise<RunFile> {
  const text = await readFile(join(folder, "run.json"), "utf8").catch(() => null);
  if (text !== null) return JSON.parse(text) as RunFile;
  const lines = await readJsonLines(join(folder, "log.jsonl"));
  const runLine = lines.find((line) => line?.type === "run");
  if (runLine === undefined) throw new Error(`${folder}: expected run.json, or a "run" line in log.jsonl, got neither`);
  return { ...(runLine as unknown as RunFile), k6: "unknown" };
}

/** Reads `log.jsonl`. A last line that was cut off is counted in `lines` but not read. */
export async function readLog(folder: string): Promise<Log> {
  const lines = await readJsonLines(join(folder, "log.jsonl"));
  const ofType = (type: string) => lines.filter((line) => line?.type === type) as unknown[];
  const ends = [...ofType("run"), ...ofType("end")] as Partial<EndLine>[];
  return {
    turns: ofType("turn") as TurnLine[],
    calls: ofType("call") as CallLine[],
    end: (ofType("end").at(-1) as EndLine | undefined) ?? null,
    remarks: [...new Set(ends.flatMap(({ remarks }) => remarks ?? []))],
    lines: lines.filter((line) => line?.type !== "run" && line?.type !== "end").length,
  };
}

/** Appends an end line; the last one of a log counts. Used for runs that k6 did not end by itself, and for merged runs. */
export async function appendEnd(folder: string, end: Omit<EndLine, "type">): Promise<void> {
  // The newline ends a line that a killed run left cut off. If this fails, the missing end line means interrupted as
  // well.
  await appendFile(join(folder, "log.jsonl"), `\n${JSON.stringify({ type: "end", ...end })}\n`).catch(() => {});
}

/**
 * Reads a file of JSON lines; an invalid line becomes null. A missing path, or one that is no regular file, has no
 * lines.
 */
export async function readJsonLines(path: string): Promise<(Record<string, unknown> | null)[]> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return null;
    throw error;
  });
  // Reading a device such as /dev/full would never end.
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
