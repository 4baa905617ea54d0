import { describe, expect, it } from "vitest";

import { readSettings } from "../settings/read_settings.ts";
import { acs } from "../wire/acs.ts";
import { rulesFromSettings } from "./rules_from_settings.ts";

const TIME_ENDS_AT_MS = 100_000;

const UTTERANCES = { frames: [50], wordless: [], conversations: () => ["a"] };

/** The rules of a caller in a test of 60 s with 50 callers, all of whom have started after 10 s. */
function rules(index: number, env: Record<string, string> = {}) {
  const { settings } = readSettings({ TIME: "60s", USERS: "50", SPAWN_RATE: "5", ...env });
  const input = { settings, transport: acs, utterances: UTTERANCES, timeEndsAtMs: TIME_ENDS_AT_MS };
  return rulesFromSettings({ ...input, index });
}

describe("the rules of a caller", () => {
  it("let all callers leave within the span after TIME, the first when TIME is over, no two within 7 ms", () => {
    const leave = Array.from({ length: 50 }, (_, index) => rules(index).timeUpAtMs - TIME_ENDS_AT_MS);
    expect(leave[0]).toBe(0);
    const ordered = [...leave].sort((a, b) => a - b);
    expect(ordered.at(-1)).toBeLessThan(1000);
    expect(ordered.at(-1)).toBeGreaterThan(950);
    const gaps = ordered.slice(1).map((atMs, index) => atMs - (ordered[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThan(7);
  });

  it("end the ramp-up at the same instant for every caller, whenever it leaves", () => {
    const ends = [0, 1, 2, 49].map((index) => rules(index, { RAMP_UP_COUNTS: "false" }).healthFromMs);
    expect(ends).toEqual([50_000, 50_000, 50_000, 50_000]);
  });
});
