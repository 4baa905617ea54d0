import { mkdir, mkdtemp, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";

import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import type { CapacityResult } from "../capacity/probe.ts";
import { type SyntheticSearch, syntheticCapacity, syntheticProbe } from "../capacity/synthetic_capacity.ts";
import { writeCapacityReport } from "../capacity/write_report.ts";
import { findChromium, launchChromium } from "../docs/chromium.ts";
import { axeViolations, type Opened, openFromDisk } from "./page_in_chromium.ts";

const chromium = await findChromium();
if (chromium === null) console.warn("the capacity page was not tested: no Chromium; `make test` says how to get one");

let browser: Browser;

beforeAll(async () => {
  if (chromium !== null) browser = await launchChromium(chromium);
});

afterAll(async () => {
  await browser?.close();
});

async function open(
  result: CapacityResult,
  prepare?: (page: Page) => Promise<void>,
): Promise<Opened & { readonly path: string }> {
  const folder = await mkdtemp(join(tmpdir(), "capacity-page-"));
  await writeCapacityReport(folder, result);
  const path = join(folder, "capacity.html");
  return { ...(await openFromDisk(browser, path, prepare)), path };
}

/** The contrast ratio of two colours, `rgb(r, g, b)`, as WCAG defines it. */
function contrast(one: string, other: string): number {
  const luminance = (colour: string) => {
    const [r = 0, g = 0, b = 0] = (colour.match(/\d+/g) ?? []).map((part) => {
      const value = Number(part) / 255;
      return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe.skipIf(chromium === null)("the capacity page in Chromium", () => {
  it("opens from disk without requests, errors or a script, and starts with the sentence", async () => {
    const { page, path, problems } = await open(syntheticCapacity("knee"));
    const first = await page.$eval("body", (body) => body.innerText.split("\n")[0]);
    expect(first).toMatch(/^The agent carries 36 callers; at 37 /);
    expect(await page.$$eval("script", (all) => all.length)).toBe(0);
    expect(await page.$$eval("svg.lines", (all) => all.length)).toBe(3);
    expect(problems).toEqual([]);
    const { size } = await stat(path);
    console.log(`page weight: ${Math.round(size / 1000)} kB with 9 runs`);
    expect(size).toBeLessThan(100_000);
    await page.close();
  });

  it.each(["light", "dark"])("has no accessibility violations of axe, in %s", async (scheme) => {
    const { page } = await open(syntheticCapacity("knee"), (opening) =>
      opening.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]),
    );
    expect(await axeViolations(page)).toEqual([]);
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(background).toBe(scheme === "dark" ? "rgb(20, 23, 27)" : "rgb(255, 255, 255)");
    // axe does not look at the colours of texts in SVG.
    const fills = "[...document.querySelectorAll('svg.lines text')].map((text) => getComputedStyle(text).fill)";
    const colours = [...new Set((await page.evaluate(fills)) as string[])];
    expect(colours.length).toBeGreaterThan(3);
    for (const colour of colours) expect(contrast(colour, String(background)), colour).toBeGreaterThanOrEqual(4.5);
    await page.close();
  });

  it.each<SyntheticSearch>(["generator", "none", "interrupted", "open"])(
    "has no accessibility violations of axe for a search that ended as %s, on a phone",
    async (search) => {
      const { page, problems } = await open(syntheticCapacity(search), (opening) =>
        opening.setViewport({ width: 390, height: 800 }),
      );
      expect(await axeViolations(page)).toEqual([]);
      expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(390);
      expect(problems).toEqual([]);
      await page.close();
    },
  );

  it("leads by keyboard from a mark, which shows its focus and has a name, to the report of its run", async () => {
    const probes = [syntheticProbe(10, "grow", { folder: "50% of a/b #1?" }), syntheticProbe(20, "grow")];
    const { page, path } = await open(syntheticCapacity("knee", { probes }));
    const report = join(dirname(path), "50% of a/b #1?", "report.html");
    await mkdir(dirname(report), { recursive: true });
    await writeFile(report, "<title>the report</title>");
    const focused = () => page.evaluate("document.activeElement.closest('svg') !== null");
    const stroke = () => page.evaluate("getComputedStyle(document.querySelector('svg a .reach')).stroke");
    expect(await stroke()).toBe("none");
    for (let tabs = 0; tabs < 20 && !(await focused()); tabs += 1) await page.keyboard.press("Tab");
    expect(await stroke()).toBe("rgb(27, 31, 36)");
    const tree = await page.accessibility.snapshot({ interestingOnly: true });
    const names = JSON.stringify(tree).match(/10 callers, grow: holds; P95 1050 ms/g);
    expect(names).not.toBeNull();
    await Promise.all([page.waitForNavigation(), page.keyboard.press("Enter")]);
    expect(page.url()).toBe(pathToFileURL(report).href);
    expect(await page.title()).toBe("the report");
    await page.close();
  });

  it("prints dark text on white, also in the dark scheme", async () => {
    const { page } = await open(syntheticCapacity("knee"));
    const devtools = await page.createCDPSession();
    const emulate = (media: string) =>
      devtools.send("Emulation.setEmulatedMedia", {
        media,
        features: [{ name: "prefers-color-scheme", value: "dark" }],
      });
    const background = () => page.evaluate("getComputedStyle(document.body).backgroundColor");
    await emulate("screen");
    expect(await background()).toBe("rgb(20, 23, 27)");
    await emulate("print");
    expect(await background()).toBe("rgb(255, 255, 255)");
    await page.close();
  });

  it("shows the texts of an agent as text", async () => {
    const evil = `</title></text><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const probe = syntheticProbe(10, "grow", { folder: evil, outcome: "generator", reasons: [evil] });
    const { page, problems } = await open(
      syntheticCapacity("knee", { sentence: evil, explanations: [evil], probes: [probe, syntheticProbe(20, "grow")] }),
    );
    expect(await page.$eval("h1", (element) => element.textContent)).toBe(evil);
    expect(await page.$$eval("img, script", (all) => all.length)).toBe(0);
    expect(await page.title()).not.toBe("owned");
    expect(problems).toEqual([]);
    await page.close();
  });
});
