import { describe, expect, it } from "vitest";

import { readSettings } from "./read_settings.ts";
import { leaveSpanSec, makeWorkload } from "./workload.ts";

const load = (env: Record<string, string>) =>
  makeWorkload(readSettings(env).settings, 4) as { callers: Record<string, unknown> };

describe("the load", () => {
  it("is USERS callers, SPAWN_RATE more each second, constant until TIME", () => {
    expect(load({ USERS: "15", SPAWN_RATE: "2", TIME: "90s" })).toEqual({
      callers: {
        executor: "ramping-vus",
        startVUs: 0,
        stages: [
          { duration: "7500ms", target: 15 },
          { duration: "82500ms", target: 15 },
        ],
        gracefulStop: "65s",
      },
    });
  });

  it("lets the last caller to leave finish its turn, or a handshake that takes as long as k6 allows, whichever is longer", () => {
    const stop = (env: Record<string, string>) => load(env).callers.gracefulStop;
    expect(stop({ USERS: "100", FIRST_BYTE_TIMEOUT_SEC: "10", TURN_TIMEOUT_SEC: "70" })).toBe(
      `${2 + 4 + 10 + 70 + 5}s`,
    );
    expect(stop({ FIRST_BYTE_TIMEOUT_SEC: "1", TURN_TIMEOUT_SEC: "1", GREETING_TIMEOUT_SEC: "30" })).toBe(`${60 + 5}s`);
  });

  it("takes 20 ms per caller to end, however calls are started, and 10 s at most", () => {
    const span = (env: Record<string, string>) => leaveSpanSec(readSettings(env).settings);
    expect(span({ USERS: "1" })).toBe(0.02);
    expect(span({ USERS: "50" })).toBe(1);
    expect(span({ USERS: "50", CALLS_PER_SEC: "2" })).toBe(1);
    expect(span({ USERS: "500" })).toBe(10);
    expect(span({ USERS: "9000" })).toBe(10);
  });

  it("is CALLS_PER_SEC new calls in the open model, fractions of a call per second included", () => {
    expect(load({ CALLS_PER_SEC: "0.5", USERS: "9", TIME: "10s" }).callers).toMatchObject({
      executor: "ramping-arrival-rate",
      startRate: 1,
      timeUnit: "2s",
      preAllocatedVUs: 9,
      maxVUs: 9,
      stages: [
        { duration: "0ms", target: 1 },
        { duration: "10000ms", target: 1 },
      ],
    });
  });

  it.each([
    ["0.025", 1, "40s"],
    ["0.333", 333, "1000s"],
    ["0.000001", 1, "1000000s"],
    ["12.5", 25, "2s"],
    ["3", 3, "1s"],
  ])("makes %s calls per second exactly: %d in %s", (CALLS_PER_SEC, startRate, timeUnit) => {
    expect(load({ CALLS_PER_SEC, TIME: "300h" }).callers).toMatchObject({ startRate, timeUnit });
  });

  it("ramps up to CALLS_PER_SEC within CALLS_RAMP_SEC", () => {
    expect(load({ CALLS_PER_SEC: "2", CALLS_RAMP_SEC: "6", TIME: "10s" }).callers).toMatchObject({
      startRate: 0,
      stages: [
        { duration: "6000ms", target: 2 },
        { duration: "4000ms", target: 2 },
      ],
    });
  });
});
