/** Runs on a machine that had no time for them: refused, with the cause, and with the errors that show why. */

import { type ChildProcess, spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { cpus } from "node:os";
import { setTimeout as passed } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { LATE_MS } from "../../lib/metrics/metrics.ts";
import { percentile } from "../../lib/report/stats.ts";
import { proofText } from "../verify.ts";
import { k6Of, type Load, loadOnce, proofOf, turnsLogged } from "./load.ts";

const AGENT = "--silence-ms 300 --stt-ms 300 --llm-ms 100 --tts-ms 100 --barge-ms 300".split(" ");

/**
 * Programs that want a core each, by core of the machine. A few do not starve k6: a fair scheduler wakes a program that
 * sleeps most of the time at once. It takes so many that k6's fair share is less than it needs.
 */
const BURNERS_PER_CORE = 20;

/** How long they burn, in ms. */
const BURN_MS = 8000;

/** A burner ends by itself after so much CPU, in s, whatever becomes of the test. */
const BURNS_FOR_SEC = 2;

/** How long k6 stands still, in ms. */
const STOPPED_MS = 3000;

/** The processes that a test started, to be killed by their handle. */
function burn(count: number): ChildProcess[] {
  const program = `ulimit -t ${BURNS_FOR_SEC}; while :; do :; done`;
  // Each in a session of its own: where a kernel shares the CPU by sessions first, k6 has one too.
  return Array.from({ length: count }, () => spawn("sh", ["-c", program], { stdio: "ignore", detached: true }));
}

/** Never green: k6's exit code of a failed run, the verdict first, its advice, and the cause. */
function expectRefused({ exitCode, output, summary }: Load, cause: RegExp): void {
  expect([exitCode, summary.verdict], output).toEqual([99, "INVALID"]);
  expect(output).toMatch(/^INVALID {2}/m);
  expect(output).not.toMatch(/^PASS/m);
  expect(summary.reasons.at(-1)).toMatch(cause);
  expect(output).toContain(`cause      ${summary.reasons.at(-1)}`);
  expect(output).toMatch(/^machine {4}\d+ cores? {2}k6 /m);
}

describe("a machine without time for its callers", () => {
  it("has its run refused when other programs take the CPU, and its numbers show that this is right", async () => {
    const burners: ChildProcess[] = [];
    const killBurners = () => {
      for (const burner of burners.splice(0)) burner.kill("SIGKILL");
    };
    const run = await loadOnce(AGENT, { USERS: "20", SPAWN_RATE: "10", TIME: "15s" }, async (_, folder) => {
      await turnsLogged(folder, 5);
      burners.push(...burn(BURNERS_PER_CORE * cpus().length));
      await passed(BURN_MS);
      killBurners();
    }).finally(killBurners);
    const proof = await proofOf(run);
    const lags = run.log.calls.map(({ worstLagMs }) => worstLagMs).sort((a, b) => a - b);
    const all = [proof.errorsMs, proof.lateErrorsMs].flatMap(({ ttfb, barge, turn }) => [...ttfb, ...barge, ...turn]);
    console.log(`${run.output}\n${proofText(proof)}\nworst lag of a call, P50: ${percentile(lags, 50)} ms`);
    // A kernel that shields k6 from the burners would make this a test of nothing: then it says so here.
    expect(percentile(lags, 100), "the kernel kept k6 on time in spite of the burners").toBeGreaterThan(LATE_MS);
    expectRefused(run, /^other programs took the CPU while frames were late/);
    expect(run.output).toMatch(/this machine was too slow.*run fewer callers per machine, or more machines/);
    expect(Math.max(...all), "the worst error, of turns that left the metrics too").toBeGreaterThan(LATE_MS);
  });

  it("is spared what it can be: the make targets start k6 so that its garbage collector works seldom", async () => {
    let environment: string[] = [];
    await loadOnce(AGENT, { USERS: "1", TIME: "15s" }, async (_, folder, { runner }) => {
      await turnsLogged(folder, 1);
      environment = (await readFile(`/proc/${await k6Of(runner)}/environ`, "utf8")).split("\0");
    });
    expect(environment).toContain(`GOGC=${process.env.GOGC || "400"}`);
  });

  it("has its run refused when k6 was stopped for a while, and the clock step is told as what it was", async () => {
    let stops = 0;
    const run = await loadOnce(AGENT, { USERS: "5", TIME: "14s" }, async (_, folder, { runner }) => {
      await turnsLogged(folder, 2);
      const k6 = await k6Of(runner);
      process.kill(k6, "SIGSTOP");
      stops += 1;
      await passed(STOPPED_MS);
      process.kill(k6, "SIGCONT");
    });
    expect(stops).toBe(1);
    expectRefused(run, /^k6 stood still for [2-5] s, .* it was stopped/);
    expect(run.summary.reasons[0]).toMatch(/^\d+ times the wall clock jumped, or a caller stood still/);
  });
});
