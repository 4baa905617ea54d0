import { describe, expect, it } from "vitest";

import { makePlayout } from "./playout.ts";

describe("the playout clock", () => {
  it("plays audio one after the other, whenever it arrives", () => {
    const playout = makePlayout();
    playout.add(1000, 0, 500);
    playout.add(1000, 0, 510);
    expect(playout.endsAtMs).toBe(2500);
  });

  it("says how long it had been quiet and dry before each arrival, and where it plays", () => {
    const playout = makePlayout();
    expect(playout.add(100, 0, 500)).toEqual({
      atMs: 500,
      ms: 100,
      audibleAtMs: 500,
      leadMs: 0,
      quietMs: Number.POSITIVE_INFINITY,
      dryMs: 0,
      markMs: 0,
    });
    expect(playout.add(100, 0, 550)).toEqual({
      atMs: 550,
      ms: 100,
      audibleAtMs: 550,
      leadMs: 0,
      quietMs: 50,
      dryMs: 0,
      markMs: 100,
    });
    expect(playout.add(100, 0, 1000)).toEqual({
      atMs: 1000,
      ms: 100,
      audibleAtMs: 1000,
      leadMs: 0,
      quietMs: 450,
      dryMs: 300,
      markMs: 200,
    });
  });

  it("says when so much has been heard since a mark, gaps left out", () => {
    const playout = makePlayout();
    playout.add(600, 0, 0);
    const { markMs } = playout.add(600, 0, 2000);
    expect([600, 700, 1199, 1200].map((ms) => playout.playedAtMs(0, ms))).toEqual([
      2000,
      2100,
      2599,
      Number.POSITIVE_INFINITY,
    ]);
    expect([100, 600].map((ms) => playout.playedAtMs(markMs, ms))).toEqual([2100, Number.POSITIVE_INFINITY]);
  });

  it("drops what was not heard yet, and nothing that was", () => {
    const playout = makePlayout();
    playout.add(1000, 0, 0);
    playout.flush(400);
    expect([playout.endsAtMs, playout.playedAtMs(0, 399)]).toEqual([400, 399]);
    playout.flush(900);
    expect([playout.endsAtMs, playout.playedAtMs(0, 400)]).toEqual([400, Number.POSITIVE_INFINITY]);
  });

  it("knows when audio last arrived", () => {
    const playout = makePlayout();
    expect(playout.arrivedAtMs).toBe(Number.NEGATIVE_INFINITY);
    playout.add(1000, 0, 0);
    playout.add(10, 0, 6000);
    expect(playout.arrivedAtMs).toBe(6000);
  });
});
