import { describe, expect, it } from "vitest";

import { staggerFraction, staggerWaitMs } from "./stagger.ts";

describe("a caller's place among the others", () => {
  it("leaves no two callers close together, however many there are", () => {
    for (const callers of [2, 10, 50, 200]) {
      const places = Array.from({ length: callers }, (_, caller) => staggerFraction(caller)).sort((a, b) => a - b);
      const gaps = places.map((place, index) => (places[index + 1] ?? (places[0] ?? 0) + 1) - place);
      expect(Math.min(...gaps)).toBeGreaterThan(0.38 / callers);
      expect(Math.max(...gaps)).toBeLessThan(2.62 / callers);
    }
  });

  it("is the same instant of every period, whenever it is asked for", () => {
    for (const nowMs of [0, 3.5, 12, 19.9, 1000.25]) {
      const wait = staggerWaitMs(0.6, 20, nowMs);
      expect((nowMs + wait) % 20).toBeCloseTo(12, 9);
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(20);
    }
  });
});
