import { describe, expect, it } from "vitest";

import { percentile } from "../../lib/report/stats.ts";
import { countOutcomes, verifyLoad } from "./load.ts";
import { BOUND_MS, ROWS, runRow } from "./matrix.ts";

describe.concurrent("calls complete and errors are within the bound", () => {
  it.each(ROWS)("on $scenario with $agent", async (row) => {
    const run = await runRow(row, { TIME: "15s" });
    expect(run.exitCode, run.output).toBe(0);
    expect(countOutcomes(run.log.turns)).toEqual({ ok: run.log.turns.length });
    expect(run.log.calls.map(({ outcome }) => outcome)).toEqual(run.log.calls.map(() => "ok"));
    const { missingFromTruth, missingFromLog, split, errorsMs } = await verifyLoad(run);
    expect([missingFromTruth, missingFromLog, split]).toEqual([[], [], 0]);
    for (const errors of [errorsMs.ttfb, errorsMs.barge]) {
      expect(errors.length).toBeGreaterThan(3);
      expect(percentile(errors, 50)).toBeLessThanOrEqual(BOUND_MS);
    }
  });
});
