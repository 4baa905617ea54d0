import { describe, expect, it } from "vitest";

import { longerThan, refused } from "./machine_repair.ts";
import { runVirtualLoad, thinkMs, type VirtualAgent } from "./virtual_calls.ts";

describe("callers who share servers", () => {
  it("wait as two callers of one server do, by hand", () => {
    // The other caller is in service with probability r / (1 + r); then one's own time is that of two services.
    const [serviceMs, limitMs] = [1000, 2500];
    const busy = 0.25 / 1.25;
    const tail = Math.exp(-limitMs / serviceMs);
    const expected = (1 - busy) * tail + busy * tail * (1 + limitMs / serviceMs);
    expect(longerThan(limitMs, { callers: 2, servers: 1, serviceMs, thinkMs: 4000 })).toBeCloseTo(expected, 6);
  });

  it("do not wait where there is a server for each", () => {
    expect(longerThan(1000, { callers: 5, servers: 5, serviceMs: 500, thinkMs: 100 })).toBeCloseTo(Math.exp(-2), 9);
    expect(refused({ callers: 5, servers: 5, serviceMs: 500, thinkMs: 100 })).toBe(0);
  });

  it("are refused as Erlang has it where there are very many", () => {
    // Erlang B: 5 servers and an offered load of 3 refuse 11.0054 %.
    expect(refused({ callers: 100_000, servers: 5, serviceMs: 300, thinkMs: 1e7 })).toBeCloseTo(0.110054, 4);
  });

  it("do in virtual time what the formulas say", () => {
    const service = { draw: (random: () => number) => -300 * Math.log(1 - random()) };
    const agent: VirtualAgent = {
      servers: 6,
      whenBusy: "queue",
      sttMs: 500,
      llmMs: service,
      ttsMs: 150,
      slowness: () => 1,
    };
    const share = (whenBusy: "queue" | "throttle", isBad: (ttfbMs: number | null) => boolean) => {
      let [turns, bad] = [0, 0];
      runVirtualLoad(
        { ...agent, whenBusy },
        { users: 75, spawnRate: 6, timeSec: 3000, turnsPerCall: 60, seed: 1 },
        {
          turn({ speechStartAtMs, ttfbMs }) {
            if ((speechStartAtMs ?? 0) < 60_000) return;
            turns += 1;
            if (isBad(ttfbMs)) bad += 1;
          },
          call() {},
        },
      );
      return bad / turns;
    };
    const shared = { callers: 75, servers: 6, serviceMs: 300, thinkMs: thinkMs(agent) };
    expect(share("queue", (ttfbMs) => (ttfbMs ?? 0) > 1500)).toBeCloseTo(longerThan(850, shared), 2);
    expect(share("throttle", (ttfbMs) => ttfbMs === null)).toBeCloseTo(refused(shared), 2);
  });
});
