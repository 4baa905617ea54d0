import { stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { findChromium, launchChromium } from "../docs/chromium.ts";
import { makeSyntheticRun } from "../readers/synthetic_run.ts";
import { writeReports } from "../readers/write_reports.ts";
import { axeViolations, type Opened, openFromDisk } from "./page_in_chromium.ts";

const chromium = await findChromium();
if (chromium === null) console.warn("the report page was not tested: no Chromium; `make test` says how to get one");

let browser: Browser;

beforeAll(async () => {
  if (chromium !== null) browser = await launchChromium(chromium);
});

afterAll(async () => {
  await browser?.close();
});

/** Writes the reports of a run, and opens its page when its charts are drawn. */
async function open(
  folder: string,
  prepare?: (page: Page) => Promise<void>,
): Promise<Opened & { readonly path: string }> {
  await writeReports(folder);
  const path = join(folder, "report.html");
  const opened = await openFromDisk(browser, path, prepare);
  await opened.page.waitForSelector("html[data-drawn]");
  return { ...opened, path };
}

/** Moves the mouse over a chart until a tooltip is shown; returns its text, "" when none is shown. */
async function hover(page: Page, chart: string): Promise<string> {
  await page.$eval(chart, (element) => element.scrollIntoView({ block: "center" }));
  const box = await (await page.$(`${chart} .u-over`))?.boundingBox();
  if (!box) throw new Error(`expected ${chart} to be drawn, got nothing`);
  for (let x = 10; x < box.width; x += 8) {
    for (let y = 8; y < box.height; y += 16) {
      await page.mouse.move(box.x + x, box.y + y);
      const tip = await page.$eval(`${chart} .tip`, (element) => (element.hidden ? "" : (element.textContent ?? "")));
      if (tip !== "") return tip;
    }
  }
  return "";
}

const SMALL = { turns: 200, failsEvery: 20 };

describe.skipIf(chromium === null)("the report page in Chromium", () => {
  it("opens from disk without requests or errors, and starts with the verdict and the reason", async () => {
    const { page, path, problems } = await open(await makeSyntheticRun(SMALL));
    expect(await page.$eval("h1", (element) => element.textContent)).toBe("FAIL");
    expect(await page.$eval("header li", (element) => element.textContent)).toBe(
      "turn_success rate is 95.0 %; the target tier wants rate>0.95; failed turns: 10 throttled",
    );
    expect(await page.$$eval("canvas", (all) => all.length)).toBeGreaterThanOrEqual(6);
    expect(problems).toEqual([]);
    const { size } = await stat(path);
    console.log(`page weight: ${Math.round(size / 1000)} kB with ${SMALL.turns} turns`);
    expect(size).toBeLessThan(150_000);
    await page.close();
  });

  it("shows the values of a point on hover, and the record of the turn with its session id on a click", async () => {
    const { page } = await open(await makeSyntheticRun(SMALL));
    expect(await hover(page, "#ttfb")).toMatch(/^\d+:\d\d {2}ttfb\/\d\d [\d,]+ ms {2}ok {2}k6va-1-\d{6}$/);
    await page.mouse.down();
    await page.mouse.up();
    await page.waitForSelector("dialog[open]");
    expect(await page.$eval("#session", (element) => element.textContent)).toMatch(/^k6va-1-\d{6}$/);
    const record = await page.$eval("dialog tbody", (element) => element.textContent);
    for (const name of ["outcome", "eosAtMs", "ttfbMs", "sttMs", "bargeMs", "stallMs", "utterance"])
      expect(record).toContain(name);
    await page.keyboard.press("Escape");
    expect(await hover(page, "#barge")).toMatch(/barge\/\d\d \d+ ms/);
    expect(await hover(page, "#faults")).toMatch(/rate_limit:openai {2}throttled {2}k6va-/);
    await page.close();
  });

  it("is usable by keyboard alone: every turn can be selected and its record opened", async () => {
    const { page } = await open(await makeSyntheticRun(SMALL));
    await page.focus("#ttfb");
    for (const key of ["ArrowRight", "ArrowRight", "End", "ArrowLeft", "Home"] as const) await page.keyboard.press(key);
    const announced = () => page.$eval("#ttfb + .unseen", (element) => element.textContent);
    expect(await announced()).toMatch(/ttfb\/01 .* k6va-1-000000$/);
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog:not([open])");
    expect(await page.evaluate("document.activeElement.id")).toBe("ttfb");
    await page.focus("button[data-turn]");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    expect(await page.$eval("dialog tbody", (element) => element.textContent)).toContain("throttled");
    await page.close();
  });

  it.each(["light", "dark"])("has no accessibility violations of axe, in %s", async (scheme) => {
    const { page } = await open(await makeSyntheticRun(SMALL), (opening) =>
      opening.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]),
    );
    expect(await axeViolations(page)).toEqual([]);
    const background = await page.evaluate("getComputedStyle(document.body).backgroundColor");
    expect(background).toBe(scheme === "dark" ? "rgb(20, 23, 27)" : "rgb(255, 255, 255)");
    await page.close();
  });

  it("prints dark text on white, also in the dark scheme", async () => {
    const { page } = await open(await makeSyntheticRun(SMALL), (opening) =>
      opening.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]),
    );
    await page.evaluate(
      "addEventListener('beforeprint', () => { document.body.dataset.printed = getComputedStyle(document.body).backgroundColor; })",
    );
    const pdf = await page.pdf({ format: "A4" });
    expect(Buffer.from(pdf).subarray(0, 5).toString()).toBe("%PDF-");
    expect(await page.evaluate("document.body.dataset.printed")).toBe("rgb(255, 255, 255)");
    await page.close();
  });

  it("escapes the texts of the log", async () => {
    const evil = `</script><img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
    const { page, problems } = await open(await makeSyntheticRun({ turns: 20, failsEvery: 5, utterance: evil }));
    await page.focus("#ttfb");
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("Enter");
    await page.waitForSelector("dialog[open]");
    expect(await page.$eval("dialog tbody", (element) => element.textContent)).toContain(evil);
    expect(await page.title()).not.toBe("owned");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("shows a run that was killed as INTERRUPTED", async () => {
    const { page, problems } = await open(await makeSyntheticRun({ turns: 30, ends: false }));
    expect(await page.$eval("h1", (element) => element.textContent)).toBe("INTERRUPTED");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("opens a run without a single turn", async () => {
    const { page, problems } = await open(await makeSyntheticRun({ turns: 0 }));
    expect(await page.$eval("h1", (element) => element.textContent)).toBe("FAIL");
    expect(problems).toEqual([]);
    await page.close();
  });

  it("opens 100,000 turns in under 3 s", async () => {
    const folder = await makeSyntheticRun({ turns: 100_000, failsEvery: 50 });
    await writeReports(folder);
    const path = join(folder, "report.html");
    const page = await browser.newPage();
    await page.setViewport({ width: 1240, height: 1000 });
    await page.goto(pathToFileURL(path).href, { waitUntil: "load" });
    await page.waitForSelector("html[data-drawn]");
    // The time from the start of the navigation to the first frame after the charts were drawn.
    const twoFrames =
      "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))";
    const openedMs = Number(await page.evaluate(twoFrames));
    const { size } = await stat(path);
    console.log(`100,000 turns: open in ${Math.round(openedMs)} ms, ${(size / 1e6).toFixed(1)} MB`);
    expect(openedMs).toBeLessThan(3000);
    await page.close();
  });
});
