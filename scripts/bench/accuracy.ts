/**
 * `make accuracy`: runs a real k6 against the simulator with increasing numbers of callers, and writes the errors
 * against the truth into docs/accuracy.md. An INVALID run is not repeated, because its verdict belongs into the table.
 */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { GO_VARIABLES } from "../../lib/report/go_variables.ts";

import type { ScenarioName } from "../../lib/wire/wires.ts";
import { loadOnce, verifyLoad } from "../e2e/load.ts";
import setup from "../e2e/setup.ts";
import { fail } from "../run/terminal.ts";
import { type AccuracyFile, accuracyDocument, rowCells } from "./accuracy_markdown.ts";
import { type AccuracyRow, accuracyRow, brokenBounds, rowName } from "./accuracy_rows.ts";
import { numberOption, numbersOption, wordsOption } from "./options.ts";
import { currentOrigin } from "./origin.ts";

const RESULTS_FILE = "results/accuracy.json";

const OPTIONS = ["CALLERS", "RUN_SEC", "WIRES", "DELAYS", ...GO_VARIABLES];

const WIRES = ["acs_media", "browser_conversation"] as const satisfies readonly ScenarioName[];

/** The agent's delays by kind, as flags of the simulator. */
const DELAYS = {
  constant: "--stt-ms 320 --llm-ms 200 --tts-ms 100",
  lognormal: "--stt-ms p50:600,p95:900 --llm-ms p50:250,p95:500 --tts-ms p50:100,p95:250",
} as const;

const AGENT = "--silence-ms 300 --reply-ms 3000 --barge-ms 250";

/**
 * Its pauses are shorter than the agent's silence: an utterance that the agent takes for two has no turn time in the
 * truth.
 */
const CONVERSATION = "claim_status";

/** All callers have started after this many seconds. */
const RAMP_UP_SEC = 4;

/** The length of one turn of one caller, with its share of the start and the end of the run, in s. */
const TURN_SEC = 6;

/** The load of one run. */
interface AccuracyLoad {
  readonly wire: ScenarioName;
  readonly delays: keyof typeof DELAYS;
  readonly callers: number;
  readonly runSec: number;
}

async function measureRow({ callers, delays, runSec, wire }: AccuracyLoad): Promise<AccuracyRow> {
  const flags = `${AGENT} ${DELAYS[delays]}`.split(" ");
  const settings = {
    SCENARIO: wire,
    USERS: String(callers),
    SPAWN_RATE: String(callers / RAMP_UP_SEC),
    TIME: `${runSec}s`,
    // The shipped utterances and the default pauses, not the short ones of the end-to-end tests.
    PCM_DIR: "",
    CONVERSATION,
    PAUSE_BETWEEN_TURNS_SEC: "",
  };
  const run = await loadOnce(flags, settings);
  const row = accuracyRow(run, await verifyLoad(run), { wire, delays, callers });
  for (const reason of run.summary.reasons) console.log(`  ${reason}`);
  if (brokenBounds(row).length > 0) console.log(`  kept in ${run.folder}`);
  else await rm(run.folder, { recursive: true });
  return row;
}

function allLoads(): AccuracyLoad[] {
  const { env } = process;
  const sec = numberOption(env, "RUN_SEC", 40);
  const callersList = numbersOption(env, "CALLERS", [1, 10, 50, 100, 200]);
  const wires = wordsOption(env, "WIRES", WIRES);
  const delaysList = wordsOption(env, "DELAYS", ["constant", "lognormal"]);
  // The heaviest loads come last, because a virtual machine that was busy for long may get less of its cores.
  return callersList.flatMap((callers) =>
    wires.flatMap((wire) => delaysList.map((delays) => ({ wire, delays, callers, runSec: runSecFor(callers, sec) }))),
  );
}

/**
 * A P99 needs at least a hundred turns, so runs of few callers are longer; for a single caller that would take too
 * long.
 */
function runSecFor(callers: number, sec: number): number {
  return callers === 1 ? sec : Math.max(sec, Math.ceil((100 * TURN_SEC) / callers));
}

async function measureAll(): Promise<AccuracyFile> {
  await setup();
  const loads = allLoads();
  const origin = await currentOrigin("accuracy", process.env, OPTIONS);
  const rows: AccuracyRow[] = [];
  await mkdir("results", { recursive: true });
  for (const [at, load] of loads.entries()) {
    console.log(`${at + 1}/${loads.length}  ${rowName(load)}, ${load.runSec} s`);
    const row = await measureRow(load);
    rows.push(row);
    console.log(`  ${rowCells(row).join("  ")}`);
    // Written after every run, so that an interrupted measurement of an hour keeps its rows.
    await writeFile(RESULTS_FILE, `${JSON.stringify({ ...origin, rows }, null, 2)}\n`);
  }
  return { ...origin, rows };
}

async function accuracy(): Promise<boolean> {
  const { FROM = "", INTO = "docs/accuracy.md" } = process.env;
  const file = FROM === "" ? await measureAll() : (JSON.parse(await readFile(FROM, "utf8")) as AccuracyFile);
  await writeFile(INTO, accuracyDocument(file));
  const broken = file.rows.flatMap(brokenBounds);
  for (const line of broken) console.error(line);
  console.log(`${INTO}: ${file.rows.length} runs, ${broken.length} bounds broken`);
  return broken.length === 0;
}

await accuracy()
  .then((good) => {
    if (!good) process.exitCode = 1;
  })
  .catch(fail);
