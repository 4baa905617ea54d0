import { describe, expect, it } from "vitest";

import { numberOption, numbersOption, textsOption, wordsOption } from "./options.ts";

describe("an option", () => {
  it("is read from the environment, and has its default where the variable is unset or empty", () => {
    expect(numberOption({ SEC: "12.5" }, "SEC", 25)).toBe(12.5);
    expect(numberOption({ SEC: "" }, "SEC", 25)).toBe(25);
    expect(numbersOption({ CALLERS: "1 10, 50" }, "CALLERS", [2])).toEqual([1, 10, 50]);
    expect(wordsOption({ PARTS: "held cpu" }, "PARTS", ["cpu", "memory", "held"])).toEqual(["cpu", "held"]);
    expect(wordsOption({}, "PARTS", ["cpu", "memory"])).toEqual(["cpu", "memory"]);
    expect(textsOption({ GOGC_VALUES: "100, off" }, "GOGC_VALUES", ["400"])).toEqual(["100", "off"]);
    expect(textsOption({}, "GOGC_VALUES", ["400"])).toEqual(["400"]);
  });

  it("is rejected with its name where the value is wrong", () => {
    expect(() => numberOption({ SEC: "soon" }, "SEC", 25)).toThrow('SEC: expected positive numbers, got "soon"');
    expect(() => numbersOption({ CALLERS: "10 0" }, "CALLERS", [1])).toThrow(
      'CALLERS: expected positive numbers, got "10 0"',
    );
    expect(() => wordsOption({ PARTS: "cpus" }, "PARTS", ["cpu"])).toThrow('PARTS: expected some of cpu, got "cpus"');
  });
});
