import { describe, expect, it } from "vitest";

import { soak } from "../bench/soak.ts";
import { SLOPES } from "../bench/soak_slopes.ts";
import { SHORT_AUDIO } from "./setup.ts";

// Slopes of 25 s are noise; that they can be drawn, and what holds for a run of any length, is checked.
describe("a short soak", { retry: 2 }, () => {
  it("passes, keeps the pace of the clock, and draws a line through memory, pace, error and log", async () => {
    const { faults, run, samples, simulator, slopes } = await soak({
      users: 3,
      timeSec: 25,
      sampleSec: 1,
      settleSec: 6,
      settings: { SPAWN_RATE: "3", TURNS_PER_USER: "2", PCM_DIR: SHORT_AUDIO, PAUSE_BETWEEN_TURNS_SEC: "0.3" },
      print: () => {},
    });
    expect(faults, run.output).toEqual([]);
    expect(Object.keys(slopes)).toEqual(Object.keys(SLOPES));
    for (const slope of [...Object.values(slopes), simulator]) {
      expect(slope.points).toBeGreaterThan(4);
      expect(slope.mean).toBeGreaterThan(0);
      expect(slope.perHour).not.toBeNaN();
      expect(slope.standardError).toBeGreaterThan(0);
    }
    expect(samples.at(-1)?.logBytes).toBeGreaterThan(samples[0]?.logBytes ?? 0);
  });
});
