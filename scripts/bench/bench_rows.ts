/** The rows of `make bench`, their ratios and slopes, and their tables in Markdown. */

import { formatNumber, markdownTable } from "./markdown.ts";
import type { LoadCost, Script, Traffic } from "./measure_load.ts";
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
export const PARTS = ["cpu", "memory", "cost", "held", "simulator"] as const;

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

const BYTES_PER_MB = 1e6;

/** The table of a part. */
export function partTable({ part, rows }: PartFile): string {
  return { cpu: cpuTable, memory: memoryTable, cost: costTable, held: heldTable, simulator: simulatorTable }[part](
    rows,
  );
}

/** The mean of a number over rows; null where there is none. */
export function mean(rows: readonly LoadRow[], value: (row: LoadRow) => number | null): number | null {
  const values = rows.flatMap((row) => value(row) ?? []);
  return values.length === 0 ? null : values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Ours divided by the bare loop's; null where one of them is missing. */
export function ratio(ours: number | null, bare: number | null): number | null {
  return ours === null || bare === null || bare === 0 ? null : ours / bare;
}

/** Groups rows by a key; the groups are in the order of their first rows. */
function groupBy(rows: readonly LoadRow[], key: (row: LoadRow) => string): [string, LoadRow[]][] {
  const groups = new Map<string, LoadRow[]>();
  for (const row of rows) groups.set(key(row), [...(groups.get(key(row)) ?? []), row]);
  return [...groups];
}

const isOf = (script: Script) => (row: LoadRow) => row.script === script;

function cpuTable(rows: readonly LoadRow[]): string {
  const head = ["wire and traffic", "ours", "bare", "ratio", "received ours", "bare", "sent ours", "bare"];
  const cells = groupBy(rows, ({ traffic, wire }) => `${wire}, ${traffic}`).map(([name, group]) => {
    const [ours, bare] = [group.filter(isOf("ours")), group.filter(isOf("bare"))];
    const cpu = ({ cpuMsPerCallSec }: LoadRow) => cpuMsPerCallSec;
    const both = (get: (row: LoadRow) => number | null) => [
      formatNumber(mean(ours, get)),
      formatNumber(mean(bare, get)),
    ];
    const [oursMs, bareMs] = [mean(ours, cpu), mean(bare, cpu)];
    const messages = [...both((row) => row.receivedPerCallSec), ...both((row) => row.sentPerCallSec)];
    return [
      name,
      formatNumber(oursMs, 2),
      formatNumber(bareMs, 2),
      formatNumber(ratio(oursMs, bareMs), 2),
      ...messages,
    ];
  });
  return markdownTable(head, cells);
}

/**
 * Memory per caller, in bytes: the slope between the fewest and the most callers; null where all rows have the same
 * number.
 */
export function bytesPerCaller(rows: readonly LoadRow[]): number | null {
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

function memoryTable(rows: readonly LoadRow[]): string {
  const sizes = [...new Set(rows.map(({ callers }) => callers))].sort((a, b) => a - b);
  const head = ["script and utterances", ...sizes.map((callers) => `MB at ${callers}`), "MB per caller"];
  const cells = groupBy(rows, ({ script, utterances }) => `${script}, ${utterances} utterances`).map(
    ([name, group]) => {
      const rss = sizes.map((size) =>
        mean(
          group.filter(({ callers }) => callers === size),
          (row) => row.rssBytes,
        ),
      );
      const mb = (bytes: number | null, decimals: number) =>
        formatNumber(bytes === null ? null : bytes / BYTES_PER_MB, decimals);
      return [name, ...rss.map((bytes) => mb(bytes, 0)), mb(bytesPerCaller(group), 2)];
    },
  );
  return markdownTable(head, cells);
}

function costTable(rows: readonly LoadRow[]): string {
  const least = Math.min(...rows.map(({ callers }) => callers));
  const cost = (group: readonly LoadRow[]) => mean(group, (row) => row.cpuMsPerCallSec);
  const first = cost(rows.filter(({ callers }) => callers === least));
  const cells = groupBy(rows, ({ callers }) => String(callers)).map(([name, group]) => [
    name,
    formatNumber(cost(group), 2),
    formatNumber(ratio(cost(group), first), 2),
    formatNumber(mean(group, (row) => row.sendLagP99Ms)),
  ]);
  return markdownTable(["callers", "CPU ms per call-second", `ratio to ${least} callers`, "send lag P99, ms"], cells);
}

/**
 * The largest number of callers that is held together with every smaller one, by the mean over rounds; 0 for none. A
 * number with a row without a send lag is not held.
 */
export function callersHeld(rows: readonly LoadRow[]): number {
  let held = 0;
  for (const callers of [...new Set(rows.map((row) => row.callers))].sort((a, b) => a - b)) {
    const step = rows.filter((row) => row.callers === callers);
    const lagMs = mean(step, (row) => row.sendLagP99Ms);
    if (step.some((row) => row.sendLagP99Ms === null) || lagMs === null || lagMs > HELD_LAG_MS) return held;
    held = callers;
  }
  return held;
}

function heldTable(rows: readonly LoadRow[]): string {
  const scripts = (["ours", "bare"] as const).map((script) => rows.filter(isOf(script)));
  const steps = [...new Set(rows.map(({ callers }) => callers))].sort((a, b) => a - b);
  const cells = steps.map((callers) => [
    String(callers),
    ...scripts.flatMap((own) => {
      const step = own.filter((row) => row.callers === callers);
      return [
        formatNumber(mean(step, (row) => row.sendLagP99Ms)),
        formatNumber(mean(step, (row) => row.simulatorP99Ms)),
      ];
    }),
  ]);
  const held = scripts.map(callersHeld);
  // A script that held the largest measured number may hold more.
  const text = (callers: number) =>
    callers === 0 ? `fewer than ${steps[0]}` : callers === steps.at(-1) ? `at least ${callers}` : String(callers);
  const head = ["callers", "lag P99 ours, ms", "simulator", "lag P99 bare, ms", "simulator"];
  const [ours = 0, bare = 0] = held;
  return `${markdownTable(head, cells)}\n\nCallers held: ours ${text(ours)}, bare ${text(bare)}; ratio ${ours === 0 ? "unknown" : formatNumber(ratio(ours, bare), 2)}.`;
}

function simulatorTable(rows: readonly LoadRow[]): string {
  const cells = rows.map((row) => [
    `${row.callers} calls, ${row.traffic}`,
    formatNumber(row.simulatorP99Ms),
    formatNumber((row.simulatorCpuMsPerCallSec * row.callers) / 10, 0),
    formatNumber(row.receivedPerCallSec),
  ]);
  return markdownTable(["load", "lateness P99, ms", "% of one core", "received per call-second"], cells);
}
