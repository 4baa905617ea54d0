/** Replaces the generated text of a document, which stands between two markers. */

/**
 * Replaces what stands between two markers by `content`, on lines of its own. Throws when the document lacks a marker, or has
 * them in the wrong order.
 */
export function replaceBetween(document: string, begin: string, end: string, content: string): string {
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) throw new Error(`expected ${begin} and ${end} in the document, got neither or one`);
  return `${document.slice(0, from + begin.length)}\n${content}\n${document.slice(to)}`;
}
