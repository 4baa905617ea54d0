/**
 * `make bench_capacity`: searches for the limits of agents whose limits are known, in virtual time, and writes how often and how fast
 * the search of `make capacity` finds them into docs/capacity.md. The searches are seeded: the figures are the same everywhere.
 */

import { readFile, writeFile } from "node:fs/promises";

import { STEP } from "../capacity/loads.ts";
import { replaceBetween } from "../run/marked_text.ts";
import { fail } from "../run/terminal.ts";
import { formatNumber, markdownTable } from "./markdown.ts";
import { numberOption } from "./options.ts";
import { AGENTS, answerOfLongRuns, exactAnswer, type KnownAgent } from "./virtual_agents.ts";
import { searchVirtually, type VirtualSearch } from "./virtual_search.ts";

const DOCUMENT = "docs/capacity.md";
const [BEGIN, END] = ["<!-- bench:capacity:begin -->", "<!-- bench:capacity:end -->"];

/** The searches: as `make capacity MAX_USERS=400` makes them. */
const LIMITS = { start: 50, max: 400, unit: 1 };
const BUDGET_SEC = 1800;

/** This part of the searches of an agent has to find its limit. */
const LEAST_FOUND = 19 / 20;

/** The searches of one agent. */
interface Row {
  readonly name: string;
  readonly text: string;
  readonly exact: number | null;
  /** The limit by long runs. */
  readonly answer: number;
  readonly searches: readonly VirtualSearch[];
}

function measure(name: string, known: KnownAgent, count: number, longSec: number): Row {
  const answer = answerOfLongRuns(known, longSec, 1);
  const searches = Array.from({ length: count }, (_, index) => {
    const search = searchVirtually(known.agent, LIMITS, BUDGET_SEC, index + 1);
    const runs = search.probes.map(({ load, outcome, purpose }) => `${load}${purpose[0]}${outcome[0]}`).join(" ");
    console.log(
      `${name} ${index + 1}  ${search.answer} of ${answer}  ${minutes(search.tookSec)} min  ${search.end}  ${runs}`,
    );
    return search;
  });
  return { name, text: known.text, exact: exactAnswer(known), answer, searches };
}

/** True for an answer that is within one step of the limit. */
function isFound({ answer }: VirtualSearch, limit: number): boolean {
  return answer * STEP >= limit && answer <= limit * STEP;
}

function foundOf({ answer, searches }: Row): number {
  return searches.filter((search) => isFound(search, answer)).length;
}

function table(rows: readonly Row[]): string {
  const head = [
    "agent",
    "limit by long runs",
    "by queueing theory",
    "found",
    "answers",
    "runs",
    "planned",
    "minutes",
    "planned min",
  ];
  const cells = rows.map((row) => {
    const { answer, exact, name, searches } = row;
    const answers = searches.map((search) => search.answer);
    return [
      name,
      String(answer),
      exact === null ? "-" : String(exact),
      `${foundOf(row)} of ${searches.length}`,
      `${Math.min(...answers)} to ${Math.max(...answers)}`,
      meanAndMost(searches.map(({ probes }) => probes.length)),
      meanAndMost(searches.map(({ planned }) => planned.runs)),
      meanAndMost(searches.map(({ tookSec }) => tookSec / 60)),
      meanAndMost(searches.map(({ planned }) => planned.sec / 60)),
    ];
  });
  return markdownTable(head, cells);
}

function meanAndMost(values: readonly number[]): string {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return `${formatNumber(mean, 0)}, at most ${formatNumber(Math.max(...values), 0)}`;
}

function minutes(sec: number): string {
  return formatNumber(sec / 60, 1);
}

async function bench(): Promise<boolean> {
  const { env } = process;
  const count = numberOption(env, "SEARCHES", 20);
  const longSec = numberOption(env, "LONG_SEC", 40_000);
  const rows = Object.entries(AGENTS).map(([name, known]) => measure(name, known, count, longSec));
  const agents = rows.map(({ name, text }) => `- \`${name}\`: ${text}.`).join("\n");
  const text = `${agents}\n\n${table(rows)}`;
  console.log(`\n${text}`);
  const document = env.INTO ?? DOCUMENT;
  await writeFile(document, replaceBetween(await readFile(document, "utf8"), BEGIN, END, `\n${text}\n`));
  const missed = rows.filter((row) => foundOf(row) < LEAST_FOUND * count);
  for (const row of missed)
    console.error(`${row.name}: expected ${LEAST_FOUND * count} searches that find ${row.answer}, got ${foundOf(row)}`);
  return missed.length === 0;
}

await bench()
  .then((isGood) => {
    if (!isGood) process.exitCode = 1;
  })
  .catch(fail);
