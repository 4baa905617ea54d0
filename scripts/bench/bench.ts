/**
 * `make bench`: our bundle against the bare loop, interleaved in one run, and the simulator's own speed. The rows are
 * kept in results/bench/, a file for each part, and docs/performance.md is written from all of them.
 */

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { buildAll } from "../build.ts";
import { ensureK6 } from "../run/k6.ts";
import { GO_VARIABLES } from "../run/k6_env.ts";
import { fail } from "../run/terminal.ts";
import { performanceText } from "./bench_markdown.ts";
import { PARTS, type Part, type PartFile, partTable } from "./bench_rows.ts";
import { madeBy, replaceBetween } from "./markdown.ts";
import { canPin } from "./measure_load.ts";
import { askedNumber, askedWords } from "./options.ts";
import { type PartPlan, RUN_PART } from "./parts.ts";

const ROWS_FOLDER = "results/bench";

const BEGIN = "<!-- bench:begin -->";
const END = "<!-- bench:end -->";

/** What can be set, as it is repeated in the command on the page. */
const SETTABLE = [
  "PARTS",
  "ROUNDS",
  "SEC",
  "SETTLE_SEC",
  "CPU_CALLERS",
  "MEMORY_CALLERS",
  "COST_CALLERS",
  "HELD_CALLERS",
  "HELD_SEC",
  "SIMULATOR_CALLERS",
  ...GO_VARIABLES,
];

async function measure(part: Part, plan: PartPlan): Promise<PartFile> {
  const pinned = plan.canPin && (part === "held" || part === "simulator");
  return { part, ...(await madeBy("bench", process.env, SETTABLE)), pinned, rows: await RUN_PART[part](plan) };
}

async function storedParts(): Promise<PartFile[]> {
  const texts = await Promise.all(
    PARTS.map((part) => readFile(join(ROWS_FOLDER, `${part}.json`), "utf8").catch(() => null)),
  );
  return texts.flatMap((text) => (text === null ? [] : [JSON.parse(text) as PartFile]));
}

async function bench(): Promise<void> {
  const { env } = process;
  const { INTO = "docs/performance.md" } = env;
  const onlyPage = env.PARTS === "page";
  const parts = onlyPage ? [] : askedWords(env, "PARTS", PARTS);
  if (!onlyPage) {
    await ensureK6();
    await buildAll("dist");
  }
  const plan = {
    rounds: askedNumber(env, "ROUNDS", 2),
    steadySec: askedNumber(env, "SEC", 25),
    settleSec: askedNumber(env, "SETTLE_SEC", 8),
    canPin: await canPin(),
  };
  if (!plan.canPin) console.log("no taskset, or one core only: k6 and the simulator share what there is");
  await mkdir(ROWS_FOLDER, { recursive: true });
  for (const part of parts) {
    console.log(`${part}: ${plan.rounds} rounds`);
    const file = await measure(part, plan);
    await writeFile(join(ROWS_FOLDER, `${part}.json`), `${JSON.stringify(file, null, 2)}\n`);
    console.log(`\n${partTable(file)}\n`);
  }
  const document = await readFile(INTO, "utf8");
  await writeFile(INTO, replaceBetween(document, BEGIN, END, performanceText(await storedParts())));
  console.log(INTO);
}

await bench().catch(fail);
