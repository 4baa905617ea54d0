import { expect, test } from "vitest";

import { varianceBetween, varianceOf } from "./random_effects.ts";

test("runs that differ no more than their calls explain have no variance between them", () => {
  expect(varianceBetween([100, 110, 90], [100, 100, 100])).toBe(0);
  expect(varianceBetween([100], [25])).toBe(0);
});

test("what runs differ by beyond that is the variance between them", () => {
  expect(varianceOf([100, 130, 70])).toBe(900);
  expect(varianceBetween([100, 130, 70], [50, 100, 150])).toBe(800);
});
