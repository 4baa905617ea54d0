import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { percentile } from "../../lib/report/stats.ts";
import { generateAudio } from "../audio/generate_audio.ts";
import { isProven } from "../proof/proof.ts";
import { countOutcomes, load, verifyLoad } from "./load.ts";

/** An agent with profile g2 as observed in operation: replies of three sentences with gaps between them. */
const G2 =
  "--profile g2 --silence-ms 300 --stt-ms 320 --llm-ms 200 --tts-ms 100 --reply-ms 6000 --sentences 3 --sentence-gap-ms 1100";
const VOICELIVE_PHONE = ["--acs-pipeline", "voicelive"];
const flags = (...more: string[]) => [...G2.split(" "), ...more];

const BROWSER = { SCENARIO: "browser_conversation" };
const VOICELIVE = { PIPELINE: "voicelive" };

/** The largest P90 of the errors on a machine that other tests share, in ms. */
const BOUND_MS = 20;

describe.concurrent("behaviour of real backends:", () => {
  it("stops on every partial, also when the agent is idle, are no barge-ins and do not distort one", async () => {
    const run = await load(flags("--reply-ms", "2400"), { ...BROWSER, BARGE_EVERY: "2", TIME: "20s" });
    expect(run.exitCode, run.output).toBe(0);
    const uninterrupted = run.log.turns.filter(({ barge }) => barge === null);
    expect(uninterrupted.length).toBeGreaterThan(3);
    for (const { stopAtMs, bargeMs, outcome } of uninterrupted)
      expect([stopAtMs, bargeMs, outcome]).toEqual([null, null, "ok"]);
    const { errorsMs } = await verifyLoad(run);
    expect(errorsMs.barge.length).toBeGreaterThan(2);
    expect(percentile(errorsMs.barge, 90)).toBeLessThan(BOUND_MS);
  });

  it("the structured end of an interrupted reply, sent with its stop, does not end the next reply", async () => {
    const run = await load(flags("--sentences", "1"), BROWSER);
    expect(run.exitCode, run.output).toBe(0);
    expect(run.truth.some(({ stopAtMs, replyEndAtMs }) => stopAtMs !== null && replyEndAtMs !== null)).toBe(true);
    const { errorsMs, missingFromTruth } = await verifyLoad(run);
    expect(missingFromTruth).toEqual([]);
    expect(percentile(errorsMs.ttfb, 90)).toBeLessThan(BOUND_MS);
    expect(percentile(errorsMs.turn, 90)).toBeLessThan(60);
  });

  it("a reply that continues after its stop is late audio, never a reply to the utterance that the agent missed meanwhile", async () => {
    const folder = mkdtempSync(join(tmpdir(), "words-"));
    writeFileSync(
      join(folder, "words.json"),
      JSON.stringify({ name: "words", turns: [{ text: "What is the status of my claim" }, { text: "Yes please" }] }),
    );
    await generateAudio(folder, join(folder, "pcm"));
    const run = await load(flags("--barge-ms", "480"), { PCM_DIR: join(folder, "pcm"), USERS: "2", TIME: "14s" });
    expect(run.exitCode, run.output).toBe(99);
    const lost = run.log.turns.filter(({ outcome }) => outcome === "unheard");
    expect(lost.length).toBeGreaterThan(0);
    for (const { firstAudioAtMs, ttfbMs, lateAudioMs } of lost) {
      expect([firstAudioAtMs, ttfbMs]).toEqual([null, 5000]);
      expect(lateAudioMs).toBeGreaterThan(1000);
    }
  });

  it("VoiceLive's second stop, and its errors for cancels without a reply, do not affect a turn", async () => {
    const run = await load(flags(...VOICELIVE_PHONE), VOICELIVE);
    expect(run.exitCode, run.output).toBe(0);
    expect(countOutcomes(run.log.turns)).toEqual({ ok: run.log.turns.length });
    expect(run.summary.metrics["server_error{code:response_cancel_not_active}"]?.count).toBeGreaterThan(0);
    expect(run.summary.metrics.barge_overrun?.max, "the trailing audio").toBeGreaterThan(0);
    const { errorsMs } = await verifyLoad(run);
    expect(percentile(errorsMs.barge, 90)).toBeLessThan(BOUND_MS);
  });

  it("where VoiceLive's stop to a browser is lost, the cancellation of the reply ends the barge-in time", async () => {
    const run = await load(flags("--lose-stops", "0.5"), { ...BROWSER, ...VOICELIVE });
    expect(run.exitCode, run.output).toBe(0);
    const lost = run.truth.filter(({ stopAtMs, cancelledAtMs }) => stopAtMs === null && cancelledAtMs !== null);
    expect(lost.length).toBeGreaterThan(0);
    const { errorsMs } = await verifyLoad(run);
    expect(errorsMs.barge.length).toBeGreaterThan(3);
    expect(percentile(errorsMs.barge, 90)).toBeLessThan(BOUND_MS);
  });

  it("an agent that sends no stop fails the gate, unless AGENT_STOPS=false", async () => {
    const withoutStop = flags("--stop", "none", "--sentence-gap-ms", "1300");
    const failed = await load(withoutStop, BROWSER);
    expect(failed.exitCode, failed.output).toBe(99);
    const interrupted = failed.log.turns.filter(({ bargeAtMs }) => bargeAtMs !== null);
    expect(interrupted.length).toBeGreaterThan(1);
    for (const { barge, outcome, stopAtMs } of interrupted)
      expect([barge, outcome, stopAtMs]).toEqual(["timeout", "barge_timeout", null]);
    const run = await load(withoutStop, { ...BROWSER, AGENT_STOPS: "false" });
    expect(run.exitCode, run.output).toBe(0);
    expect(countOutcomes(run.log.turns)).toEqual({ ok: run.log.turns.length });
    const { errorsMs } = await verifyLoad(run);
    expect(errorsMs.barge.length).toBeGreaterThan(2);
    expect(percentile(errorsMs.barge, 90)).toBeLessThan(BOUND_MS);
  });

  it("audio that arrives at half the playout speed causes a note in the report", async () => {
    const run = await load(flags("--sentences", "1", "--reply-ms", "2000"), { BARGE_EVERY: "0", TIME: "16s" });
    expect(run.exitCode, run.output).toBe(0);
    expect(run.output).toMatch(/note {2}callers heard gaps: half of the replies ran dry for \d+ ms or more/);
    for (const { stallMs } of run.log.turns) expect(stallMs).toBeGreaterThan(1500);
  });

  it("turns that wait for one of two servers are answered later by their waits, and every ttfb is that of the truth", async () => {
    const delays = "--silence-ms 300 --stt-ms 700 --llm-ms 300 --tts-ms 100 --reply-ms 1000".split(" ");
    const run = await load(["--servers", "2", ...delays], { USERS: "6", BARGE_EVERY: "0" });
    const waits = run.truth.map(({ queued }) => queued as { sttMs: number | null; llmMs: number | null });
    expect(waits.filter(({ sttMs }) => (sttMs ?? 0) > 100).length).toBeGreaterThan(3);
    const proof = await verifyLoad(run);
    expect([isProven(proof), proof.missingFromLog, proof.missingFromTruth]).toEqual([true, [], []]);
    expect(proof.joined).toBeGreaterThan(12);
    expect(percentile(proof.errorsMs.ttfb, 90)).toBeLessThan(BOUND_MS);
    expect(percentile(proof.errorsMs.simulator, 90)).toBeLessThan(BOUND_MS);
    const slowestMs = Math.max(...run.log.turns.map(({ ttfbMs }) => ttfbMs ?? 0));
    expect(slowestMs).toBeGreaterThan(700 + 300 + 100 + 100);
  });

  it("the report has a note when the agent runs phone calls on another pipeline", async () => {
    const run = await load(flags("--profile", "g5", ...VOICELIVE_PHONE));
    expect(run.output).toMatch(/note {2}the agent says that its phone calls run voicelive/);
  });
});
