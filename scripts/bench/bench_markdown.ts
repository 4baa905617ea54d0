/** Formats the parts of `make bench` as the generated texts of the documents, and writes each where its markers are. */

import { replaceBetween } from "../run/marked_text.ts";
import { HELD_LAG_MS, type LoadRow, type Part, type PartFile } from "./bench_rows.ts";
import { collectionsTable } from "./collections_table.ts";
import { costTable, cpuTable, simulatorTable } from "./cost_tables.ts";
import { heldTable } from "./held_table.ts";
import { memoryTable } from "./memory_table.ts";

const TABLES: Readonly<Record<Part, (rows: readonly LoadRow[]) => string>> = {
  cpu: cpuTable,
  memory: memoryTable,
  cost: costTable,
  held: heldTable,
  collections: collectionsTable,
  simulator: simulatorTable,
};

const EXPLANATIONS: Readonly<Record<Part, string>> = {
  cpu: `CPU of k6 in ms per call-second, the part of it in the kernel, and the messages that k6 received and sent per
call-second. Where the messages agree, the two scripts did the same work. The goal is a ratio of at most 1.25 on both
wires.`,
  memory: `Full-duplex phone calls with \`GOGC=100\` unless the environment sets another, because with more it is mostly garbage
that is measured. MB is the resident memory of k6, the median over the measured seconds. Values per caller are slopes
between the two numbers of callers, so they do not contain what k6 takes without callers. Live memory and objects are
what a forced collection before and one after the measured seconds leave. Garbage is what k6 allocates between the two,
with the most callers, as is the CPU per call-second. The fifty utterances are copies of the five; a caller has spoken
three or four of them by then. The goals are at most 3,000 objects and 1.0 MB per caller.`,
  cost: "CPU of k6 in ms per call-second of full-duplex phone calls. The goal is to stay within 20 %.",
  held: `The send lag of full-duplex phone calls: while the load is steady, and at the end, when callers leave one by one. The
callers of both scripts come and leave at the same instants, and k6 has the same \`GOGC\`. A number of callers is held when
the P99 of it and of every smaller number is at most ${HELD_LAG_MS} ms in both. Late turns are those of ours that left the metrics
because k6 was late. \`simulator\` is the lateness of the simulator itself, in ms. The goals are 200 callers, and a ratio of
at least 0.85.`,
  collections: `Full-duplex phone calls in which callers interrupt every reply but the last, as users run them, with more and more
callers and the values of \`GOGC\` that say when Go collects garbage; \`GOMEMLIMIT\` is that of the make targets. The send lag
is shown while the load is steady, and at the end, when callers leave one by one. Late turns left the metrics because k6
was late. Peak MB is the most resident memory of k6 in the whole run. CPU is in ms per call-second. A collection lasts
from its first stop of the world to its last one.`,
  simulator: `Full-duplex phone calls by the bare loop. The lateness is that of the simulator itself over its whole run,
from its truth file. The goal is at most 10 ms at 250 calls.`,
};

/** The table of a part. */
export function partTable({ part, rows }: PartFile): string {
  return TABLES[part](rows);
}

/** A document with the texts of those measured parts whose markers it has: `<!-- bench:cpu:begin -->` and `...:end -->`. */
export function withParts(document: string, files: readonly PartFile[]): string {
  let text = document;
  for (const file of files) {
    const [begin, end] = [`<!-- bench:${file.part}:begin -->`, `<!-- bench:${file.part}:end -->`];
    if (text.includes(begin)) text = replaceBetween(text, begin, end, `\n${partText(file)}\n`);
  }
  return text;
}

/** What a part's numbers mean, where they come from, and its table. */
function partText(file: PartFile): string {
  const { command, date, machine, part, pinned } = file;
  const origin = `Measured ${date} with \`${command}\` on\n${machine}.`;
  const cores = pinned ? "k6 had one core to itself, the simulator another." : "k6 and the simulator shared all cores.";
  return [EXPLANATIONS[part], `${origin} ${cores}`, partTable(file)].join("\n\n");
}
