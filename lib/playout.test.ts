import { describe, expect, it } from "vitest";

import { Playout } from "./playout.ts";

describe("the playout clock", () => {
  it("plays audio one after the other, whenever it arrives", () => {
    const playout = new Playout();
    playout.add(1000, 500);
    playout.add(1000, 510);
    expect(playout.endsAtMs).toBe(2500);
    expect([500, 1500, 2500, 9000].map((ms) => playout.remainingMs(ms))).toEqual([2000, 1000, 0, 0]);
  });

  it("says how long it had been quiet and dry before each arrival, and where it plays", () => {
    const playout = new Playout();
    expect(playout.add(100, 500)).toEqual({
      atMs: 500,
      ms: 100,
      quietMs: Number.POSITIVE_INFINITY,
      dryMs: 0,
      markMs: 0,
    });
    expect(playout.add(100, 550)).toEqual({ atMs: 550, ms: 100, quietMs: 50, dryMs: 0, markMs: 100 });
    expect(playout.add(100, 1000)).toEqual({ atMs: 1000, ms: 100, quietMs: 450, dryMs: 300, markMs: 200 });
  });

  it("counts what has been heard since a mark, gaps left out", () => {
    const playout = new Playout();
    playout.add(600, 0);
    const { markMs } = playout.add(600, 2000);
    expect([2000, 2100, 2600, 9000].map((ms) => playout.playedSinceMs(0, ms))).toEqual([600, 700, 1200, 1200]);
    expect([2000, 2100, 2600].map((ms) => playout.playedSinceMs(markMs, ms))).toEqual([0, 100, 600]);
  });

  it("drops what was not heard yet, and nothing that was", () => {
    const playout = new Playout();
    playout.add(1000, 0);
    playout.flush(400);
    expect([playout.endsAtMs, playout.remainingMs(400), playout.playedSinceMs(0, 400)]).toEqual([400, 0, 400]);
    playout.flush(900);
    expect([playout.endsAtMs, playout.playedSinceMs(0, 900)]).toEqual([400, 400]);
  });

  it("is quiet when nothing plays and nothing has come for so long", () => {
    const playout = new Playout();
    expect(playout.isQuiet(400, 0)).toBe(true);
    playout.add(1000, 0);
    expect([399, 900, 1000, 5000].map((ms) => playout.isQuiet(400, ms))).toEqual([false, false, true, true]);
    playout.add(10, 6000);
    expect([6100, 6400].map((ms) => playout.isQuiet(400, ms))).toEqual([false, true]);
  });
});
