import { describe, expect, it } from "vitest";
import { readPlan, runOptions } from "./plan.ts";
import { readSettings } from "./read_settings.ts";

const NO_TIERS = { target: {}, acceptable: {}, alert: {} };

describe("the options of a run", () => {
  const cloudOf = (zones: string) => runOptions(readSettings({ LOAD_ZONES: zones }).settings, NO_TIERS, [50]).cloud;

  it("distribute the load evenly over the load zones, in whole percent that add up to 100", () => {
    expect(cloudOf("amazon:us:ashburn")).toEqual({
      distribution: { "zone 1": { loadZone: "amazon:us:ashburn", percent: 100 } },
    });
    const { distribution } = cloudOf("a:b:c,d:e:f,g:h:i") as { distribution: Record<string, { percent: number }> };
    expect(Object.values(distribution).map(({ percent }) => percent)).toEqual([33, 34, 33]);
  });

  it("have no cloud options without LOAD_ZONES", () => {
    expect(cloudOf("")).toBeUndefined();
  });
});

describe("the plan of a run", () => {
  it("has a remark when the load exceeds a default quota", () => {
    expect(readPlan("acs_media", { CAPACITY: "production" }, null).remarks).toEqual([
      expect.stringMatching(/^USERS=500 is above the default quota of Azure Speech/),
    ]);
  });
});
