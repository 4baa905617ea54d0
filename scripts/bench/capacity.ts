/**
 * `make bench_capacity`: does `make capacity` find an agent's true capacity? Seeded searches of agents whose capacity is known, in
 * virtual time, with the search and the judge of the command. Writes its table into docs/capacity.md.
 */

import { readFile, writeFile } from "node:fs/promises";

import { percentile } from "../../lib/report/stats.ts";
import { STEP } from "../capacity/search.ts";
import { replaceBetween } from "../run/marked_text.ts";
import { fail } from "../run/terminal.ts";
import { AGENTS, type KnownAgent, trueCapacity } from "./capacity_agents.ts";
import { markdownTable } from "./markdown.ts";
import { numberOption } from "./options.ts";
import { searchVirtually, type VirtualSearch } from "./virtual_search.ts";

const DOCUMENT = "docs/capacity.md";

/** The bounds of the searches. */
export const LIMITS = { start: 10, max: 200, unit: 1 } as const;
export const BUDGET_SEC = 1800;

/** At least this share of searches has to find the capacity. */
const ENOUGH = 0.95;

/** True where an answer is within one step of the truth, or is the caller next to it. */
export function isWithinStep(answer: number, truth: number): boolean {
  const [low, high] = [Math.min(answer, truth), Math.max(answer, truth)];
  return high <= low * STEP || high - low <= 1;
}

async function main(): Promise<boolean> {
  const searches = numberOption(process.env, "SEARCHES", 20);
  const rows = AGENTS.map((known) => measure(known, searches));
  const head = ["agent", "true", "found", "within a step", "confirmed", "runs", "minutes", "said beforehand"];
  const table = markdownTable(
    head,
    rows.map(({ cells }) => cells),
  );
  console.log(table);
  const [begin, end] = ["<!-- bench:capacity:begin -->", "<!-- bench:capacity:end -->"];
  await writeFile(DOCUMENT, replaceBetween(await readFile(DOCUMENT, "utf8"), begin, end, `\n${table}\n`));
  return rows.every(({ share }) => share >= ENOUGH);
}

function measure(known: KnownAgent, searches: number) {
  const truth = trueCapacity(known, LIMITS.max);
  const found = Array.from({ length: searches }, (_, seed) =>
    searchVirtually(known.agent, LIMITS, BUDGET_SEC, seed + 1),
  );
  const good = found.filter(({ answer }) => isWithinStep(answer, truth)).length;
  const median = (of: (search: VirtualSearch) => number) =>
    percentile(
      found.map(of).sort((a, b) => a - b),
      50,
    );
  const answers = found.map(({ answer }) => answer);
  return {
    share: good / searches,
    cells: [
      `${known.name}: ${known.what}`,
      String(truth),
      `${Math.min(...answers)} to ${Math.max(...answers)}`,
      `${good} of ${searches}`,
      `${found.filter(({ isConfirmed }) => isConfirmed).length}`,
      median(({ probes }) => probes.length).toFixed(0),
      median(({ tookSec }) => tookSec / 60).toFixed(0),
      `${median(({ planned }) => planned.runs).toFixed(0)} runs, ${median(({ planned }) => planned.sec / 60).toFixed(0)} minutes`,
    ],
  };
}

if (import.meta.filename === process.argv[1]) {
  await main()
    .then((good) => {
      if (!good) process.exitCode = 1;
    })
    .catch(fail);
}
