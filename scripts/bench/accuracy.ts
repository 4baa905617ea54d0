/**
 * `make accuracy`: a real k6 against the simulator at more and more callers, and how far each number is from the truth.
 * A run that was too slow is not made again: that it says so is a row of the table.
 */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";

import type { ScenarioName } from "../../lib/wire/wires.ts";
import { loadOnce, proofOf } from "../e2e/load.ts";
import { ensureK6 } from "../run/k6.ts";
import { GO_VARIABLES } from "../run/k6_env.ts";
import { fail } from "../run/terminal.ts";
import { type AccuracyFile, accuracyPage, cellsOf } from "./accuracy_markdown.ts";
import { type AccuracyRow, brokenBounds, nameOf, rowOf } from "./accuracy_rows.ts";
import { madeBy } from "./markdown.ts";
import { askedNumber, askedNumbers, askedWords } from "./options.ts";

const ROWS_FILE = "results/accuracy.json";

const WIRES = ["acs_media", "browser_conversation"] as const satisfies readonly ScenarioName[];

/** The agent's delays by kind, as flags of the simulator. */
const DELAYS = {
  constant: "--stt-ms 320 --llm-ms 200 --tts-ms 100",
  lognormal: "--stt-ms p50:600,p95:900 --llm-ms p50:250,p95:500 --tts-ms p50:100,p95:250",
} as const;

const AGENT = "--silence-ms 300 --reply-ms 3000 --barge-ms 250";

/** Its pauses are shorter than the agent's silence: what the agent hears as two utterances has no true turn time. */
const CONVERSATION = "claim_status";

/** All callers have started after this many seconds. */
const RAMP_UP_SEC = 4;

/** What one turn of one caller takes, with its share of the start and the end, in s. */
const SEC_OF_A_TURN = 6;

interface Wanted {
  readonly wire: ScenarioName;
  readonly delays: keyof typeof DELAYS;
  readonly callers: number;
  readonly sec: number;
}

async function measured({ callers, delays, sec, wire }: Wanted): Promise<AccuracyRow> {
  const flags = `${AGENT} ${DELAYS[delays]}`.split(" ");
  const settings = {
    SCENARIO: wire,
    USERS: String(callers),
    SPAWN_RATE: String(callers / RAMP_UP_SEC),
    TIME: `${sec}s`,
    // The shipped utterances and the pauses of people, not those of quick tests.
    PCM_DIR: "",
    CONVERSATION,
    PAUSE_BETWEEN_TURNS_SEC: "",
  };
  const run = await loadOnce(flags, settings);
  const row = rowOf(run, await proofOf(run), { wire, delays, callers });
  for (const reason of run.summary.reasons) console.log(`  ${reason}`);
  if (brokenBounds(row).length > 0) console.log(`  kept in ${run.folder}`);
  else await rm(run.folder, { recursive: true });
  return row;
}

function allWanted(): Wanted[] {
  const { env } = process;
  const sec = askedNumber(env, "RUN_SEC", 40);
  const callersList = askedNumbers(env, "CALLERS", [1, 10, 50, 100, 200]);
  const wires = askedWords(env, "WIRES", WIRES);
  const delaysList = askedWords(env, "DELAYS", ["constant", "lognormal"]);
  // The heaviest last: a virtual machine that was busy for long may be given less of its cores.
  return callersList.flatMap((callers) =>
    wires.flatMap((wire) => delaysList.map((delays) => ({ wire, delays, callers, sec: lastingSec(sec, callers) }))),
  );
}

/** A P99 is one of a hundred turns at least: fewer callers take longer to make them; a lone one is not waited for. */
function lastingSec(sec: number, callers: number): number {
  return callers === 1 ? sec : Math.max(sec, Math.ceil((100 * SEC_OF_A_TURN) / callers));
}

async function measureAll(): Promise<AccuracyFile> {
  await ensureK6();
  const wanted = allWanted();
  const file = await madeBy("accuracy", process.env, ["CALLERS", "RUN_SEC", "WIRES", "DELAYS", ...GO_VARIABLES]);
  const rows: AccuracyRow[] = [];
  await mkdir("results", { recursive: true });
  for (const [at, each] of wanted.entries()) {
    console.log(`${at + 1}/${wanted.length}  ${nameOf(each)}, ${each.sec} s`);
    rows.push(await measured(each));
    console.log(`  ${cellsOf(rows.at(-1) as AccuracyRow).join("  ")}`);
    // Written after every run: an hour of measuring must not be lost with its last one.
    await writeFile(ROWS_FILE, `${JSON.stringify({ ...file, rows }, null, 2)}\n`);
  }
  return { ...file, rows };
}

async function accuracy(): Promise<boolean> {
  const { FROM = "", INTO = "docs/accuracy.md" } = process.env;
  const file = FROM === "" ? await measureAll() : (JSON.parse(await readFile(FROM, "utf8")) as AccuracyFile);
  await writeFile(INTO, accuracyPage(file));
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
