import { describe, expect, it } from "vitest";

import { soak } from "../bench/soak.ts";
import { SLOPES } from "../bench/soak_slopes.ts";
import { SHORT_AUDIO } from "./setup.ts";

// The slopes of 25 s are noise, so the test checks only that they exist, and the violations that a run of any length
// can have.
describe("a short soak", { retry: 2 }, () => {
  it("passes, keeps pace with the clock, and has slopes of memory, pace, error and log", async () => {
    const { run, samples, simulator, slopes, violations } = await soak({
      users: 3,
      timeSec: 25,
      sampleSec: 1,
      settleSec: 6,
      // Go collects every second or two.
      settings: {
        GOGC: "20",
        SPAWN_RATE: "3",
        TURNS_PER_USER: "2",
        PCM_DIR: SHORT_AUDIO,
        PAUSE_BETWEEN_TURNS_SEC: "0.3",
      },
      print: () => {},
    });
    expect(violations, run.output).toEqual([]);
    expect(Object.keys(slopes)).toEqual(Object.keys(SLOPES));
    for (const [name, slope] of Object.entries({ ...slopes, simulator })) {
      expect(slope.points, name).toBeGreaterThan(4);
      expect(slope.mean, name).toBeGreaterThan(0);
      expect(slope.perHour, name).not.toBeNaN();
      // Go tells what its heap holds in whole MB: it may be the same after every collection.
      if (name !== "memory") expect(slope.standardError, name).toBeGreaterThan(0);
      else expect(slope.standardError).toBeGreaterThanOrEqual(0);
    }
    expect(samples.at(-1)?.logBytes).toBeGreaterThan(samples[0]?.logBytes ?? 0);
  });
});
