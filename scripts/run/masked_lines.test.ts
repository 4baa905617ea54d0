import { PassThrough } from "node:stream";
import { text } from "node:stream/consumers";

import { expect, it } from "vitest";

import { passOnMasked } from "./masked_lines.ts";

it("passes on every line with secrets masked, also where a secret comes in two parts and the last line is not ended", async () => {
  const from = new PassThrough();
  const to = new PassThrough();
  passOnMasked(from, to, ["SECRET123"]);
  from.write("parse ws://host/ws?token=SEC");
  from.write("RET123 is bad\nAuthorization: Bearer SECRET");
  from.end("123");
  from.once("close", () => to.end());
  expect(await text(to)).toBe("parse ws://host/ws?token=*** is bad\nAuthorization: Bearer ***\n");
});

it.each([
  ["all", "thresholds on metrics 'ttfb, send_lag' have been crossed\na warning\n"],
  ["no verdict", "a warning\n"],
] as const)("passes on %s of k6's lines", async (which, passed) => {
  const from = new PassThrough();
  const to = new PassThrough();
  passOnMasked(from, to, [], which);
  from.end("thresholds on metrics 'ttfb, send_lag' have been crossed\na warning\n");
  from.once("close", () => to.end());
  expect(await text(to)).toBe(passed);
});
