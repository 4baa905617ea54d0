/** The table of the part `memory` of `make bench`: what a caller takes, as the slope between two numbers of callers. */

import { groupBy, type LoadRow, mean, meanText, sizesOf } from "./bench_rows.ts";
import { formatNumber, markdownTable } from "./markdown.ts";

const BYTES_PER_MB = 1e6;
const BYTES_PER_KB = 1e3;

const rssBytes = (row: LoadRow) => row.rssBytes;
const liveBytes = ({ heap }: LoadRow) => heap?.liveBytes ?? null;
const liveObjects = ({ heap }: LoadRow) => heap?.liveObjects ?? null;
const allocatedBytes = ({ heap }: LoadRow) => heap?.allocatedBytesPerCallSec ?? null;

/**
 * A value per caller: the slope between the fewest and the most callers; null where all rows have the same number, or
 * no value.
 */
export function perCaller(rows: readonly LoadRow[], value: (row: LoadRow) => number | null): number | null {
  const sizes = rows.map(({ callers }) => callers);
  const [few, many] = [Math.min(...sizes), Math.max(...sizes)];
  const [from, to] = [few, many].map((size) => mean(withCallers(rows, size), value));
  return many > few && from != null && to != null ? (to - from) / (many - few) : null;
}

function withCallers(rows: readonly LoadRow[], size: number): readonly LoadRow[] {
  return rows.filter(({ callers }) => callers === size);
}

/** Each script and number of utterances. */
export function memoryTable(rows: readonly LoadRow[]): string {
  const sizes = sizesOf(rows);
  const most = sizes.at(-1) ?? 0;
  const perCallerText = (group: readonly LoadRow[], value: typeof liveBytes, decimals: number, unit: number) => {
    const slope = perCaller(group, value);
    return formatNumber(slope === null ? null : slope / unit, decimals);
  };
  const cells = groupBy(rows, ({ script, utterances }) => `${script}, ${utterances} utterances`).map(
    ([name, group]) => [
      name,
      ...sizes.map((size) => meanText(withCallers(group, size), rssBytes, 0, BYTES_PER_MB)),
      perCallerText(group, rssBytes, 2, BYTES_PER_MB),
      perCallerText(group, liveBytes, 0, BYTES_PER_KB),
      perCallerText(group, liveObjects, 0, 1),
      meanText(withCallers(group, most), allocatedBytes, 0, BYTES_PER_KB),
      meanText(withCallers(group, most), (row) => row.cpuMsPerCallSec, 2),
    ],
  );
  const head = [
    "script and utterances",
    ...sizes.map((callers) => `MB at ${callers}`),
    "MB per caller",
    "live kB per caller",
    "objects per caller",
    "garbage kB per call-second",
    "CPU ms",
  ];
  return markdownTable(head, cells);
}
