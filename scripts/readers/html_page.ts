/** Writes a page that opens from disk without network: its style and its script stand in it. */

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";

import { escapeMarkup } from "./html_table.ts";

/** The folder of the pages' style sheets and script. */
export const PAGE_FOLDER = join(import.meta.dirname, "../page");

/** Content security policy: the page fetches nothing and runs inline script only. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

/** Writes the page. `body` is markup; whatever in it comes from outside has been escaped. */
export async function htmlPage(title: string, body: string): Promise<string> {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeMarkup(title)}</title>
<style>${await style()}</style>
</head>
<body>
${body}
</body>
</html>
`;
}

async function style(): Promise<string> {
  const plot = createRequire(import.meta.url).resolve("uplot/dist/uPlot.min.css");
  const sheets = [plot, join(PAGE_FOLDER, "theme.css"), join(PAGE_FOLDER, "page.css")];
  return (await Promise.all(sheets.map((sheet) => readFile(sheet, "utf8")))).join("");
}
