/** The table of the part `memory` of `make bench`: what a caller takes, as the slope between two numbers of callers. */

import { groupBy, type LoadRow, mean, meanText, sizesOf } from "./bench_rows.ts";
import { formatNumber, markdownTable } from "./markdown.ts";

const BYTES_PER_MB = 1e6;

const rssBytes = (row: LoadRow) => row.rssBytes;

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
  const cells = groupBy(rows, ({ script, utterances }) => `${script}, ${utterances} utterances`).map(
    ([name, group]) => {
      const slope = perCaller(group, rssBytes);
      return [
        name,
        ...sizes.map((size) => meanText(withCallers(group, size), rssBytes, 0, BYTES_PER_MB)),
        formatNumber(slope === null ? null : slope / BYTES_PER_MB, 2),
      ];
    },
  );
  const head = ["script and utterances", ...sizes.map((callers) => `MB at ${callers}`), "MB per caller"];
  return markdownTable(head, cells);
}
