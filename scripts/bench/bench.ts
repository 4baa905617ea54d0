/**
 * `make bench`: compares the cost of our bundle with that of a bare k6 loop, and measures the speed of the simulator.
 * Writes the rows of each part into a file of results/bench/, and its table into the documents that have its markers.
 * With PARTS=page it measures nothing, and writes the tables of all files.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GO_VARIABLES } from "../../lib/report/go_variables.ts";

import { buildAll } from "../run/bundle.ts";
import { ensureK6 } from "../run/k6.ts";
import { fail } from "../run/terminal.ts";
import { partTable, withParts } from "./bench_markdown.ts";
import { PARTS, type Part, type PartFile } from "./bench_rows.ts";
import { canPin } from "./measure_load.ts";
import { numberOption, wordsOption } from "./options.ts";
import { currentOrigin } from "./origin.ts";
import { type PartPlan, PINNED, RUN_PART } from "./parts.ts";

const RESULTS_FOLDER = "results/bench";

/** The documents that may have the markers of a part. */
const DOCUMENTS = "docs/performance.md docs/performance_experiments.md";

/** The options that the origin of the rows repeats where they are set. */
const OPTIONS = [
  "PARTS",
  "ROUNDS",
  "SEC",
  "SETTLE_SEC",
  "CPU_CALLERS",
  "MEMORY_CALLERS",
  "COST_CALLERS",
  "HELD_CALLERS",
  "HELD_SEC",
  "COLLECTIONS_CALLERS",
  "COLLECTIONS_SEC",
  "GOGC_VALUES",
  "SIMULATOR_CALLERS",
  ...GO_VARIABLES,
];

async function measure(part: Part, plan: PartPlan): Promise<PartFile> {
  const pinned = plan.canPin && PINNED.includes(part);
  return { part, ...(await currentOrigin("bench", process.env, OPTIONS)), pinned, rows: await RUN_PART[part](plan) };
}

async function storedParts(): Promise<PartFile[]> {
  const texts = await Promise.all(
    PARTS.map((part) => readFile(join(RESULTS_FOLDER, `${part}.json`), "utf8").catch(() => null)),
  );
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as PartFile]));
}

/** Writes the texts of parts where the documents have their markers. */
async function writeDocuments(files: readonly PartFile[]): Promise<void> {
  for (const path of (process.env.INTO ?? DOCUMENTS).split(" ")) {
    await writeFile(path, withParts(await readFile(path, "utf8"), files));
    console.log(path);
  }
}

async function bench(): Promise<void> {
  const { env } = process;
  if (env.PARTS === "page") return await writeDocuments(await storedParts());
  const parts = wordsOption(env, "PARTS", PARTS);
  await ensureK6();
  await buildAll("dist");
  const plan = {
    rounds: numberOption(env, "ROUNDS", 2),
    steadySec: numberOption(env, "SEC", 25),
    settleSec: numberOption(env, "SETTLE_SEC", 8),
    canPin: await canPin(),
  };
  if (!plan.canPin) console.log("no taskset, or one core only: k6 and the simulator share all cores");
  await mkdir(RESULTS_FOLDER, { recursive: true });
  for (const part of parts) {
    console.log(`${part}: ${plan.rounds} rounds`);
    const file = await measure(part, plan);
    await writeFile(join(RESULTS_FOLDER, `${part}.json`), `${JSON.stringify(file, null, 2)}\n`);
    console.log(`\n${partTable(file)}\n`);
    await writeDocuments([file]);
  }
}

await bench().catch(fail);
