import { describe, expect, it } from "vitest";

import { percentile } from "../../lib/report/stats.ts";
import { reportFromLog } from "../results/report_from_log.ts";
import { countOutcomes, type Load, load, loadOnce, repeatWhileInvalid, verifyLoad } from "./load.ts";

/** The largest P99 of the errors at 10 callers, in ms. */
const BOUND_MS = 10;

/** The load of both tests. */
const CALLERS = { USERS: "10", SPAWN_RATE: "20", TIME: "30s" };

async function expectAccurate(load: Load): Promise<void> {
  const proof = await verifyLoad(load);
  expect(proof.missingFromTruth).toEqual([]);
  expect(proof.missingFromLog).toEqual([]);
  expect(proof.joined).toBeGreaterThanOrEqual(50);
  expect(percentile(proof.errorsMs.ttfb, 99)).toBeLessThanOrEqual(BOUND_MS);
  if (proof.errorsMs.barge.length > 0) expect(percentile(proof.errorsMs.barge, 99)).toBeLessThanOrEqual(BOUND_MS);
}

// Retried once, because another process that takes the CPU for 10 ms between two frames changes a P99.
describe.concurrent("the times that callers measure are those of the truth", { retry: 1 }, () => {
  it("with constant delays of 600 ms in all, an error code in every session id, and the same report from the log", async () => {
    const flags = ["--silence-ms", "300", "--stt-ms", "300", "--llm-ms", "200", "--tts-ms", "100", "--barge-ms", "300"];
    // A run in which the machine was late around a turn is repeated, though up to one turn of a hundred is no failure.
    const run = await repeatWhileInvalid(
      () => loadOnce(flags, { ...CALLERS, SESSION_PREFIX: "end-429-" }),
      ({ summary }) => (summary.generator.lateTurns > 0 ? "INVALID" : summary.verdict),
    );
    await expectAccurate(run);
    expect(run.exitCode, run.output).toBe(0);
    expect(run.summary.verdict).toBe("PASS");
    expect(countOutcomes(run.log.turns)).toEqual({ ok: run.log.turns.length });
    expect(run.output).toContain(
      "RATE LIMIT SUMMARY\n============================================================\n  none seen",
    );
    expect(run.summary.metrics.rate_limit?.count).toBe(0);
    expect(run.log.calls.every(({ call }) => call.startsWith("end-429-"))).toBe(true);
    await expectSameReport(run);
  });

  it("with lognormal delays, three sentences with gaps between them, and a tool call", async () => {
    const delays = [
      "--silence-ms",
      "300",
      "--stt-ms",
      "p50:400,p95:900",
      "--llm-ms",
      "p50:200,p95:600",
      "--tts-ms",
      "50..150",
    ];
    const reply = [
      "--reply-ms",
      "3000",
      "--sentences",
      "3",
      "--sentence-gap-ms",
      "600",
      "--tool-ms",
      "800",
      "--barge-ms",
      "300",
    ];
    const run = await load([...delays, ...reply], { ...CALLERS, BARGE_EVERY: "2" });
    await expectAccurate(run);
    const uninterrupted = run.log.turns.filter(({ barge, outcome }) => barge === null && outcome === "ok");
    expect(uninterrupted.length).toBeGreaterThan(10);
    for (const { stallMs } of uninterrupted) expect(stallMs).toBeGreaterThan(0);
  });
});

/** Expects the report from the log to have the numbers of k6; the log has them to a microsecond. */
async function expectSameReport({ folder, summary }: Load): Promise<void> {
  const { stats } = (await reportFromLog(folder)).run;
  const names = {
    avg: "avg",
    min: "min",
    max: "max",
    p50: "p(50)",
    p95: "p(95)",
    p99: "p(99)",
    count: "count",
    rate: "rate",
  };
  const series = Object.keys(summary.metrics).filter((name) => stats[name] !== undefined);
  expect(series.length).toBeGreaterThan(20);
  for (const name of series) {
    for (const [inSummary, inStats] of Object.entries(names)) {
      const value = summary.metrics[name]?.[inSummary];
      if (typeof value === "number") expect(stats[name]?.[inStats], `${name} ${inSummary}`).toBeCloseTo(value, 2);
    }
  }
}
