/** Checks that a run on an overloaded machine is INVALID, with the cause, and that its errors are indeed large. */

import { type ChildProcess, spawn } from "node:child_process";
import { cpus } from "node:os";
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { LATE_MS } from "../../lib/metrics/late.ts";
import { percentile } from "../../lib/report/stats.ts";
import { proofText } from "../proof/proof_text.ts";
import { expectInvalid } from "./expect_invalid.ts";
import { loadOnce, untilTurnsLogged, verifyLoad } from "./load.ts";

const AGENT = "--silence-ms 300 --stt-ms 300 --llm-ms 100 --tts-ms 100 --barge-ms 300".split(" ");

/**
 * The number of busy programs per core. A few are not enough, because a fair scheduler runs a program that sleeps most
 * of the time as soon as it wakes up. With this many, k6's fair share is less CPU than it needs.
 */
const BUSY_LOOPS_PER_CORE = 20;

/** How long the busy loops run, in ms. */
const BUSY_MS = 8000;

/** The CPU time, in s, after which a busy loop ends by itself, also if the test fails to end it. */
const MAX_BUSY_CPU_SEC = 2;

/** Starts shells in an endless loop. */
function startBusyLoops(count: number): ChildProcess[] {
  const program = `ulimit -t ${MAX_BUSY_CPU_SEC}; while :; do :; done`;
  // Each has its own session, as k6 has, because a kernel may divide the CPU between sessions first.
  return Array.from({ length: count }, () => spawn("sh", ["-c", program], { stdio: "ignore", detached: true }));
}

describe("an overloaded machine", () => {
  it("makes its run INVALID when other programs take the CPU, and the errors are indeed large", async () => {
    const busyLoops: ChildProcess[] = [];
    const killBusyLoops = () => {
      for (const busyLoop of busyLoops.splice(0)) busyLoop.kill("SIGKILL");
    };
    const run = await loadOnce(AGENT, { USERS: "20", SPAWN_RATE: "10", TIME: "15s" }, async (_, folder) => {
      await untilTurnsLogged(folder, 5);
      busyLoops.push(...startBusyLoops(BUSY_LOOPS_PER_CORE * cpus().length));
      await delay(BUSY_MS);
      killBusyLoops();
    }).finally(killBusyLoops);
    const proof = await verifyLoad(run);
    const lags = run.log.calls.map(({ worstLagMs }) => worstLagMs).sort((a, b) => a - b);
    const all = [proof.errorsMs, proof.lateErrorsMs].flatMap(({ ttfb, barge, turn }) => [...ttfb, ...barge, ...turn]);
    console.log(`${run.output}\n${proofText(proof)}\nworst lag of a call, P50: ${percentile(lags, 50)} ms`);
    // Fails where the kernel keeps k6 on time despite the busy loops: then the other checks would test nothing.
    expect(percentile(lags, 100), "the kernel kept k6 on time in spite of the busy loops").toBeGreaterThan(LATE_MS);
    expectInvalid(run, /^other programs took the CPU while frames were late/);
    expect(run.output).toMatch(/this machine was too slow.*run fewer callers per machine, or more machines/);
    expect(Math.max(...all), "the worst error, of turns that left the metrics too").toBeGreaterThan(LATE_MS);
  });
});
