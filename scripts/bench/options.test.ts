import { describe, expect, it } from "vitest";

import { askedNumber, askedNumbers, askedWords } from "./options.ts";

describe("what is asked for", () => {
  it("is read from the environment, and is the default where nothing is said", () => {
    expect(askedNumber({ SEC: "12.5" }, "SEC", 25)).toBe(12.5);
    expect(askedNumber({ SEC: "" }, "SEC", 25)).toBe(25);
    expect(askedNumbers({ CALLERS: "1 10, 50" }, "CALLERS", [2])).toEqual([1, 10, 50]);
    expect(askedWords({ PARTS: "held cpu" }, "PARTS", ["cpu", "memory", "held"])).toEqual(["cpu", "held"]);
    expect(askedWords({}, "PARTS", ["cpu", "memory"])).toEqual(["cpu", "memory"]);
  });

  it("is refused by name where it cannot be", () => {
    expect(() => askedNumber({ SEC: "soon" }, "SEC", 25)).toThrow('SEC: expected positive numbers, got "soon"');
    expect(() => askedNumbers({ CALLERS: "10 0" }, "CALLERS", [1])).toThrow(
      'CALLERS: expected positive numbers, got "10 0"',
    );
    expect(() => askedWords({ PARTS: "cpus" }, "PARTS", ["cpu"])).toThrow('PARTS: expected some of cpu, got "cpus"');
  });
});
