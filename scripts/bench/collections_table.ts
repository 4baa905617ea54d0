/** The table of the part `collections` of `make bench`: what each value of GOGC costs, and what it gains. */

import {
  groupBy,
  heldText,
  LAG_HEAD,
  LATE_TURNS_HEAD,
  type LoadRow,
  lagCells,
  lateTurnCells,
  meanText,
} from "./bench_rows.ts";
import { markdownTable } from "./markdown.ts";

const BYTES_PER_MB = 1e6;

const HEAD = [
  "callers",
  "GOGC",
  ...LAG_HEAD,
  ...LATE_TURNS_HEAD,
  "peak MB",
  "CPU ms in k6",
  "in the kernel",
  "collections per min",
  "ms each",
];

/** Each number of callers with each GOGC, and below the table how many callers each GOGC holds. */
export function collectionsTable(rows: readonly LoadRow[]): string {
  const byCallers = [...rows].sort((a, b) => a.callers - b.callers);
  const cells = groupBy(byCallers, ({ callers, gogc }) => `${callers} ${gogc}`).map(([name, group]) => [
    ...name.split(" "),
    ...lagCells(group),
    ...lateTurnCells(group),
    meanText(group, ({ peakRssBytes }) => peakRssBytes, 0, BYTES_PER_MB),
    meanText(group, (row) => row.cpuMsPerCallSec - row.systemCpuMsPerCallSec, 2),
    meanText(group, (row) => row.systemCpuMsPerCallSec, 2),
    meanText(group, ({ collections }) => collections?.perMin ?? null),
    meanText(group, ({ collections }) => collections?.meanMs ?? null, 0),
  ]);
  const held = groupBy(rows, ({ gogc }) => gogc).map(([gogc, group]) => `${heldText(group)} with GOGC=${gogc}`);
  return `${markdownTable(HEAD, cells)}\n\nCallers held: ${held.join(", ")}.`;
}
