/** Escapes text for XML and HTML, and writes HTML tables. */

/** Replaces the characters that XML and HTML treat as markup by entities, and characters that XML forbids by U+FFFD. */
export function escapeMarkup(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll(/[^\t\n\r\u0020-\uFFFD]/g, "\uFFFD");
}

/** A cell of a table: text, with or without a CSS class, and where it links to. */
export type Cell = string | { readonly text: string; readonly cssClass?: string; readonly href?: string };

/** The text of a cell. */
export function cellText(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

/**
 * Writes a table. The first cell of each row is its header. The columns of `numbers` are right-aligned: those of a list, by their
 * heads, or all but the first one.
 */
export function htmlTable(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers: boolean | readonly string[] = true,
): string {
  const isNumber = (index: number) =>
    index > 0 && (typeof numbers === "boolean" ? numbers : numbers.includes(head[index] ?? ""));
  const heads = head.map(
    (name, index) => `<th scope="col"${classAttribute("", isNumber(index))}>${escapeMarkup(name)}</th>`,
  );
  const body = rows.map(
    (cells) => `<tr>${cells.map((cell, index) => cellHtml(cell, index, isNumber(index))).join("")}</tr>`,
  );
  return `<table><caption class="unseen">${escapeMarkup(caption)}</caption><thead><tr>${heads.join("")}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

function cellHtml(cell: Cell, index: number, isNumber: boolean): string {
  const { cssClass = "", href } = typeof cell === "string" ? {} : cell;
  const shown = escapeMarkup(cellText(cell));
  const content = href === undefined ? shown : `<a href="${escapeMarkup(href)}">${shown}</a>`;
  return index === 0 ? `<th scope="row">${content}</th>` : `<td${classAttribute(cssClass, isNumber)}>${content}</td>`;
}

function classAttribute(cssClass: string, isNumber: boolean): string {
  const classes = [cssClass, isNumber ? "number" : ""].filter((name) => name !== "");
  return classes.length === 0 ? "" : ` class="${classes.join(" ")}"`;
}
