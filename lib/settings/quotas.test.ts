import { describe, expect, it } from "vitest";
import type { ScenarioName } from "../wire/wires.ts";
import { quotaRemarks } from "./quotas.ts";
import { readSettings } from "./read_settings.ts";

const remarks = (env: Record<string, string>, scenario: ScenarioName = "acs_media") =>
  quotaRemarks(readSettings(env).settings, scenario);

describe("the default quotas of Azure", () => {
  it("are not exceeded by the default settings", () => {
    expect(remarks({})).toEqual([]);
    expect(remarks({ PIPELINE: "voicelive" })).toEqual([]);
  });

  it("are exceeded by more than 100 callers of a cascade", () => {
    expect(remarks({ CAPACITY: "staging" })).toEqual([]);
    expect(remarks({ CAPACITY: "production" })).toEqual([
      expect.stringMatching(/^USERS=500 is above the default quota of Azure Speech, 100 recognitions/),
    ]);
  });

  it("are those of Voice Live behind its own API, and of nobody on wires of others", () => {
    const load = { CAPACITY: "production" };
    expect(remarks(load, "twilio_media")).toEqual([]);
    expect(remarks(load, "openai_realtime")).toEqual([]);
    expect(remarks({ ...load, REALTIME_API: "voice_live" }, "openai_realtime")).toEqual([
      expect.stringMatching(/the default quota of VoiceLive is 30/),
    ]);
  });

  it("are exceeded by more than 30 new VoiceLive calls in a minute, in the closed and in the open model", () => {
    expect(remarks({ PIPELINE: "voicelive", CAPACITY: "staging" })).toEqual([
      expect.stringMatching(/^the load starts 100 calls in a minute; the default quota of VoiceLive is 30/),
    ]);
    expect(remarks({ PIPELINE: "voicelive", USERS: "100", SPAWN_RATE: "0.5", TIME: "5m" })).toEqual([]);
    expect(remarks({ PIPELINE: "voicelive", CALLS_PER_SEC: "0.6" })).toEqual([
      expect.stringMatching(/^the load starts 36 calls/),
    ]);
  });
});
