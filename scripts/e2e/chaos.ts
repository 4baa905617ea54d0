/**
 * `make chaos`: runs callers who interrupt against an agent with all faults at random, for TIME. Prints the counted
 * outcomes, k6's memory at the start and at the end, and every turn whose outcome the truth does not explain. Fails
 * when there is one.
 */

import type { TurnLine } from "../results/log_lines.ts";
import { usageOf } from "../results/machine.ts";
import { childOf } from "../run/children.ts";
import { fail } from "../run/terminal.ts";
import { countFaults, EXPECTED, type FaultCounts, truthOf } from "./faults.ts";
import { countOutcomes, type Load, loadOnce, verifyLoad } from "./load.ts";
import setup from "./setup.ts";

/**
 * Excluded faults: messages of 15 MB test this machine, not the agent; a caller stops calling after close code 4500.
 */
const EXCLUDED: readonly string[] = ["huge", "close_4500"];

const FAULTS = [
  ...Object.keys(EXPECTED)
    .filter((name) => !EXCLUDED.includes(name))
    .map((name) => `${name}:0.012`),
  "refuse_503:0.05,refuse_429:0.05,refuse_500:0.05,capacity_1013:0.05,close_at_once:0.05",
  "endless_greeting:0.02,pings_unanswered:0.05",
].join(",");

const AGENT = "--silence-ms 300 --stt-ms p50:350,p95:700 --llm-ms 100..400 --tts-ms 50..150 --reply-ms 500..5000";
const DEVIATIONS = "--sentences 2 --sentence-gap-ms 300 --stop never:0.1 --drop-envelopes 0.01";

/** The interval at which k6's memory is sampled, in ms. */
const SAMPLE_MS = 5000;

/**
 * The deviation of the agent in the truth that explains why a turn is not counted as expected; null where there is
 * none.
 */
function deviationOf({ truth, truthLines }: Load, turn: TurnLine): string | null {
  const truthTurn = truthOf(truth, turn);
  if (truthTurn !== undefined && truthTurn.bargeAtMs !== null && truthTurn.stopAtMs === null) return "no stop came";
  const call = truthLines.find((line) => line.type === "call" && line.call === turn.call);
  if (call?.fault === "endless_greeting") return "the greeting never ended";
  return Number(call?.lostEnvelopes) > 0 ? "an envelope was lost" : null;
}

/** Counts the turns that a deviation of the agent explains, by deviation, and describes the others. */
function explain(run: Load, turns: FaultCounts["unexplained"]) {
  const deviations: Record<string, number> = {};
  const unexplained: string[] = [];
  for (const { description, turn } of turns) {
    const deviation = deviationOf(run, turn);
    if (deviation === null) unexplained.push(description);
    else deviations[deviation] = (deviations[deviation] ?? 0) + 1;
  }
  return { deviations, unexplained };
}

async function chaos(): Promise<boolean> {
  await setup();
  const memoryMb: number[] = [];
  let timer: NodeJS.Timeout | undefined;
  const { USERS = "10", TIME = "10m" } = process.env;
  const flags = [...`${AGENT} ${DEVIATIONS}`.split(" "), "--faults", FAULTS];
  const run = await loadOnce(flags, { USERS, TIME }, (_, __, { runner }) => {
    timer = setInterval(async () => {
      const k6Pid = await childOf(runner, "k6");
      const usage = k6Pid === null ? null : await usageOf(k6Pid);
      if (usage !== null) memoryMb.push(usage.rssBytes / 1e6);
    }, SAMPLE_MS);
  }).finally(() => clearInterval(timer));
  const { injected, counted, unexplained: unexpected } = countFaults(run);
  const { deviations, unexplained } = explain(run, unexpected);
  if (memoryMb.length === 0) unexplained.push("memory of k6: expected samples, got none");
  const { missingFromTruth, missingFromLog, cut, joined, split } = await verifyLoad(run);
  // After half a minute every caller has made a call, and memory no longer grows for new callers.
  const settled = memoryMb.slice(6);
  const scriptErrors = run.summary.metrics.script_error?.count;
  console.log(`turns ${run.log.turns.length}, calls ${run.log.calls.length}, verdict ${run.summary.verdict}`);
  console.log(`outcomes ${JSON.stringify(countOutcomes(run.log.turns))}`);
  console.log(`injected ${JSON.stringify(injected)}`);
  console.log(`counted as expected ${JSON.stringify(counted)}`);
  console.log(`explained by a deviation ${JSON.stringify(deviations)}, unexplained ${unexplained.length}`);
  console.log(
    `joined ${joined}, split ${split}, cut ${cut}, missing from truth ${missingFromTruth.length}, from log ${missingFromLog.length}`,
  );
  for (const turn of [...unexplained, ...missingFromTruth, ...missingFromLog]) console.log(`  ${turn}`);
  console.log(`k6 memory ${Math.round(settled[0] ?? 0)} MB -> ${Math.round(settled.at(-1) ?? 0)} MB`);
  console.log(`script errors ${scriptErrors}, folder ${run.folder}`);
  return unexplained.length + missingFromTruth.length + missingFromLog.length === 0 && scriptErrors === 0;
}

await chaos()
  .then((good) => {
    if (!good) process.exitCode = 1;
  })
  .catch(fail);
