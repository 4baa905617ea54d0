/** `screenshot.ts REPORT PICTURE [--all]`: takes the screenshot of a report page, with or without a script, for a document. */

import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { fail } from "../run/terminal.ts";
import { findChromium, launchChromium } from "./chromium.ts";

const WIDTH_PX = 1240;
const HEIGHT_PX = 1180;

async function screenshot(report = "", picture = ""): Promise<void> {
  const chromium = await findChromium();
  if (chromium === null) throw new Error("CHROMIUM: expected the path of a Chromium, got none, and none on PATH");
  const browser = await launchChromium(chromium);
  try {
    const page = await browser.newPage();
    await page.setViewport({ width: WIDTH_PX, height: HEIGHT_PX });
    await page.goto(pathToFileURL(resolve(report)).href);
    if ((await page.$("script")) !== null) await page.waitForSelector("html[data-drawn]");
    await page.screenshot({ path: resolve(picture) as `${string}.png`, fullPage: process.argv.includes("--all") });
  } finally {
    await browser.close();
  }
}

await screenshot(process.argv[2], process.argv[3]).catch(fail);
