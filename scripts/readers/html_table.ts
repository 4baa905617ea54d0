/** Text that is safe in XML and HTML, and tables of it. */

/** Escapes what would be markup; also what XML does not allow at all. */
export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll(/[^\t\n\r\u0020-\uFFFD]/g, "\uFFFD");
}

/** A table's cell: text, and a class where it has one. */
export type Cell = string | { readonly text: string; readonly of: string };

/** An HTML table; the first cell of a row is its head, and every column but the first holds numbers if `numbers`. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly Cell[])[],
  numbers = true,
): string {
  const side = (index: number) => (numbers && index > 0 ? ' class="number"' : "");
  const heads = head.map((name, index) => `<th scope="col"${side(index)}>${escaped(name)}</th>`).join("");
  const body = rows.map((cells) => `<tr>${cells.map((cell, index) => cellOf(cell, index, side(index))).join("")}</tr>`);
  return `<table><caption class="unseen">${escaped(caption)}</caption><thead><tr>${heads}</tr></thead><tbody>${body.join("\n")}</tbody></table>`;
}

function cellOf(cell: Cell, index: number, side: string): string {
  const text = escaped(typeof cell === "string" ? cell : cell.text);
  if (index === 0) return `<th scope="row">${text}</th>`;
  return typeof cell === "string" ? `<td${side}>${text}</td>` : `<td class="${cell.of}">${text}</td>`;
}
