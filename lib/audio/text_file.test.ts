import { expect, it } from "vitest";

import { encodingProblem, withoutMark } from "./text_file.ts";

it("takes the byte order mark of UTF-8 off a text, and leaves every other text as it is", () => {
  const marked = Buffer.from([0xef, 0xbb, 0xbf, 0x7b, 0x7d]).toString("utf8");
  expect([withoutMark(marked), withoutMark("{}"), withoutMark("")]).toEqual(["{}", "{}", ""]);
  expect(encodingProblem(marked)).toBeNull();
});

it.each([
  ["UTF-16 LE", [0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00]],
  ["UTF-16 BE", [0xfe, 0xff, 0x00, 0x7b, 0x00, 0x7d]],
  ["UTF-16 LE without a mark", [0x7b, 0x00, 0x7d, 0x00]],
])("names %s", (_, bytes) => {
  expect(encodingProblem(Buffer.from(bytes).toString("utf8"))).toBe(
    "expected text in UTF-8, got UTF-16; save it as UTF-8",
  );
});
