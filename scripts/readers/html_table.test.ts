import { expect, it } from "vitest";

import { escapeMarkup, htmlTable } from "./html_table.ts";

it("escaped text holds no markup and no character that XML forbids", () => {
  expect(escapeMarkup('<a b="c">&\u0000\u001b')).toBe("&lt;a b=&quot;c&quot;&gt;&amp;\ufffd\ufffd");
});

it("a table aligns the columns of numbers to the right, also those of cells with a class", () => {
  const rows = [["a", { text: "1", cssClass: "fail" }, "b"]];
  const html = htmlTable("t", ["name", "ms", "note"], rows, ["ms"]);
  expect(html).toContain('<th scope="col">name</th><th scope="col" class="number">ms</th><th scope="col">note</th>');
  expect(html).toContain('<th scope="row">a</th><td class="fail number">1</td><td>b</td>');
  expect(htmlTable("t", ["name", "ms", "note"], rows)).toContain('<td class="number">b</td>');
  expect(htmlTable("t", ["name", "ms", "note"], rows, false)).toContain('<td class="fail">1</td>');
});

it("a cell may be a link, whose address is escaped", () => {
  const html = htmlTable(
    "t",
    ["a", "b"],
    [
      [
        { text: "<1>", href: 'x"y' },
        { text: "2", href: "z" },
      ],
    ],
    false,
  );
  expect(html).toContain('<th scope="row"><a href="x&quot;y">&lt;1&gt;</a></th><td><a href="z">2</a></td>');
});
