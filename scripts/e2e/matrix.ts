/**
 * `make matrix`: runs every wire, with every pipeline and profile of the accelerator's, with ten callers, and prints the
 * errors against the truth. A row passes when its run passes the gate, every turn has a partner in the truth, and the errors are
 * within the bound.
 */

import { percentile } from "../../lib/report/stats.ts";
import type { ScenarioName } from "../../lib/wire/wires.ts";
import { isProven, type Proof } from "../proof/proof.ts";
import { fail } from "../run/terminal.ts";
import { type Load, load, verifyLoad } from "./load.ts";
import setup from "./setup.ts";

/** The largest P99 of the errors at ten callers, in ms. */
export const BOUND_MS = 10;

/** An agent, and the scenario that calls it. */
export interface Row {
  readonly scenario: ScenarioName;
  /** The agent, as the row is named. */
  readonly agent: string;
  /** The simulator's flags that make it. */
  readonly flags: readonly string[];
  /** The settings of the scenario. */
  readonly settings: Readonly<Record<string, string>>;
}

/** The accelerator's wires: every pipeline of every generation of the backend. */
const ACCELERATOR: readonly Row[] = (["acs_media", "browser_conversation"] as const).flatMap((scenario) =>
  (["cascade", "voicelive"] as const).flatMap((pipeline) =>
    (["g2", "g3", "g5"] as const).map((profile) => {
      // g3 sends no stop on the phone: it only stops sending audio.
      const agentStops = scenario === "acs_media" && pipeline === "cascade" && profile === "g3" ? "false" : "true";
      return {
        scenario,
        agent: `${pipeline} ${profile}`,
        flags: ["--profile", profile, "--acs-pipeline", pipeline],
        settings: { PIPELINE: pipeline, AGENT_STOPS: agentStops },
      };
    }),
  ),
);

/** A Realtime API greets when it is asked to. */
const REALTIME = { REALTIME_GREETING: "true", REALTIME_API_KEY: "key" };

/** All rows. */
export const ROWS: readonly Row[] = [
  ...ACCELERATOR,
  { scenario: "twilio_media", agent: "cascade", flags: [], settings: {} },
  { scenario: "openai_realtime", agent: "OpenAI", flags: [], settings: REALTIME },
  {
    scenario: "openai_realtime",
    agent: "Voice Live",
    flags: [],
    settings: { ...REALTIME, REALTIME_API: "voice_live", WS_PATH: "/voice-live/realtime" },
  },
];

/**
 * Replies are long enough for a barge-in and have gaps between sentences, so that the end of the audio shows where no
 * stop is sent.
 */
const AGENT =
  "--silence-ms 300 --stt-ms 320 --llm-ms 200 --tts-ms 100 --reply-ms 6000 --sentences 3 --sentence-gap-ms 1100";

/** Runs one row. */
export async function runRow(row: Row, settings: Readonly<Record<string, string>> = {}): Promise<Load> {
  const { flags, scenario, settings: own } = row;
  return load([...AGENT.split(" "), ...flags], { SCENARIO: scenario, ...own, ...settings });
}

/** True when a row's run passed its gate, and its proof is complete and within the bound. */
export function passes({ exitCode }: Load, proof: Proof): boolean {
  const { ttfb, barge } = proof.errorsMs;
  const within = [ttfb, barge].every((errors) => errors.length > 0 && percentile(errors, 99) <= BOUND_MS);
  return exitCode === 0 && isProven(proof) && within;
}

async function matrix(): Promise<boolean> {
  await setup();
  const columns = ["turns", "ok", "ttfb", "P50", "P99", "barge", "P50", "P99", "verdict"];
  console.log(`${"|error| against truth, ms".padEnd(42)}${columns.map((name) => name.padStart(8)).join("")}`);
  let good = true;
  for (const row of ROWS) {
    const run = await runRow(row, { USERS: "10", SPAWN_RATE: "20", TIME: "30s" });
    const proof = await verifyLoad(run);
    const ok = run.log.turns.filter(({ outcome }) => outcome === "ok").length;
    const errors = [proof.errorsMs.ttfb, proof.errorsMs.barge].flatMap((all) => [
      String(all.length),
      ...[50, 99].map((p) => (all.length > 0 ? percentile(all, p).toFixed(1) : "-")),
    ]);
    const cells = [String(run.log.turns.length), String(ok), ...errors, run.summary.verdict];
    const name = `${row.scenario} ${row.agent}`;
    console.log(`${name.padEnd(42)}${cells.map((cell) => cell.padStart(8)).join("")}`);
    if (passes(run, proof)) continue;
    good = false;
    console.log(`  ${[...run.summary.reasons, ...proof.missingFromTruth, ...proof.missingFromLog].join("\n  ")}`);
  }
  return good;
}

if (import.meta.filename === process.argv[1]) {
  await matrix()
    .then((good) => {
      if (!good) process.exitCode = 1;
    })
    .catch(fail);
}
