/**
 * `make bench_compare`: compares runs that are drawn from the simulator's delays, so that it is known whether they differ, and writes
 * into docs/compare.md how often a comparison is wrong, how much of a rise it misses, and what it costs. SCALE multiplies the number
 * of comparisons, INTO is another document, and FROM is a file of earlier results, of which only the text is made again.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";

import { fail } from "../run/terminal.ts";
import { measureCosts } from "./compare_costs.ts";
import { type CompareFile, compareDocument, trialCells } from "./compare_markdown.ts";
import { runTrial, TRIALS } from "./compare_trials.ts";
import { numberOption } from "./options.ts";
import { currentOrigin } from "./origin.ts";

const RESULTS_FOLDER = "results/bench";

async function measure(): Promise<CompareFile> {
  const scale = numberOption(process.env, "SCALE", 1);
  const origin = await currentOrigin("bench_compare", process.env, ["SCALE"], false);
  const rows = TRIALS.map((trial) => {
    const scaled = { ...trial, comparisons: Math.ceil(trial.comparisons * scale) };
    const row = { trial: scaled, result: runTrial(scaled) };
    console.log(`${trial.table}: ${trialCells(row).join("  ")}`);
    return row;
  });
  const file = { ...origin, rows, costs: measureCosts() };
  await mkdir(RESULTS_FOLDER, { recursive: true });
  await writeFile(`${RESULTS_FOLDER}/compare.json`, `${JSON.stringify(file, null, 2)}\n`);
  return file;
}

async function benchCompare(): Promise<void> {
  const { FROM = "", INTO = "docs/compare.md" } = process.env;
  const file = FROM === "" ? await measure() : (JSON.parse(await readFile(FROM, "utf8")) as CompareFile);
  await writeFile(INTO, compareDocument(await readFile(INTO, "utf8"), file));
  console.log(INTO);
}

await benchCompare().catch(fail);
