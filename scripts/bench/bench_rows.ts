/** The rows of `make bench`, what follows from them, and the tables that show them. */

import { shown, tableText } from "./markdown.ts";
import type { Script, SideCost, Traffic } from "./measure_load.ts";

/** One side of one comparison, in one round. */
export interface SideRow extends SideCost {
  readonly round: number;
  readonly script: Script;
  readonly wire: string;
  readonly traffic: Traffic;
  readonly callers: number;
  /** Utterances of the folder that was spoken from; null: the shipped ones. */
  readonly utterances: number | null;
}

/** The parts of the bench, in the order in which they are run and shown. */
export const PARTS = ["cpu", "memory", "cost", "held", "simulator"] as const;

/** The name of a part. */
export type Part = (typeof PARTS)[number];

/** What one run of a part leaves in results/. */
export interface PartFile {
  readonly part: Part;
  /** The day of the run, as 2026-01-31. */
  readonly date: string;
  readonly machine: string;
  readonly command: string;
  /** Each process had a core of its own. */
  readonly pinned: boolean;
  readonly rows: readonly SideRow[];
}

/** A run holds its callers while frames go out no later than this, P99 in ms. */
export const HELD_LAG_MS = 40;

const BYTES_PER_MB = 1e6;

/** The table of a part. */
export function partTable({ part, rows }: PartFile): string {
  return { cpu: cpuTable, memory: memoryTable, cost: costTable, held: heldTable, simulator: simulatorTable }[part](
    rows,
  );
}

/** The mean of a number over rows; null where there is none. */
export function mean(rows: readonly SideRow[], of: (row: SideRow) => number | null): number | null {
  const values = rows.flatMap((row) => of(row) ?? []);
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Ours by the bare loop's; null where one of them is not there. */
export function ratio(ours: number | null, bare: number | null): number | null {
  return ours === null || bare === null || bare === 0 ? null : ours / bare;
}

/** Rows in groups of the same key, in the order of their first. */
function grouped(rows: readonly SideRow[], key: (row: SideRow) => string): [string, SideRow[]][] {
  const groups = new Map<string, SideRow[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return [...groups];
}

const by = (script: Script) => (row: SideRow) => row.script === script;

function cpuTable(rows: readonly SideRow[]): string {
  const head = ["wire and traffic", "ours", "bare", "ratio", "received ours", "bare", "sent ours", "bare"];
  const cells = grouped(rows, ({ traffic, wire }) => `${wire}, ${traffic}`).map(([name, of]) => {
    const [ours, bare] = [of.filter(by("ours")), of.filter(by("bare"))];
    const cpu = ({ cpuMsPerCallSec }: SideRow) => cpuMsPerCallSec;
    const both = (get: (row: SideRow) => number | null) => [shown(mean(ours, get)), shown(mean(bare, get))];
    const [oursMs, bareMs] = [mean(ours, cpu), mean(bare, cpu)];
    const messages = [...both((row) => row.receivedPerCallSec), ...both((row) => row.sentPerCallSec)];
    return [name, shown(oursMs, 2), shown(bareMs, 2), shown(ratio(oursMs, bareMs), 2), ...messages];
  });
  return tableText(head, cells);
}

/** Memory per caller, in bytes: the slope between the fewest and the most callers; null where there is one number only. */
export function bytesPerCaller(rows: readonly SideRow[]): number | null {
  const sizes = rows.map(({ callers }) => callers);
  const [few, many] = [Math.min(...sizes), Math.max(...sizes)];
  const rss = (callers: number) =>
    mean(
      rows.filter((row) => row.callers === callers),
      (row) => row.rssBytes,
    );
  const [from, to] = [rss(few), rss(many)];
  return many > few && from !== null && to !== null ? (to - from) / (many - few) : null;
}

function memoryTable(rows: readonly SideRow[]): string {
  const sizes = [...new Set(rows.map(({ callers }) => callers))].sort((a, b) => a - b);
  const head = ["script and utterances", ...sizes.map((callers) => `MB at ${callers}`), "MB per caller"];
  const cells = grouped(rows, ({ script, utterances }) => `${script}, ${utterances} utterances`).map(([name, of]) => {
    const rss = sizes.map((size) =>
      mean(
        of.filter(({ callers }) => callers === size),
        (row) => row.rssBytes,
      ),
    );
    const mb = (bytes: number | null, decimals: number) =>
      shown(bytes === null ? null : bytes / BYTES_PER_MB, decimals);
    return [name, ...rss.map((bytes) => mb(bytes, 0)), mb(bytesPerCaller(of), 2)];
  });
  return tableText(head, cells);
}

function costTable(rows: readonly SideRow[]): string {
  const least = Math.min(...rows.map(({ callers }) => callers));
  const cost = (of: readonly SideRow[]) => mean(of, (row) => row.cpuMsPerCallSec);
  const first = cost(rows.filter(({ callers }) => callers === least));
  const cells = grouped(rows, ({ callers }) => String(callers)).map(([name, of]) => [
    name,
    shown(cost(of), 2),
    shown(ratio(cost(of), first), 2),
    shown(mean(of, (row) => row.sendLagP99Ms)),
  ]);
  return tableText(["callers", "CPU ms per call-second", `by that of ${least}`, "send lag P99, ms"], cells);
}

/** The most callers up to which every step, the mean over rounds, kept its frames on time; 0 when the first did not. */
export function callersHeld(rows: readonly SideRow[]): number {
  let held = 0;
  for (const callers of [...new Set(rows.map((row) => row.callers))].sort((a, b) => a - b)) {
    const step = rows.filter((row) => row.callers === callers);
    const lagMs = mean(step, (row) => row.sendLagP99Ms);
    if (step.some((row) => row.sendLagP99Ms === null) || lagMs === null || lagMs > HELD_LAG_MS) return held;
    held = callers;
  }
  return held;
}

function heldTable(rows: readonly SideRow[]): string {
  const sides = (["ours", "bare"] as const).map((script) => rows.filter(by(script)));
  const steps = [...new Set(rows.map(({ callers }) => callers))].sort((a, b) => a - b);
  const cells = steps.map((callers) => [
    String(callers),
    ...sides.flatMap((of) => {
      const step = of.filter((row) => row.callers === callers);
      return [shown(mean(step, (row) => row.sendLagP99Ms)), shown(mean(step, (row) => row.simulatorP99Ms))];
    }),
  ]);
  const held = sides.map(callersHeld);
  // Who held the last step may hold more.
  const text = (callers: number) =>
    callers === 0 ? `fewer than ${steps[0]}` : callers === steps.at(-1) ? `at least ${callers}` : String(callers);
  const head = ["callers", "lag P99 ours, ms", "simulator", "lag P99 bare, ms", "simulator"];
  const [ours = 0, bare = 0] = held;
  return `${tableText(head, cells)}\n\nCallers held: ours ${text(ours)}, bare ${text(bare)}; ratio ${ours === 0 ? "unknown" : shown(ratio(ours, bare), 2)}.`;
}

function simulatorTable(rows: readonly SideRow[]): string {
  const cells = rows.map((row) => [
    `${row.callers} calls, ${row.traffic}`,
    shown(row.simulatorP99Ms),
    shown((row.simulatorCpuMsPerCallSec * row.callers) / 10, 0),
    shown(row.receivedPerCallSec),
  ]);
  return tableText(["load", "lateness P99, ms", "% of one core", "received per call-second"], cells);
}
