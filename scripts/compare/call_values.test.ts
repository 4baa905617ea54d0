import { rm } from "node:fs/promises";

import { afterAll, describe, expect, it } from "vitest";

import { makeSyntheticRun, type SyntheticRunOptions } from "../readers/synthetic_run.ts";
import { reportFromLog } from "../results/report_from_log.ts";
import { readRunOfFolder } from "./compared_run.ts";
import { measureRun } from "./measures.ts";

const folders: string[] = [];

async function runOf(options: SyntheticRunOptions) {
  const folder = await makeSyntheticRun(options);
  folders.push(folder);
  return { folder, run: await readRunOfFolder(folder) };
}

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

describe("the values of a run", () => {
  it("are those of its report, to the last digit", async () => {
    const { folder, run } = await runOf({ turns: 237, failsEvery: 9, settings: { WARMUP_TURNS: "1" } });
    const { stats } = (await reportFromLog(folder)).run;
    const measures = measureRun(run.calls, { resamples: 1, seed: 1 });
    for (const series of ["ttfb", "barge", "turn", "greeting", "stall"]) {
      expect(measures.get(`${series} P50`)?.value, series).toBe(stats[series]?.["p(50)"]);
      expect(measures.get(`${series} P95`)?.value, series).toBe(stats[series]?.["p(95)"]);
    }
    expect(measures.get("stage/stt P95")?.value).toBe(stats["first_event{stage:stt}"]?.["p(95)"]);
    expect(measures.get("turn_success")?.value).toBe(stats.turn_success?.rate);
    expect(measures.get("connection_success")?.value).toBe(stats.connection_success?.rate);
    expect(measures.get("throttled")?.value).toBe(
      (stats.throttled_turns?.count ?? 0) / (measures.get("throttled")?.samples ?? 0),
    );
  });

  it("leave out warm-up turns and turns with a late caller", async () => {
    const late = { outcome: "generator_late", ttfbMs: 9000 } as const;
    const { run } = await runOf({
      turns: 20,
      settings: { WARMUP_TURNS: "2" },
      change: (turn) => (turn.turn === 5 ? { ...turn, ...late } : { ...turn, ttfbMs: turn.turn }),
    });
    expect(run.calls.map(({ times }) => times.ttfb)).toEqual(Array(2).fill([3, 4, 6, 7, 8, 9, 10]));
    expect(run.facts).toMatchObject({ turns: 20, lateTurns: 2, comparedTurns: 14 });
  });

  it("have the time of model and voice together, or of each where the text comes before its audio", async () => {
    const change = (turn: Parameters<NonNullable<SyntheticRunOptions["change"]>>[0]) => ({
      ...turn,
      ttfbMs: 1000,
      sttMs: turn.turn === 2 ? 1200 : 400,
      textMs: turn.turn === 3 ? null : 700,
    });
    const cascade = await runOf({ turns: 3, change });
    expect(cascade.run.calls[0]?.times).toMatchObject({ stt: [400, 1200, 400], llm_tts: [600, 0, 600] });
    const voicelive = await runOf({ turns: 3, change, settings: { PIPELINE: "voicelive" } });
    expect(voicelive.run.calls[0]?.times).toMatchObject({ llm: [300, 0], tts: [300, 0], llm_tts: [600] });
  });

  it("say how many waits ended at a deadline", async () => {
    const { run } = await runOf({
      turns: 10,
      change: (turn) => {
        if (turn.turn === 1) return { ...turn, outcome: "first_audio_timeout", firstAudioAtMs: null, ttfbMs: 5000 };
        if (turn.turn === 2) return { ...turn, outcome: "barge_timeout", barge: "timeout" };
        return turn.turn === 3 ? { ...turn, outcome: "turn_timeout" } : turn;
      },
    });
    expect(run.facts.timedOut).toEqual({ firstByte: 2, turn: 1, greeting: 0 });
  });
});
