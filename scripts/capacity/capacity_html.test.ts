import { expect, test } from "vitest";

import { capacityHtml } from "./capacity_html.ts";
import { type SyntheticSearch, syntheticCapacity, syntheticProbe } from "./synthetic_capacity.ts";

/** The text of a section, by its heading; cells are separated by `|`. */
function section(page: string, heading: string): string {
  const body = new RegExp(`<h2>${heading}</h2>(.*?)</section>`, "s").exec(page)?.[1] ?? "";
  return body.replaceAll(/<\/t[dh]>/g, "|").replaceAll(/<[^>]*>/g, "");
}

test.each<[SyntheticSearch, string]>([
  ["knee", "PASS"],
  ["generator", "PASS"],
  ["none", "FAIL"],
  ["interrupted", "INVALID"],
  ["open", "INVALID"],
])("the page of a search that ended as %s has the tone %s", async (search, tone) => {
  const result = syntheticCapacity(search);
  const page = await capacityHtml(result);
  expect(page).toContain(`<header class="verdict ${tone}">`);
  expect(page.indexOf('<h1 class="sentence">')).toBeGreaterThan(0);
});

test("the table of runs has the numbers of each run, a dash for what is missing, and leads to the reports", async () => {
  const page = await capacityHtml(syntheticCapacity("knee"));
  const runs = section(page, "Runs");
  expect(runs).toContain("40|grow|breaks|400|1230|2500|397|95.5|3.5|400|1125|120|03_40_callers|");
  expect(runs).toContain("37|narrow|uncertain|400|1094|1980 (uncertain)|");
  expect(page).toContain('<th scope="row"><a href="03_40_callers/report.html">40</a></th>');
  expect(section(await capacityHtml(syntheticCapacity("none")), "Runs")).toContain("1|narrow|breaks|0|-|-|-|-|-|120|");
});

test("a run whose generator was too slow has no numbers, and its reason is given", async () => {
  const page = await capacityHtml(syntheticCapacity("generator"));
  expect(section(page, "Runs")).toContain("200|grow|generator too slow|-|-|-|-|-|-|-|-|120|04_200_callers|");
  expect(page).toContain("Not drawn, as the generator was too slow: 200 callers.");
  expect(section(page, "What the runs say of themselves")).toContain("200 callers: this machine was too slow");
  expect(section(page, "Targets that did not hold")).toBe("");
});

test("targets that did not hold are listed with what was measured, its bounds and the limit", async () => {
  const broken = section(await capacityHtml(syntheticCapacity("knee")), "Targets that did not hold");
  expect(broken).toContain("37|ttfb|2200 ms|p(95)&lt;2000|9.0 % (6.3 to 12.6 %)|5 %|400|breaks|");
  expect(broken).toContain("37|ttfb|1980 ms|p(95)&lt;2000|4.9 % (3.4 to 6.9 %)|5 %|400|uncertain|");
});

test("failed calls and turns are counted by outcome, and throttling by source", async () => {
  const failed = section(await capacityHtml(syntheticCapacity("knee")), "Failed calls and turns");
  expect(failed).toContain("40|grow|closed 1|throttled 14, no_audio 4|openai 14|");
  const probes = [syntheticProbe(10, "grow", { failedTurns: {} })];
  expect(section(await capacityHtml(syntheticCapacity("knee", { probes })), "Failed calls and turns")).toBe(
    "None was seen.",
  );
});

test("the settings are listed with their defaults", async () => {
  const settings = { PIPELINE: "voicelive", TURNS_PER_USER: 60, OF_ANOTHER_VERSION: 7 };
  const listed = section(await capacityHtml(syntheticCapacity("knee", { settings })), "Settings");
  expect(listed).toContain("PIPELINE|voicelive|default cascade|");
  expect(listed).toContain("TURNS_PER_USER|60|default|");
  expect(listed).toContain("OF_ANOTHER_VERSION|7||");
});

test("forty runs, long texts and markup leave the page whole", async () => {
  const probes = Array.from({ length: 40 }, (_, index) =>
    syntheticProbe(10 + index, "narrow", { folder: `<b>${"x".repeat(300)}${index}`, reasons: ["<script>x</script>"] }),
  );
  const page = await capacityHtml(syntheticCapacity("knee", { probes, sentence: `<i>${"y".repeat(2000)}` }));
  expect(page).not.toMatch(/<(b|i|script)>/);
  expect(page.match(/<a href="%3Cb%3Ex+39\/report\.html">/g)).toHaveLength(4);
});
