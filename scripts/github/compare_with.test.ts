import { describe, expect, it } from "vitest";

import { readCompareWith } from "./compare_with.ts";

describe("compare_with", () => {
  it.each([
    ["123", [{ runId: "123" }]],
    ["main", [{ branch: "main", count: 1 }]],
    ["main:3", [{ branch: "main", count: 3 }]],
    ["release/1.2, 7  8,", [{ branch: "release/1.2", count: 1 }, { runId: "7" }, { runId: "8" }]],
    ["renovate/@types/node_20.x+1#2=3", [{ branch: "renovate/@types/node_20.x+1#2=3", count: 1 }]],
    ["0123", [{ branch: "0123", count: 1 }]],
  ])("takes %j", (text, bases) => {
    expect(readCompareWith(text)).toEqual(bases);
  });

  it.each([
    "",
    " ",
    "main:0",
    "main:10",
    "main:",
    "-n",
    "/main",
    ".",
    "main\n7",
    "main\t7",
    "a;b",
    "$(a)",
    "`a`",
    "a'b",
  ])("refuses %j", (text) => {
    expect(() => readCompareWith(text)).toThrow(
      `compare_with: expected ids of runs or names of branches, such as main, main:3 or "123 456", got ${JSON.stringify(text)}`,
    );
  });
});
