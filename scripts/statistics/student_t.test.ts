import { describe, expect, it } from "vitest";

import { studentQuantile, studentTail } from "./student_t.ts";

describe("the t distribution", () => {
  // From the tables of Student's distribution (E. S. Pearson and H. O. Hartley, Biometrika Tables for Statisticians, table 12).
  it.each([
    [0.05, 1, 6.314],
    [0.05, 2, 2.92],
    [0.05, 5, 2.015],
    [0.005, 5, 4.032],
    [0.0005, 10, 4.587],
    [0.025, 30, 2.042],
    [0.0005, 120, 3.373],
  ])("has a share of %d of its values, with %d degrees of freedom, above %d", (tail, df, quantile) => {
    expect(studentQuantile(tail, df)).toBeCloseTo(quantile, 3);
  });

  it("is nearly the normal one where there are very many degrees of freedom", () => {
    expect(studentQuantile(0.05, Number.POSITIVE_INFINITY)).toBeCloseTo(1.645, 2);
    expect(studentTail(3, 1e9)).toBeCloseTo(0.00135, 4);
  });

  it("has tails that are the inverse of its quantiles, between whole degrees of freedom too", () => {
    for (const df of [1, 1.5, 4.25, 37.9, 800]) {
      for (const tail of [0.5, 0.2, 0.01, 1e-6])
        expect(studentTail(studentQuantile(tail, df), df)).toBeCloseTo(tail, 9);
      expect(studentTail(-2, df) + studentTail(2, df)).toBeCloseTo(1, 12);
    }
  });
});
