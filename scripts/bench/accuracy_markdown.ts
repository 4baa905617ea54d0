/** The page of the accuracy table, docs/accuracy.md: written whole from rows, so that it can be written again. */

import { type AccuracyRow, BUG_ABOVE_MS, brokenBounds, type ErrorRow, JUDGED, nameOf } from "./accuracy_rows.ts";
import { shown, tableText } from "./markdown.ts";

/** What one run of the tool leaves in results/. */
export interface AccuracyFile {
  /** The day of the run, as 2026-01-31. */
  readonly date: string;
  readonly machine: string;
  readonly command: string;
  readonly rows: readonly AccuracyRow[];
}

const HEAD = [
  "callers",
  "turns",
  ...JUDGED,
  "send lag P99",
  "late turns",
  "simulator P99",
  "left out",
  "verdict",
] as const;

/** The cells of a row, in the order of the table. */
export function cellsOf(row: AccuracyRow): readonly string[] {
  return [
    String(row.callers),
    String(row.turns),
    ...JUDGED.map((metric) => errorCell(row.errors[metric])),
    shown(row.sendLagP99Ms),
    String(row.lateTurns),
    shown(row.simulatorP99Ms),
    String(row.leftOut),
    row.verdict,
  ];
}

function errorCell({ count, maxMs, p50Ms, p99Ms }: ErrorRow): string {
  return count === 0 ? "-" : [p50Ms, p99Ms, maxMs].map((value) => shown(value)).join(" / ");
}

/** The table of the rows of one wire and one kind of delays, in ms. */
export function accuracyTable(rows: readonly AccuracyRow[]): string {
  return tableText(HEAD, rows.map(cellsOf));
}

/** The whole page. */
export function accuracyPage({ command, date, machine, rows }: AccuracyFile): string {
  const groups = new Map<string, AccuracyRow[]>();
  for (const row of rows) {
    const name = `${row.wire}, ${row.delays} delays`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const tables = [...groups].map(([name, of]) => `## ${name}\n\n${accuracyTable(of)}`);
  return `${[PREFACE, `Made ${date} by\n\n    ${command}\n\non ${machine}; the simulator ran on the same machine.`, ...tables, `## Bounds\n\n${boundsText(rows)}`, HOW_TO_READ].join("\n\n")}\n`;
}

function boundsText(rows: readonly AccuracyRow[]): string {
  const broken = rows.flatMap(brokenBounds);
  const refused = rows.filter(({ verdict }) => verdict === "INVALID").map(nameOf);
  const said = [
    broken.length === 0 ? "No run broke a bound." : `Broken:\n\n${broken.map((line) => `- ${line}`).join("\n")}`,
  ];
  if (refused.length > 0) {
    said.push(
      `These runs called themselves INVALID and are not held against a bound:\n\n${refused.map((name) => `- ${name}`).join("\n")}`,
    );
  }
  return said.join("\n\n");
}

const PREFACE = `# How far the numbers are from the truth

This page is made by \`make accuracy\`; change the tool, not the page. A real k6 calls the simulator, which writes down
what it heard and said and when, on the machine's own clock. Each turn that a caller measured is joined with the turn
that the simulator wrote down, and the difference is the error. Constant delays show how exact the measurement is;
lognormal ones show that it stays so where no two turns are alike.`;

const HOW_TO_READ = `## How to read it

- All times are in ms. \`ttfb\`, \`barge\` and \`turn\` are absolute errors of these metrics: P50 / P99 / max. Runs of ten callers
  last longer than the others, for a P99 of a hundred turns; that of a lone caller is its max.
- An agent of this generation hands over a whole reply at once: 75 messages within 2 ms on the phone wire, 30 larger ones
  on the browser's. \`turn\` ends with the last of them and is seen when k6 has read the others, so its errors are the
  largest. They are held against the same bounds. What a caller reads slowly whose frames are on time looks like a slow
  network.
- \`send lag P99\` is how late frames went out: the worst of each second of each call. \`late turns\` are turns that the run
  itself took out of its metrics because its generator was late around them; they are not in the errors either
  (\`make verify\` shows theirs).
- \`simulator P99\` is how late the simulator itself was. \`left out\` are turns around which it was more than 10 ms late:
  what it wrote down is not the truth of them.
- \`verdict\` is the run's own. FAIL means that the agent, whose delays are long on purpose, missed a target. INVALID means
  that the run refused its own numbers: too many of its turns were late, and what is left has large errors, too.
- The bounds: a P99 of at most 10 ms up to 10 callers and 25 ms up to 100, and no error above ${BUG_ABOVE_MS} ms in a run that does
  not call itself INVALID. \`make accuracy\` fails when one is broken.
- Errors are those of the load generator between its socket and its report. How fast a browser plays what it receives, or a
  telephone network carries it, is not in them and is not claimed.`;
