/** Formats the rows of `make accuracy` as the Markdown document docs/accuracy.md. */

import { type AccuracyRow, brokenBounds, type ErrorRow, MAX_ERROR_MS, METRICS, rowName } from "./accuracy_rows.ts";
import { formatNumber, markdownTable } from "./markdown.ts";
import type { Origin } from "./origin.ts";

/** The content of results/accuracy.json. */
export interface AccuracyFile extends Origin {
  readonly rows: readonly AccuracyRow[];
}

const HEAD = [
  "callers",
  "turns",
  ...METRICS,
  "send lag P99",
  "late turns",
  "simulator P99",
  "left out",
  "verdict",
] as const;

/** The cells of a row, in the order of `HEAD`. */
export function rowCells(row: AccuracyRow): readonly string[] {
  return [
    String(row.callers),
    String(row.turns),
    ...METRICS.map((metric) => errorCell(row.errors[metric])),
    formatNumber(row.sendLagP99Ms),
    String(row.lateTurns),
    formatNumber(row.simulatorP99Ms),
    String(row.leftOut),
    row.verdict,
  ];
}

function errorCell({ count, maxMs, p50Ms, p99Ms }: ErrorRow): string {
  return count === 0 ? "-" : [p50Ms, p99Ms, maxMs].map((value) => formatNumber(value)).join(" / ");
}

/** The table of the rows of one wire and one kind of delays; times in ms. */
export function accuracyTable(rows: readonly AccuracyRow[]): string {
  return markdownTable(HEAD, rows.map(rowCells));
}

/** The whole document. */
export function accuracyDocument({ command, date, machine, rows }: AccuracyFile): string {
  const groups = new Map<string, AccuracyRow[]>();
  for (const row of rows) {
    const name = `${row.wire}, ${row.delays} delays`;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const tables = [...groups].map(([name, group]) => `## ${name}\n\n${accuracyTable(group)}`);
  const origin = `Measured ${date} with\n\n    ${command}\n\non ${machine}. The simulator ran on the same machine.`;
  return `${[PREFACE, origin, ...tables, `## Bounds\n\n${boundsText(rows)}`, HOW_TO_READ].join("\n\n")}\n`;
}

function boundsText(rows: readonly AccuracyRow[]): string {
  const broken = rows.flatMap(brokenBounds);
  const invalid = rows.filter(({ verdict }) => verdict === "INVALID").map(rowName);
  const list = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join("\n");
  const sections = [broken.length === 0 ? "No run broke a bound." : `Broken:\n\n${list(broken)}`];
  if (invalid.length > 0) {
    sections.push(`The bounds do not apply to these runs, because their verdict is INVALID:\n\n${list(invalid)}`);
  }
  return sections.join("\n\n");
}

const PREFACE = `# Accuracy: errors against the simulator's truth

\`make accuracy\` writes this page; to change the text, change \`scripts/bench/accuracy_markdown.ts\`. A real k6 calls the
simulator, which records when it received and sent audio, by the clock of the same machine. Each turn that a caller
measured is compared with the simulator's record of the same turn. The difference is the error. Constant delays of the
agent show the precision of the measurement. Lognormal delays show that it is the same when all turns differ.`;

const HOW_TO_READ = `## How to read it

- All times are in ms. \`ttfb\`, \`barge\` and \`turn\` are absolute errors of these metrics: P50 / P99 / max. Runs of ten
  callers last longer than the others, because a P99 needs a hundred turns. The P99 of a single caller is nearly its
  max.
- The simulator sends a whole reply at once, as agents of this generation do: 75 messages within 2 ms on the phone
  wire, 30 larger ones on the browser wire. \`turn\` ends with the last of them, which k6 reads after all others, so its
  errors are the largest. The same bounds apply to it. A caller whose frames are on time but that reads slowly
  cannot be told from a slow network.
- \`send lag P99\` is the lateness of frames: the worst of each second of each call. \`late turns\` are turns that the run
  itself excluded from its metrics, because the generator was late around them. They are not in the errors either
  (\`make verify\` prints theirs).
- \`simulator P99\` is the lateness of the simulator itself. \`left out\` are turns around which it was more than 10 ms
  late, so that its record of them is not exact. They are not in the errors.
- \`verdict\` is that of the run. FAIL means that the agent, whose delays are long on purpose, missed a target. INVALID
  means that the run rejected its own numbers: too many of its turns were late, and the errors of the others are large
  too.
- The bounds: a P99 of at most 10 ms up to 10 callers and 25 ms up to 100, and no error above ${MAX_ERROR_MS} ms in a run whose
  verdict is not INVALID. \`make accuracy\` fails when a run breaks a bound.
- The errors are those of the load generator, between its socket and its report. They do not include how fast a
  browser plays the audio, or how long a telephone network takes to carry it.`;
