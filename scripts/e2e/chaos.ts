/**
 * `make chaos`: callers who interrupt, against an agent that does everything wrong now and then, for TIME. Prints what
 * was counted, k6's memory at the start and at the end, and every turn that the truth does not explain.
 */

import { readdir, readFile } from "node:fs/promises";

import { fail } from "../terminal.ts";
import { EXPECTED, tally } from "./faults.ts";
import { loadOnce, outcomes, proofOf } from "./load.ts";
import setup from "./setup.ts";

/** Everything but frames of 15 MB, which are a test of this machine and not of the agent. */
const FAULTS = [
  ...Object.keys(EXPECTED)
    .filter((name) => name !== "huge")
    .map((name) => `${name}:0.012`),
  "refuse_503:0.05,refuse_429:0.05,refuse_500:0.05,capacity_1013:0.05,close_at_once:0.05",
  "endless_greeting:0.02,pings_unanswered:0.05",
].join(",");

const AGENT = "--silence-ms 300 --stt-ms p50:350,p95:700 --llm-ms 100..400 --tts-ms 50..150 --reply-ms 500..5000";
const HABITS = "--sentences 2 --sentence-gap-ms 300 --stop never:0.1 --drop-envelopes 0.01";

/** How often k6's memory is looked at, in ms. */
const LOOK_EVERY_MS = 5000;

/** Resident memory of the k6 that has run longest, in MB; null when none runs. */
async function k6MemoryMb(): Promise<number | null> {
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of processes.sort((a, b) => a - b)) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    if (/^Name:\s+k6$/m.test(status)) return Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024;
  }
  return null;
}

async function chaos(): Promise<boolean> {
  await setup();
  const memoryMb: number[] = [];
  const timer = setInterval(async () => {
    const now = await k6MemoryMb();
    if (now !== null) memoryMb.push(now);
  }, LOOK_EVERY_MS);
  const { USERS = "10", TIME = "10m" } = process.env;
  const run = await loadOnce([...`${AGENT} ${HABITS}`.split(" "), "--faults", FAULTS], { USERS, TIME }).finally(() =>
    clearInterval(timer),
  );
  const { injected, counted } = tally(run);
  const proof = await proofOf(run);
  // Half a minute in, every caller has called; before that, memory is still being taken.
  const settled = memoryMb.slice(6);
  const { missing, untold, cut, joined, split } = proof;
  console.log(`turns ${run.log.turns.length}, calls ${run.log.calls.length}, verdict ${run.summary.verdict}`);
  console.log(`outcomes ${JSON.stringify(outcomes(run.log.turns))}`);
  console.log(`injected ${JSON.stringify(injected)}`);
  console.log(`counted alike ${JSON.stringify(counted)}`);
  console.log(`joined ${joined}, split ${split}, cut ${cut}, missing ${missing.length}, untold ${untold.length}`);
  for (const turn of [...missing, ...untold]) console.log(`  ${turn}`);
  console.log(`k6 memory ${Math.round(settled[0] ?? 0)} MB -> ${Math.round(settled.at(-1) ?? 0)} MB`);
  console.log(`script errors ${run.summary.metrics.script_error?.count}, folder ${run.folder}`);
  return missing.length === 0 && untold.length === 0 && run.summary.metrics.script_error?.count === 0;
}

await chaos()
  .then((good) => {
    if (!good) process.exitCode = 1;
  })
  .catch(fail);
