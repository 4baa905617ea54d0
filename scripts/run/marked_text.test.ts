import { describe, expect, it } from "vitest";

import { replaceBetween } from "./marked_text.ts";

describe("the text between two markers", () => {
  it("is replaced, and the text around them stays", () => {
    expect(replaceBetween("a\n<b>\nold\n<e>\nz\n", "<b>", "<e>", "new")).toBe("a\n<b>\nnew\n<e>\nz\n");
  });

  it.each(["a", "<b> a", "<e> <b>"])("must have both of them: not in '%s'", (document) => {
    expect(() => replaceBetween(document, "<b>", "<e>", "new")).toThrow("expected <b> and <e>");
  });
});
