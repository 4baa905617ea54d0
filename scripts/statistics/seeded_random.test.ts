import { expect, test } from "vitest";

import { seededRandom } from "./seeded_random.ts";

const COUNT = 100_000;

const drawn = (seed: number) => {
  const random = seededRandom(seed);
  return Array.from({ length: COUNT }, random);
};

test("the same seed gives the same numbers, another one others, also where it needs more than 32 bits", () => {
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
  expect(drawn(1)).not.toEqual(drawn(1 + 2 ** 32));
});

test.each([0, 1, 2, 12345])("numbers from seed %d fill [0, 1) evenly, and none tells the next one", (seed) => {
  const numbers = drawn(seed);
  const counts = new Array(100).fill(0);
  for (const [at, number] of numbers.slice(1).entries())
    counts[Math.floor(10 * number) * 10 + Math.floor(10 * (numbers[at] ?? 0))] += 1;
  // The 99.99 % quantile of chi-square with 99 degrees of freedom is 161.
  const expected = (COUNT - 1) / 100;
  expect(counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)).toBeLessThan(161);
  expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...numbers)).toBeLessThan(1);
});
