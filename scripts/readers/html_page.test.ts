import { expect, it } from "vitest";

import { htmlPage } from "./html_page.ts";

it("a page without a script lets none run, and has no style of the charts that a script draws", async () => {
  const page = await htmlPage("a <title>", "<main></main>");
  expect(page).toContain("<title>a &lt;title&gt;</title>");
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page).not.toContain(".uplot");
  const withScript = await htmlPage("t", "", { hasScript: true });
  expect(withScript).toContain("script-src 'unsafe-inline'");
  expect(withScript).toContain(".uplot");
});
