/** Draws the mark of one point of a chart: a dot, a cross or a ring, with what a pointer shows and where a click leads. */

import { escapeMarkup } from "./html_table.ts";

/** What the mark of a point looks like and does. */
export interface Mark {
  /** What a pointer over the point shows, and the name of its link; a point without it has no mark of its own. */
  readonly label?: string;
  /** Where a click on the point leads, relative to the page. */
  readonly href?: string;
  /** Drawn as a cross instead of a dot. */
  readonly isFailed?: boolean;
  /** Drawn as a ring instead of a dot. */
  readonly isUncertain?: boolean;
}

/** How far from the point a pointer or a finger still meets it. */
const REACH = 12;

/**
 * Draws the mark; empty for a point without a label. `at` is in the units of the chart. The mark of a point above the chart has an
 * arrow, and the text `above`, its value.
 */
export function markMarkup(
  { href, label, ...look }: Mark,
  at: { readonly x: number; readonly y: number },
  above?: string,
): string {
  if (label === undefined) return "";
  const { x, y } = at;
  const shape = `${shapeMarkup(look, x, y)}<title>${escapeMarkup(label)}</title>`;
  const mark = `${shape}<circle class="reach" cx="${x}" cy="${y}" r="${REACH}"/>${above === undefined ? "" : aboveMarkup(above, x, y)}`;
  return href === undefined ? `<g>${mark}</g>` : `<a href="${escapeMarkup(href)}">${mark}</a>`;
}

function aboveMarkup(value: string, x: number, y: number): string {
  const arrow = `<text x="${x}" y="${y - 9}" text-anchor="middle">↑</text>`;
  return `${arrow}<text x="${x - 9}" y="${y + 4}" text-anchor="end">${escapeMarkup(value)}</text>`;
}

function shapeMarkup({ isFailed, isUncertain }: Mark, x: number, y: number): string {
  if (isFailed) return `<path class="failed" d="M${x - 5} ${y - 5}l10 10m0 -10l-10 10"/>`;
  return `<circle${isUncertain ? ' class="ring"' : ""} cx="${x}" cy="${y}" r="4"/>`;
}
