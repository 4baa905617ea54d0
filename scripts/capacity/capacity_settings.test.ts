import { expect, it } from "vitest";

import { readCapacitySettings } from "./capacity_settings.ts";

it("searches callers up to 200 from 10 on, in half an hour, unless it is told otherwise", () => {
  const { problems, settings } = readCapacitySettings({});
  expect(problems).toEqual([]);
  expect(settings).toMatchObject({
    of: "users",
    limits: { start: 10, max: 200, unit: 1 },
    wanted: null,
    budgetSec: 1800,
  });
});

it("begins no higher than it goes, and searches calls per second in steps of a hundredth", () => {
  expect(readCapacitySettings({ MAX_USERS: "4" }).settings.limits).toEqual({ start: 4, max: 4, unit: 1 });
  const { limits, of } = readCapacitySettings({ CAPACITY_OF: "calls_per_sec", MAX_CALLS_PER_SEC: "4" }).settings;
  expect({ of, limits }).toEqual({ of: "calls_per_sec", limits: { start: 0.5, max: 4, unit: 0.01 } });
});

it.each([
  [{ USERS: "50" }, 'USERS: expected none beside make capacity, which sets the load, got "50"; MAX_USERS says'],
  [{ TIME: "5m" }, "TIME: expected none beside make capacity"],
  [{ CAPACITY: "staging" }, "CAPACITY: expected none beside make capacity"],
  [{ MAX_USERS: "many" }, 'MAX_USERS: expected a whole number >= 1, got "many"'],
  [{ CAPACITY_BUDGET: "1" }, "CAPACITY_BUDGET: expected a duration > 0"],
  [{ MAX_USERS: "20", CAPACITY_START: "30" }, "CAPACITY_START: expected at most 20, the most that is tried, got 30"],
  [{ MAX_USERS: "20", CAPACITY_WANTED: "30" }, "CAPACITY_WANTED: expected at most 20, the most that is tried, got 30"],
])("refuses %j", (env, problem) => {
  const { problems } = readCapacitySettings(env);
  expect(problems).toHaveLength(1);
  expect(problems[0]).toContain(problem);
});
