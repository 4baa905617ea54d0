import { describe, expect, it } from "vitest";

import { readCapacitySettings, searchLimits } from "./capacity_settings.ts";

const problems = (env: Record<string, string>) => readCapacitySettings(env).problems;
const limits = (env: Record<string, string>) => searchLimits(readCapacitySettings(env).settings);

describe("the settings of a search", () => {
  it("have defaults for callers", () => {
    expect(problems({})).toEqual([]);
    expect(readCapacitySettings({}).settings).toMatchObject({
      CAPACITY_OF: "users",
      MAX_USERS: 200,
      CAPACITY_BUDGET: 1800,
    });
  });

  it.each([
    ["USERS", "50", "USERS: expected MAX_USERS, the most callers to try"],
    ["TIME", "5m", "TIME: expected CAPACITY_BUDGET, the time for the whole search"],
    ["CAPACITY", "staging", "CAPACITY: expected MAX_USERS and CAPACITY_BUDGET"],
    ["CALLS_PER_SEC", "2", "CALLS_PER_SEC: expected CAPACITY_OF=calls_per_sec and MAX_CALLS_PER_SEC"],
    ["MAX_CALLS_PER_SEC", "2", "MAX_CALLS_PER_SEC: expected CAPACITY_OF=calls_per_sec beside it"],
    ["CAPACITY_START", "300", "CAPACITY_START: expected at most MAX_USERS = 200, got 300"],
    ["CAPACITY_WANTED", "300", "CAPACITY_WANTED: expected at most MAX_USERS = 200, got 300"],
    ["CAPACITY_WANTED", "1.5", "CAPACITY_WANTED: expected whole callers, got 1.5"],
    ["CAPACITY_BUDGET", "soon", "CAPACITY_BUDGET: expected a duration > 0"],
    ["MAX_USER", "50", "MAX_USER is not a setting; did you mean MAX_USERS?"],
    ["SETTLE_SECS", "50", "SETTLE_SECS is not a setting; did you mean SETTLE_SEC?"],
  ])("refuse %s=%s in words that say what to use", (name, value, text) => {
    expect(problems({ [name]: value }).join("\n")).toContain(text);
  });

  it("want the largest rate and the length of a call for an open load, and take USERS then", () => {
    expect(problems({ CAPACITY_OF: "calls_per_sec", MAX_USERS: "9" })).toEqual([
      expect.stringContaining("MAX_USERS: expected MAX_CALLS_PER_SEC"),
      expect.stringContaining("MAX_CALLS_PER_SEC: expected the most calls per second"),
      expect.stringContaining("TURNS_PER_USER: expected the turns of one call"),
    ]);
    const open = { CAPACITY_OF: "calls_per_sec", MAX_CALLS_PER_SEC: "2", TURNS_PER_USER: "5", USERS: "100" };
    expect(problems(open)).toEqual([]);
  });
});

describe("the bounds of a search", () => {
  it("begin at an eighth of the most, at what is wanted, or where it is said", () => {
    expect(limits({})).toEqual({ max: 200, unit: 1, start: 25 });
    expect(limits({ CAPACITY_WANTED: "80" }).start).toBe(80);
    expect(limits({ CAPACITY_WANTED: "80", CAPACITY_START: "10" }).start).toBe(10);
    expect(limits({ MAX_USERS: "3" }).start).toBe(1);
  });

  it("are in thousandths for calls per second", () => {
    const open = { CAPACITY_OF: "calls_per_sec", TURNS_PER_USER: "5" };
    expect(limits({ ...open, MAX_CALLS_PER_SEC: "2" })).toEqual({ max: 2, unit: 0.001, start: 0.25 });
    expect(limits({ ...open, MAX_CALLS_PER_SEC: "0.5" })).toEqual({ max: 0.5, unit: 0.0001, start: 0.0625 });
  });
});
