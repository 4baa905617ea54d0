/** Writes a page that opens from disk without network: its style and its script stand in it. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { escapeMarkup } from "./html_table.ts";

/** The folder of the pages' style sheets and script. */
export const PAGE_FOLDER = join(import.meta.dirname, "../page");

/** Content security policy: the page fetches nothing and runs nothing. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";

/** What a page with charts of the script needs besides: inline script, and pictures that stand in the page. */
const POLICY_OF_SCRIPT = `${POLICY}; script-src 'unsafe-inline'; img-src data:`;

/** What a page has besides text. */
interface PageOptions {
  /** True for a page with a script, which draws charts with uPlot. */
  readonly hasScript: boolean;
}

/** Writes the page. `body` is markup; whatever in it comes from outside has been escaped. */
export async function htmlPage(
  title: string,
  body: string,
  { hasScript }: PageOptions = { hasScript: false },
): Promise<string> {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${hasScript ? POLICY_OF_SCRIPT : POLICY}">
<title>${escapeMarkup(title)}</title>
<style>${await style(hasScript)}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

async function style(hasScript: boolean): Promise<string> {
  const own = [join(PAGE_FOLDER, "theme.css"), join(PAGE_FOLDER, "page.css")];
  const sheets = hasScript ? [createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css"), ...own] : own;
  return (await Promise.all(sheets.map((sheet) => readFile(sheet, "utf8")))).join("");
}
