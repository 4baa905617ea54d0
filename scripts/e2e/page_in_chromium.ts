/** What the tests of pages do in Chromium: open a page from disk, and look for what axe finds. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

import type { Browser, Page } from "puppeteer-core";

/** A page that was opened from disk. */
export interface Opened {
  readonly page: Page;
  /** Errors, and requests for anything except the file itself. */
  readonly problems: readonly string[];
}

/** Opens a file 1240 px wide; `prepare` is called before it is loaded. */
export async function openFromDisk(
  browser: Browser,
  path: string,
  prepare: (page: Page) => Promise<void> = async () => {},
): Promise<Opened> {
  const page = await browser.newPage();
  await page.setViewport({ width: 1240, height: 1000 });
  const problems: string[] = [];
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("request", (request) => request.url() !== pathToFileURL(path).href && problems.push(request.url()));
  await prepare(page);
  await page.goto(pathToFileURL(path).href);
  return { page, problems };
}

/** The accessibility violations that axe finds, each with the elements that it is about. */
export async function axeViolations(page: Page): Promise<readonly string[]> {
  // Evaluated, because the policy of a page without a script lets no element bring one in.
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> };
    };
    return (await axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
}
