import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { makeSyntheticRun } from "../readers/synthetic_run.ts";
import type { TurnLine } from "../results/log_lines.ts";
import { readLog } from "../results/run_folder.ts";
import { loadLag, loadTurns, readLoadLog } from "./load_log.ts";

const AT_MS = 1e12;

/** Consecutive seconds of one call, from `AT_MS` on. */
const secondsOf = (lags: readonly number[]) => lags.map((lagMs, at) => ({ atMs: AT_MS + at * 1000, lagMs }));

describe("the lag of a load", () => {
  it("is that of the steady seconds and of the end apart; what was before counts for neither", () => {
    const seconds = secondsOf([900, 1, 2, 3, 50, 60]);
    expect(loadLag(seconds, { steadyFromMs: AT_MS + 500, timeUpAtMs: AT_MS + 4000 })).toEqual({
      steadyP50Ms: 2,
      steadyP99Ms: 2.98,
      steadyMaxMs: 3,
      endP99Ms: 59.9,
    });
  });

  it("counts a second in which the time was up to the end", () => {
    const lag = loadLag(secondsOf([1, 2, 70]), { steadyFromMs: AT_MS, timeUpAtMs: AT_MS + 2999 });
    expect([lag.steadyMaxMs, lag.endP99Ms]).toEqual([2, 70]);
  });

  it("is unknown where there are no such seconds", () => {
    expect(loadLag([], { steadyFromMs: AT_MS, timeUpAtMs: AT_MS })).toEqual({
      steadyP50Ms: null,
      steadyP99Ms: null,
      steadyMaxMs: null,
      endP99Ms: null,
    });
  });
});

describe("the turns of a load", () => {
  it("are counted without those of the ramp-up; late ones that lasted until the time was up are of the end", async () => {
    const [turn] = (await readLog(await makeSyntheticRun({ turns: 1 }))).turns;
    if (turn === undefined) throw new Error("expected a turn");
    const eosAtMs = turn.eosAtMs ?? 0;
    const late = { ...turn, outcome: "generator_late" } as const;
    const unfinished: TurnLine = { ...late, turnMs: null, firstAudioAtMs: null, stopAtMs: null };
    const turns = [turn, late, unfinished, { ...late, rampUpLagMs: [4] }];
    expect(loadTurns(turns, eosAtMs + 1)).toEqual({ all: 3, late: 2, lateAtEnd: 1 });
    expect(loadTurns(turns, eosAtMs - 1)).toEqual({ all: 3, late: 2, lateAtEnd: 2 });
  });
});

describe("the log of a load", () => {
  it("has its start in the run line, its seconds in the lines of turns and calls", async () => {
    const folder = await makeSyntheticRun({ turns: 2 });
    const path = join(folder, "log.jsonl");
    const connectedAtMs = (await readLog(folder)).calls[0]?.connectedAtMs ?? 0;
    const run = { type: "run", startedAt: new Date(connectedAtMs - 1000).toISOString() };
    await writeFile(path, `${JSON.stringify(run)}\n${await readFile(path, "utf8")}`);
    const { lag, turns } = await readLoadLog(folder, { steadyFromMs: connectedAtMs, timeSec: 6 });
    // Seven seconds, whose lags are 2, 3, 2, 2, 3, 2 and 2 ms; the time is up after the fifth.
    expect(lag).toEqual({ steadyP50Ms: 2, steadyP99Ms: 3, steadyMaxMs: 3, endP99Ms: 2 });
    expect(turns).toEqual({ all: 2, late: 0, lateAtEnd: 0 });
  });

  it("may be that of the bare loop, whose calls have no turns", async () => {
    const folder = await makeSyntheticRun({ turns: 0 });
    const call = { type: "call", vu: 1, call: "1", dialAtMs: AT_MS, connectedAtMs: AT_MS, closedAtMs: AT_MS + 4020 };
    const lines = [
      { type: "run", startedAt: new Date(AT_MS).toISOString() },
      { ...call, closedBy: "caller", outcome: "ok", lagMs: [9, 1, 2, 30] },
    ];
    await writeFile(join(folder, "log.jsonl"), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
    const { lag, turns } = await readLoadLog(folder, { steadyFromMs: AT_MS + 1000, timeSec: 3 });
    expect([lag.steadyP50Ms, lag.steadyMaxMs, lag.endP99Ms]).toEqual([1.5, 2, 30]);
    expect(turns.all).toBe(0);
  });
});
