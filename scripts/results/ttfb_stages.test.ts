import { describe, expect, it } from "vitest";

import type { TurnLine } from "./log_lines.ts";
import { StageTimes } from "./ttfb_stages.ts";

describe("the stages of ttfb", () => {
  const turn = (ttfbMs: number, sttMs: number | null, textMs: number | null = null) =>
    ({ firstAudioAtMs: 1, outcome: "ok", sttMs, textMs, ttfbMs }) as TurnLine;
  const stagesOf = (turns: readonly TurnLine[], textLeadsAudio: boolean) => {
    const times = new StageTimes();
    for (const one of turns) times.add(one);
    return times.breakdowns(textLeadsAudio);
  };

  it("add up to the mean ttfb, over all turns and over the slowest", () => {
    const [all, slowest] = stagesOf([turn(1000, 600), turn(3000, 800)], false);
    expect(all?.stages.map(({ ms }) => ms)).toEqual([700, 1300]);
    expect(slowest).toMatchObject({ turns: 1, stages: [{ ms: 800 }, { ms: 2200 }] });
  });

  it("separate llm and tts where text precedes its audio, and are never negative", () => {
    expect(stagesOf([turn(1000, 400, 700)], true)[0]?.stages.map(({ ms }) => ms)).toEqual([400, 300, 300]);
    expect(stagesOf([turn(1000, 1200, 300)], true)[0]?.stages.map(({ ms }) => ms)).toEqual([1000, 0, 0]);
  });

  it("are empty where no turn has a user final", () => {
    expect(stagesOf([turn(1000, null)], false)).toEqual([]);
  });
});
