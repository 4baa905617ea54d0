import { expect, it } from "vitest";

import { escapeMarkup } from "./html_table.ts";

it("escaped text holds no markup and no character that XML forbids", () => {
  expect(escapeMarkup('<a b="c">&\u0000\u001b')).toBe("&lt;a b=&quot;c&quot;&gt;&amp;\ufffd\ufffd");
});
