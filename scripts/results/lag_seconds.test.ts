import { describe, expect, it } from "vitest";
import { makeSyntheticRun } from "../readers/synthetic_run.ts";
import { type LagSecond, LagSeconds, WorstLags } from "./lag_seconds.ts";
import type { CallLine, TurnLine } from "./log_lines.ts";
import { readLog } from "./run_folder.ts";

/** The seconds of a log in which the calls come after all turns. */
function secondsOf(turns: readonly TurnLine[], calls: readonly CallLine[]): LagSecond[] {
  const seconds: LagSecond[] = [];
  const dating = new LagSeconds((second) => seconds.push(second));
  for (const turn of turns) dating.turn(turn);
  for (const call of calls) dating.call(call);
  dating.end();
  return seconds;
}

describe("the seconds of a log", () => {
  it("are consecutive from the connection on, over all turns and to the end of the call", async () => {
    const { calls, turns } = await readLog(await makeSyntheticRun({ turns: 2 }));
    const connectedAtMs = calls[0]?.connectedAtMs ?? 0;
    for (const order of [turns, [...turns].reverse()]) {
      const seconds = secondsOf(order, calls);
      expect(seconds.map(({ atMs }) => (atMs - connectedAtMs) / 1000)).toEqual([0, 1, 2, 3, 4, 5, 6]);
      expect(seconds.map(({ lagMs }) => lagMs)).toEqual([2, 3, 2, 2, 3, 2, 2]);
    }
  });

  it("exclude the ramp-up where it does not count, and seconds without a tick", async () => {
    const { calls, turns } = await readLog(await makeSyntheticRun({ turns: 1 }));
    const late = turns.map((turn) => ({ ...turn, rampUpLagMs: [500, 500], lagMs: [3100, 4] }));
    const connectedAtMs = calls[0]?.connectedAtMs ?? 0;
    expect(secondsOf(late, calls).map(({ atMs, lagMs }) => [(atMs - connectedAtMs) / 1000, lagMs])).toEqual([
      [2, 3100],
      [6, 4],
      [7, 2],
    ]);
  });

  it("end with the speech of their turn in a call without a call line", async () => {
    const { turns } = await readLog(await makeSyntheticRun({ turns: 1 }));
    const beforeEos = secondsOf(turns, []).map(({ atMs }) => atMs - (turns[0]?.eosAtMs ?? 0));
    expect(beforeEos).toEqual([-3000, -2000, -1000]);
  });
});

describe("the worst lags", () => {
  it("have the highest lag of any call in each second of the clock", () => {
    const worst = new WorstLags();
    for (const [atMs, lagMs] of [
      [2100, 5],
      [1000, 3],
      [2900, 9],
      [2000, 1],
    ] as const)
      worst.add({ atMs, lagMs });
    expect(worst.all()).toEqual([
      { atMs: 1000, lagMs: 3 },
      { atMs: 2900, lagMs: 9 },
    ]);
  });
});
