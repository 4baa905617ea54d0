/**
 * `make chaos`: callers who interrupt, against an agent that does everything wrong now and then, for TIME. Prints what
 * was counted, k6's memory at the start and at the end, and every turn that the truth does not explain: there must be none.
 */

import { usageOf } from "../results/machine.ts";
import type { TurnLine } from "../results/results.ts";
import { childOf } from "../run/children.ts";
import { fail } from "../run/terminal.ts";
import { EXPECTED, partnerIn, type Tally, tally } from "./faults.ts";
import { type Load, loadOnce, outcomes, proofOf } from "./load.ts";
import setup from "./setup.ts";

/** Frames of 15 MB are a test of this machine and not of the agent; after a 4500, a caller gives up for good. */
const LEFT_OUT: readonly string[] = ["huge", "close_4500"];

const FAULTS = [
  ...Object.keys(EXPECTED)
    .filter((name) => !LEFT_OUT.includes(name))
    .map((name) => `${name}:0.012`),
  "refuse_503:0.05,refuse_429:0.05,refuse_500:0.05,capacity_1013:0.05,close_at_once:0.05",
  "endless_greeting:0.02,pings_unanswered:0.05",
].join(",");

const AGENT = "--silence-ms 300 --stt-ms p50:350,p95:700 --llm-ms 100..400 --tts-ms 50..150 --reply-ms 500..5000";
const HABITS = "--sentences 2 --sentence-gap-ms 300 --stop never:0.1 --drop-envelopes 0.01";

/** How often k6's memory is looked at, in ms. */
const LOOK_EVERY_MS = 5000;

/** Why a turn may be counted otherwise than its fault says, by the truth; null: nothing explains it. */
function habitIn({ truth, truthLines }: Load, turn: TurnLine): string | null {
  const partner = partnerIn(truth, turn);
  if (partner !== undefined && partner.bargeAtMs !== null && partner.stopAtMs === null) return "no stop came";
  const call = truthLines.find((line) => line.type === "call" && line.call === turn.call);
  if (call?.fault === "endless_greeting") return "the greeting never ended";
  return Number(call?.lostEnvelopes) > 0 ? "an envelope was lost" : null;
}

/** Counts those that a habit of the agent's explains, and names the others. */
function explain(run: Load, unexplained: Tally["unexplained"]) {
  const habits: Record<string, number> = {};
  const left: string[] = [];
  for (const { said, turn } of unexplained) {
    const habit = habitIn(run, turn);
    if (habit === null) left.push(said);
    else habits[habit] = (habits[habit] ?? 0) + 1;
  }
  return { habits, left };
}

async function chaos(): Promise<boolean> {
  await setup();
  const memoryMb: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const { USERS = "10", TIME = "10m" } = process.env;
  const flags = [...`${AGENT} ${HABITS}`.split(" "), "--faults", FAULTS];
  const run = await loadOnce(flags, { USERS, TIME }, (_, __, { runner }) => {
    timer = setInterval(async () => {
      const k6Pid = await childOf(runner, "k6");
      const usage = k6Pid === null ? null : await usageOf(k6Pid);
      if (usage !== null) memoryMb.push(usage.rssBytes / 1e6);
    }, LOOK_EVERY_MS);
  }).finally(() => clearInterval(timer));
  const { injected, counted, unexplained } = tally(run);
  const { habits, left } = explain(run, unexplained);
  if (memoryMb.length === 0) left.push("memory of k6: expected samples, got none");
  const { missing, untold, cut, joined, split } = await proofOf(run);
  // Half a minute in, every caller has called; before that, memory is still being taken.
  const settled = memoryMb.slice(6);
  const scriptErrors = run.summary.metrics.script_error?.count;
  console.log(`turns ${run.log.turns.length}, calls ${run.log.calls.length}, verdict ${run.summary.verdict}`);
  console.log(`outcomes ${JSON.stringify(outcomes(run.log.turns))}`);
  console.log(`injected ${JSON.stringify(injected)}`);
  console.log(`counted alike ${JSON.stringify(counted)}`);
  console.log(`explained by a habit ${JSON.stringify(habits)}, unexplained ${left.length}`);
  console.log(`joined ${joined}, split ${split}, cut ${cut}, missing ${missing.length}, untold ${untold.length}`);
  for (const turn of [...left, ...missing, ...untold]) console.log(`  ${turn}`);
  console.log(`k6 memory ${Math.round(settled[0] ?? 0)} MB -> ${Math.round(settled.at(-1) ?? 0)} MB`);
  console.log(`script errors ${scriptErrors}, folder ${run.folder}`);
  return left.length + missing.length + untold.length === 0 && scriptErrors === 0;
}

await chaos()
  .then((good) => {
    if (!good) process.exitCode = 1;
  })
  .catch(fail);
