import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { isoClock } from "./isoclock.ts";

describe("a time stamp", () => {
  it("is what a Date would say, whatever came before it", () => {
    const instant = fc.double({ min: 0, max: 4_102_444_800_000, noNaN: true });
    const step = fc.oneof(fc.double({ min: -3000, max: 3000, noNaN: true }), fc.integer({ min: -20, max: 20 }));
    fc.assert(
      fc.property(instant, fc.array(step, { maxLength: 40 }), (from, steps) => {
        const stamp = isoClock();
        let atMs = from;
        for (const ms of steps) {
          atMs = Math.max(0, atMs + ms);
          expect(stamp(atMs)).toBe(new Date(atMs).toISOString());
        }
      }),
    );
  });
});
