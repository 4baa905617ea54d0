/** The tables of the parts of `make bench` that show CPU: `cpu`, `cost` and `simulator`. */

import { groupBy, type LoadRow, mean, meanText, ratio, rowsOf } from "./bench_rows.ts";
import { formatNumber, markdownTable } from "./markdown.ts";

const cpuMs = ({ cpuMsPerCallSec }: LoadRow) => cpuMsPerCallSec;
const systemMs = ({ systemCpuMsPerCallSec }: LoadRow) => systemCpuMsPerCallSec;

/** Each wire and traffic: ours beside the bare loop. */
export function cpuTable(rows: readonly LoadRow[]): string {
  const pairs = ["in the kernel ours", "bare", "received ours", "bare", "sent ours", "bare"];
  const cells = groupBy(rows, ({ traffic, wire }) => `${wire}, ${traffic}`).map(([name, group]) => {
    const [ours, bare] = [rowsOf(group, "ours"), rowsOf(group, "bare")];
    const both = (value: (row: LoadRow) => number | null, decimals: number) => [
      meanText(ours, value, decimals),
      meanText(bare, value, decimals),
    ];
    return [
      name,
      ...both(cpuMs, 2),
      formatNumber(ratio(mean(ours, cpuMs), mean(bare, cpuMs)), 2),
      ...both(systemMs, 2),
      ...both((row) => row.receivedPerCallSec, 1),
      ...both((row) => row.sentPerCallSec, 1),
    ];
  });
  return markdownTable(["wire and traffic", "ours", "bare", "ratio", ...pairs], cells);
}

/** Each number of callers, and its ratio to the least. */
export function costTable(rows: readonly LoadRow[]): string {
  const least = Math.min(...rows.map(({ callers }) => callers));
  const first = mean(
    rows.filter(({ callers }) => callers === least),
    cpuMs,
  );
  const cells = groupBy(rows, ({ callers }) => String(callers)).map(([name, group]) => [
    name,
    meanText(group, cpuMs, 2),
    meanText(group, systemMs, 2),
    formatNumber(ratio(mean(group, cpuMs), first), 2),
    meanText(group, ({ lag }) => lag.steadyP99Ms),
  ]);
  const head = ["callers", "CPU ms per call-second", "in the kernel", `ratio to ${least} callers`, "lag P99, ms"];
  return markdownTable(head, cells);
}

/** The simulator's lateness and its share of a core. */
export function simulatorTable(rows: readonly LoadRow[]): string {
  const cells = rows.map((row) => [
    `${row.callers} calls, ${row.traffic}`,
    formatNumber(row.simulatorP99Ms),
    formatNumber((row.simulatorCpuMsPerCallSec * row.callers) / 10, 0),
    formatNumber(row.receivedPerCallSec),
  ]);
  return markdownTable(["load", "lateness P99, ms", "% of one core", "received per call-second"], cells);
}
