/** Formats the cells of a comparison's rows for people. */

import type { ComparedRow, RowVerdict } from "./rows.ts";

type Unit = ComparedRow["unit"];

/** Verdicts on times, and on shares, which are not slower but worse. */
const VERDICTS: Readonly<Record<RowVerdict, Readonly<Record<Unit, string>>>> = {
  slower: { ms: "slower", share: "worse" },
  faster: { ms: "faster", share: "better" },
  same: { ms: "same within noise", share: "same within noise" },
  cannot_tell: { ms: "cannot tell", share: "cannot tell" },
};

/** The verdict in words. */
export function verdictText({ unit, verdict }: ComparedRow): string {
  return VERDICTS[verdict][unit];
}

/** The verdict, and what it would take to tell what cannot be told. */
export function verdictWithNeeds(row: ComparedRow): string {
  if (row.needs === null) return verdictText(row);
  return `${verdictText(row)} (${row.interval === null ? "" : "n too small for the margin: "}needs ${row.needs})`;
}

/** A value: `1209 ms`, `99.2 %`; a dash where there is none. */
export function valueText(value: number | null, unit: Unit): string {
  if (value === null) return "-";
  return unit === "share" ? `${(100 * value).toFixed(1)} %` : `${msText(value)} ms`;
}

/** A difference: `+180 ms (+9 %)`, `-0.8 points`; a dash where there is none. */
export function differenceText({ difference, relative, unit }: ComparedRow): string {
  if (difference === null) return "-";
  const share = relative === null ? "" : ` (${signed(Math.round(100 * relative), String)} %)`;
  return `${changeText(difference, unit)}${share}`;
}

/** The interval of a difference: `-12 to +31 ms`; a dash where there is none. */
export function intervalText({ interval, unit }: ComparedRow): string {
  if (interval === null) return "-";
  const [from, to] = interval.map((end) => changeText(end, unit));
  const [, name = ""] = / (.*)$/.exec(to ?? "") ?? [];
  return `${from?.replace(` ${name}`, "")} to ${to}`;
}

/** The margin of a row. */
export function marginCell({ margin, unit }: ComparedRow): string {
  return unit === "share" ? `${pointsText(margin)} points` : `${msText(margin)} ms`;
}

/** A change with its sign. */
function changeText(change: number, unit: Unit): string {
  return unit === "share" ? `${signed(change, pointsText)} points` : `${signed(change, msText)} ms`;
}

/** A number with its sign; none where it is shown as zero. */
function signed(value: number, format: (value: number) => string): string {
  const text = format(Math.abs(value));
  if (Number(text) === 0) return text;
  return `${value < 0 ? "-" : "+"}${text}`;
}

function msText(ms: number): string {
  return Math.abs(ms) < 9.95 ? String(Number(ms.toFixed(1))) : String(Math.round(ms));
}

/** Of percentage points. */
function pointsText(share: number): string {
  return (100 * share).toFixed(1);
}
