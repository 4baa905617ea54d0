import { describe, expect, it } from "vitest";

import { openQuote, splitWords } from "./words.ts";

describe("the words of a line", () => {
  it("are what stands between blanks, with quotes and backslashes as in a shell", () => {
    expect(splitWords(`  --tag a=b  --tag 'c=d e' "--out=x \\" y" f\\ g ''`)).toEqual([
      "--tag",
      "a=b",
      "--tag",
      "c=d e",
      '--out=x " y',
      "f g",
      "",
    ]);
    expect(splitWords(" \n")).toEqual([]);
  });

  it("reach to the end of the line behind a quote that has none, which is found", () => {
    for (const [line, mark, words] of [
      [`--tag note=it'" x`, "'", ["--tag", `note=it'" x`]],
      [`a "it's b`, '"', ["a", `"it's b`]],
      [`a "b\\`, '"', ["a", `"b\\`]],
      ["a b\\", "\\", ["a", "b\\"]],
      [`a "it's" 'b"' \\" "\\""`, null, ["a", "it's", 'b"', '"', '"']],
    ] as const) {
      expect(openQuote(line)).toBe(mark);
      expect(splitWords(line)).toEqual(words);
    }
  });

  it("keep what a shell would replace", () => {
    expect(splitWords("$HOME $(id) `id` * pa$$word")).toEqual(["$HOME", "$(id)", "`id`", "*", "pa$$word"]);
  });
});
