import { afterEach, describe, expect, it, vi } from "vitest";

import { annotate } from "./workflow_output.ts";

describe("an annotation", () => {
  afterEach(() => vi.restoreAllMocks());

  it("is one line, in which no other command can begin", () => {
    const print = vi.spyOn(console, "log").mockImplementation(() => {});
    annotate("warning", "100 %\r\n::error::no");
    expect(print.mock.calls).toEqual([["::warning::100 %25%0D%0A::error::no"]]);
  });
});
