import { describe, expect, it } from "vitest";

import { countOutcomes, load, verifyLoad } from "./load.ts";

/** An agent that answers 600 ms after the end of speech and stops after 300 ms. */
const QUICK = ["--silence-ms", "300", "--stt-ms", "300", "--llm-ms", "200", "--tts-ms", "100", "--barge-ms", "300"];

/** Expects a failed gate, and no ttfb below 100 ms: an agent that waits for silence cannot reply faster. */
function expectFailed({ exitCode, log, output, summary }: Awaited<ReturnType<typeof load>>): void {
  expect(exitCode, output).toBe(99);
  expect(summary.verdict).toBe("FAIL");
  for (const { ttfbMs } of log.turns) if (ttfbMs !== null) expect(ttfbMs).toBeGreaterThan(100);
}

describe.concurrent("an agent", () => {
  it("that never replies: every wait is recorded as the whole deadline", async () => {
    const run = await load([...QUICK, "--mute"]);
    expectFailed(run);
    expect(countOutcomes(run.log.turns)).toEqual({ first_audio_timeout: run.log.turns.length });
    expect(new Set(run.log.turns.map(({ ttfbMs }) => ttfbMs))).toEqual(new Set([5000]));
    expect(run.summary.reasons.join("\n")).toMatch(/failed turns: \d+ first_audio_timeout/);
  });

  it.each(["0.3", "3"])(
    "that replies after 7 s: no reply is assigned to a later turn (pause of %s s)",
    async (pause) => {
      const run = await load([...QUICK, "--llm-ms", "6600"], { TIME: "25s", PAUSE_BETWEEN_TURNS_SEC: pause });
      expectFailed(run);
      expect(countOutcomes(run.log.turns)).toEqual({ first_audio_timeout: run.log.turns.length });
      for (const { firstAudioAtMs, ttfbMs } of run.log.turns) expect([firstAudioAtMs, ttfbMs]).toEqual([null, 5000]);
    },
  );

  it("that sends audio all the time fails every turn", async () => {
    const run = await load([...QUICK, "--talk", "always"], { TURN_TIMEOUT_SEC: "4", GREETING_TIMEOUT_SEC: "2" });
    expectFailed(run);
    expect(run.log.turns.length).toBeGreaterThan(0);
    for (const { outcome } of run.log.turns) expect(["turn_timeout", "barge_timeout"]).toContain(outcome);
  });

  it("that replies before the end of speech has no ttfb", async () => {
    const run = await load([...QUICK, "--answer-early"]);
    expectFailed(run);
    expect(countOutcomes(run.log.turns)).toEqual({ answered_early: run.log.turns.length });
    expect(run.log.turns.every(({ ttfbMs }) => ttfbMs === null)).toBe(true);
  });

  it("that never stops at a barge-in fails every interrupted turn", async () => {
    const run = await load([...QUICK, "--stop", "never"], { TIME: "16s" });
    expectFailed(run);
    const interrupted = run.log.turns.filter(({ bargeAtMs }) => bargeAtMs !== null);
    expect(interrupted.length).toBeGreaterThan(0);
    for (const { barge, outcome, stopAtMs } of interrupted)
      expect([barge, outcome, stopAtMs]).toEqual(["timeout", "barge_timeout", null]);
  });

  it("that does not stop in half of the turns: the other half is measured correctly", async () => {
    const run = await load([...QUICK, "--stop", "never:0.5", "--seed", "3"], { USERS: "6", TIME: "20s" });
    expectFailed(run);
    const stopped = run.log.turns.filter(({ barge }) => barge === "stopped");
    const timedOut = run.log.turns.filter(({ barge }) => barge === "timeout");
    expect(stopped.length).toBeGreaterThan(3);
    expect(timedOut.length).toBeGreaterThan(3);
    for (const { bargeMs } of stopped) expect(bargeMs).toBeLessThan(1000);
    const unstoppedInTruth = run.truth.filter(({ bargeAtMs, stopAtMs }) => bargeAtMs !== null && stopAtMs === null);
    expect(Math.abs(unstoppedInTruth.length - timedOut.length)).toBeLessThanOrEqual(6);
  });

  it("that stops late has a long barge-in time", async () => {
    const run = await load([...QUICK, "--stop", "late:700"]);
    expectFailed(run);
    expect(run.summary.reasons[0]).toMatch(/^barge p\(95\) is 1\d{3} ms; the target tier wants p\(95\)<500/);
    expect((await verifyLoad(run)).errorsMs.barge.length).toBeGreaterThan(3);
  });

  it("whose replies are too short for a barge-in: the reason names the setting to change", async () => {
    const run = await load([...QUICK, "--reply-ms", "500"]);
    expectFailed(run);
    expect(run.summary.reasons).toEqual([
      expect.stringMatching(/^no barge-in was measured: \d+ replies ended before BARGE_REENTRY_MS=1000 .* lower it/),
    ]);
  });

  it("whose replies are short is interrupted with a small BARGE_REENTRY_MS", async () => {
    const run = await load([...QUICK, "--reply-ms", "500"], { BARGE_REENTRY_MS: "100" });
    expect(run.exitCode, run.output).toBe(0);
    expect(run.log.turns.filter(({ barge }) => barge === "stopped").length).toBeGreaterThan(5);
  });
});
