/** The rows of `make bench`, and what all of its tables calculate from them: means, ratios, groups and shown lateness. */

import type { Script, Traffic } from "./load_request.ts";
import { formatNumber } from "./markdown.ts";
import type { LoadCost } from "./measure_load.ts";
import type { Origin } from "./origin.ts";

/** One measured load of one round; part of results/bench/. */
export interface LoadRow extends LoadCost {
  readonly round: number;
  readonly script: Script;
  readonly wire: string;
  readonly traffic: Traffic;
  readonly callers: number;
  /** The number of utterances in the folder that the callers used; null: the shipped folder. */
  readonly utterances: number | null;
}

/** The parts of the bench, in the order in which they are run and shown. */
export const PARTS = ["cpu", "memory", "cost", "held", "collections", "simulator"] as const;

/** The name of a part. */
export type Part = (typeof PARTS)[number];

/** The content of results/bench/<part>.json. */
export interface PartFile extends Origin {
  readonly part: Part;
  /** Each process had a core of its own. */
  readonly pinned: boolean;
  readonly rows: readonly LoadRow[];
}

/** A number of callers is held when the P99 of the send lag is not above this, in ms. */
export const HELD_LAG_MS = 40;

/** The mean of a number over rows; null where there is none. */
export function mean(rows: readonly LoadRow[], value: (row: LoadRow) => number | null): number | null {
  const values = rows.flatMap((row) => value(row) ?? []);
  return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** The mean of a number over rows as text; `unit` is what it is divided by. */
export function meanText(
  rows: readonly LoadRow[],
  value: (row: LoadRow) => number | null,
  decimals = 1,
  unit = 1,
): string {
  const all = mean(rows, value);
  return formatNumber(all === null ? null : all / unit, decimals);
}

/** Ours divided by the bare loop's; null where one of them is missing. */
export function ratio(ours: number | null, bare: number | null): number | null {
  return ours === null || bare === null || bare === 0 ? null : ours / bare;
}

/** Groups rows by a key; the groups are in the order of their first rows. */
export function groupBy(rows: readonly LoadRow[], key: (row: LoadRow) => string): [string, LoadRow[]][] {
  const groups = new Map<string, LoadRow[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return [...groups];
}

/** The numbers of callers of rows, each once, ascending. */
export function sizesOf(rows: readonly LoadRow[]): readonly number[] {
  return [...new Set(rows.map(({ callers }) => callers))].sort((a, b) => a - b);
}

/** The rows of a script. */
export function rowsOf(rows: readonly LoadRow[], script: Script): readonly LoadRow[] {
  return rows.filter((row) => row.script === script);
}

/**
 * The largest number of callers that is held together with every smaller one, while steady and at the end, by the mean
 * over rounds; 0 for none. A number with a row that could not be measured is not held; an end too short to have a
 * whole second is.
 */
export function callersHeld(rows: readonly LoadRow[]): number {
  let held = 0;
  for (const callers of sizesOf(rows)) {
    const step = rows.filter((row) => row.callers === callers);
    const steadyMs = mean(step, ({ lag }) => lag.steadyP99Ms);
    const endMs = mean(step, ({ lag }) => lag.endP99Ms);
    if (step.some(({ lag }) => lag.steadyP99Ms === null) || steadyMs === null || steadyMs > HELD_LAG_MS) return held;
    if (endMs !== null && endMs > HELD_LAG_MS) return held;
    held = callers;
  }
  return held;
}

/** Callers held as text: who held the largest measured number may hold more. */
export function heldText(rows: readonly LoadRow[]): string {
  const [held, sizes] = [callersHeld(rows), sizesOf(rows)];
  if (held === 0) return `fewer than ${sizes[0]}`;
  return held === sizes.at(-1) ? `at least ${held}` : String(held);
}

/** The head of the two cells of `lagCells`. */
export const LAG_HEAD = ["lag P50 / P99 / max, ms", "at the end P99"];

/** The send lag of the rounds of one load: while steady, and at the end. P50 and P99 are means. */
export function lagCells(rows: readonly LoadRow[]): readonly string[] {
  const maxima = rows.flatMap(({ lag }) => lag.steadyMaxMs ?? []);
  const steady = [
    meanText(rows, ({ lag }) => lag.steadyP50Ms),
    meanText(rows, ({ lag }) => lag.steadyP99Ms),
    formatNumber(maxima.length === 0 ? null : Math.max(...maxima)),
  ];
  return [steady.join(" / "), meanText(rows, ({ lag }) => lag.endP99Ms)];
}

/** The head of the cells of `lateTurnCells`. */
export const LATE_TURNS_HEAD = ["late turns", "of these at the end"];

/** The late turns of all rounds of one load, of all turns, and how many of them were late at the end. */
export function lateTurnCells(rows: readonly LoadRow[]): readonly string[] {
  const sum = (value: (row: LoadRow) => number) => rows.reduce((total, row) => total + value(row), 0);
  const all = sum(({ turns }) => turns.all);
  if (all === 0) return ["-", "-"];
  return [`${sum(({ turns }) => turns.late)} of ${all}`, String(sum(({ turns }) => turns.lateAtEnd))];
}
