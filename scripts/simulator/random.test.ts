import { describe, expect, it } from "vitest";

import { parseDelay, seeded } from "./random.ts";

function draws(text: string, count = 20_000): number[] {
  const random = seeded(7);
  const delay = parseDelay(text);
  return Array.from({ length: count }, () => delay?.draw(random) ?? Number.NaN).sort((a, b) => a - b);
}

const at = (sorted: readonly number[], share: number) => sorted[Math.floor(share * sorted.length)] ?? Number.NaN;

describe("a random generator", () => {
  it("gives the same numbers for the same seeds, and others for other seeds", () => {
    const first = (...seeds: number[]) => Array.from({ length: 5 }, seeded(...seeds));
    expect(first(1, 2)).toEqual(first(1, 2));
    expect(first(1, 2)).not.toEqual(first(1, 3));
    expect(first(1, 2)).not.toEqual(first(2, 2));
  });
});

describe("a delay", () => {
  it("is constant", () => {
    expect(new Set(draws("1400", 10))).toEqual(new Set([1400]));
  });

  it("is uniform between two bounds", () => {
    const sorted = draws("200..400");
    expect(at(sorted, 0)).toBeGreaterThanOrEqual(200);
    expect(sorted.at(-1)).toBeLessThanOrEqual(400);
    expect(at(sorted, 0.5)).toBeCloseTo(300, -1);
  });

  it("is lognormal with the two given percentiles", () => {
    const sorted = draws("p50:120,p95:400");
    expect(at(sorted, 0.5) / 120).toBeCloseTo(1, 1);
    expect(at(sorted, 0.95) / 400).toBeCloseTo(1, 1);
  });

  it.each(["", "fast", "-1", "400..200", "p50:400,p95:120", "p50:0,p95:1", "1..2..3"])("is not %j", (text) => {
    expect(parseDelay(text)).toBeNull();
  });
});
