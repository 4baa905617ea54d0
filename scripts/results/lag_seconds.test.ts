import { describe, expect, it } from "vitest";
import { makeSyntheticRun } from "../readers/synthetic_run.ts";
import { lagSeconds } from "./lag_seconds.ts";
import { reportFromLog } from "./report_from_log.ts";

describe("the seconds of a log", () => {
  it("are consecutive from the connection on, over all turns and to the end of the call", async () => {
    const { log } = await reportFromLog(await makeSyntheticRun({ turns: 2 }));
    const seconds = lagSeconds(log);
    const connectedAtMs = log.calls[0]?.connectedAtMs ?? 0;
    expect(seconds.map(({ atMs }) => (atMs - connectedAtMs) / 1000)).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(seconds.map(({ lagMs }) => lagMs)).toEqual([2, 3, 2, 2, 3, 2, 2]);
  });

  it("exclude the ramp-up where it does not count, and seconds without a tick", async () => {
    const { log } = await reportFromLog(await makeSyntheticRun({ turns: 1 }));
    const turns = log.turns.map((turn) => ({ ...turn, rampUpLagMs: [500, 500], lagMs: [3100, 4] }));
    const seconds = lagSeconds({ ...log, turns });
    const connectedAtMs = log.calls[0]?.connectedAtMs ?? 0;
    expect(seconds.map(({ atMs, lagMs }) => [(atMs - connectedAtMs) / 1000, lagMs])).toEqual([
      [2, 3100],
      [6, 4],
      [7, 2],
    ]);
  });

  it("end with the speech of their turn in a call without a call line", async () => {
    const { log } = await reportFromLog(await makeSyntheticRun({ turns: 1 }));
    const seconds = lagSeconds({ ...log, calls: [] });
    expect(seconds.map(({ atMs }) => atMs - (log.turns[0]?.eosAtMs ?? 0))).toEqual([-3000, -2000, -1000]);
  });
});
