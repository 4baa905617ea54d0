import { describe, expect, it } from "vitest";

import { splitWords } from "./words.ts";

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

  it("keep what a shell would replace", () => {
    expect(splitWords("$HOME $(id) `id` * pa$$word")).toEqual(["$HOME", "$(id)", "`id`", "*", "pa$$word"]);
  });
});
