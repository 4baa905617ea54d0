import { describe, expect, it } from "vitest";

import { marginOf, marginText, readMargin } from "./margin.ts";

describe("COMPARE_MARGIN", () => {
  it.each([
    ["", { share: 0.05, ms: 50, points: 0.02 }],
    ["5%", { share: 0.05, ms: null, points: 0.02 }],
    ["100ms", { share: null, ms: 100, points: 0.02 }],
    [" 5 % , 100 ms ", { share: 0.05, ms: 100, points: 0.02 }],
    ["0.5pp", { share: 0.05, ms: 50, points: 0.005 }],
    ["0%,1pp", { share: 0, ms: null, points: 0.01 }],
  ])("%j is %j", (text, margin) => {
    expect(readMargin(text)).toEqual(margin);
    expect(readMargin(marginText(readMargin(text)))).toEqual(margin);
  });

  it.each(["5", "5s", "-5%", "5%,6%", "5%;100ms", "5%,"])("%j is refused with what would be right", (text) => {
    expect(() => readMargin(text)).toThrow(
      `COMPARE_MARGIN: expected a share of a time, a time and percentage points of a rate, each once at most, such as 5%, 100ms or 5%,50ms,2pp, got ${JSON.stringify(text)}`,
    );
  });

  it("is the larger one of a share of the base and a time, and of a rate its points", () => {
    const margin = readMargin("5%,100ms,2pp");
    expect([1000, 3000].map((base) => marginOf(margin, base, "ms"))).toEqual([100, 150]);
    expect(marginOf(margin, 0.99, "share")).toBe(0.02);
  });
});
