/** What `make bench` writes between the markers of docs/performance.md: each part with its command and its table. */

import { HELD_LAG_MS, type Part, type PartFile, partTable } from "./bench_rows.ts";

const TITLES: Readonly<Record<Part, string>> = {
  cpu: "CPU",
  memory: "Memory per caller",
  cost: "Cost per call at more and more callers",
  held: "Callers held",
  simulator: "The simulator's own speed",
};

const MEANINGS: Readonly<Record<Part, string>> = {
  cpu: "CPU of k6 for one second of one call, in ms, and the messages that k6 received and sent in it: the two scripts did the\nsame work where these agree. The goal is a ratio of 1.25.",
  memory:
    "Resident memory of k6, the median of the steady seconds, and its slope between the two numbers of callers, which leaves\nout what k6 takes by itself. The fifty utterances are the five, copied; a caller has spoken three or four of\nthem by then. The goal is 1.0 MB with five and 1.2 MB with fifty.",
  cost: "CPU of k6 for one second of one full-duplex phone call, in ms. The goal is to stay within 20 %.",
  held: `The P99 of the worst lateness of a frame in each second of each call. A number of callers is held when it, and every\nsmaller one, keeps that to ${HELD_LAG_MS} ms. \`simulator\` is how late the simulator itself was, P99 in ms.\nThe goal is a ratio of 0.85.`,
  simulator:
    "Full-duplex phone calls by the bare loop. The lateness is the simulator's own, over its whole life, from its truth file. The goal\nis at most 10 ms at 250 calls.",
};

/** The sections of the parts that were measured. */
export function performanceText(files: readonly PartFile[]): string {
  if (files.length === 0) return "Nothing is measured yet: run `make bench`.";
  return files.map(sectionOf).join("\n\n");
}

function sectionOf(file: PartFile): string {
  const { command, date, machine, part, pinned } = file;
  const made = `Made ${date} by \`${command}\` on\n${machine}.`;
  const cores = pinned ? "k6 had one core to itself, the simulator another." : "k6 and the simulator shared all cores.";
  return [`### ${TITLES[part]}`, MEANINGS[part], `${made} ${cores}`, partTable(file)].join("\n\n");
}
