import { expect, it } from "vitest";

import { escapeMarkdown, tableMarkdown } from "./markdown.ts";

it("escaped text is one line without formatting", () => {
  expect(escapeMarkdown("a *b* _c_ `d` [e](f) <g> #1 @h |\r\n\ri\\")).toBe(
    "a \\*b\\* \\_c\\_ \\`d\\` \\[e\\](f) \\<g\\> \\#1 \\@h \\| i\\\\",
  );
});

it("a table escapes its texts, and aligns numbers to the right", () => {
  expect(tableMarkdown(["name", "ms"], [["a|b", "1"]], ["ms"])).toBe("| name | ms |\n| --- | ---: |\n| a\\|b | 1 |");
});
