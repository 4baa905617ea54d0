/** Splits a line of arguments into words. */

/** A quoted part of a word, or an escaped character; groups: 1 in double quotes, 2 in single quotes, 3 after a backslash. */
const QUOTED = /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/gs;

/** A run of characters without blanks; what stands in quotes, also without their end, and a character after a backslash, belongs to it. */
const WORD = /(?:[^\s"'\\]|"(?:[^"\\]|\\.)*(?:"|\\?$)|'[^']*(?:'|$)|\\(?:.|$))+/gs;

/** Splits a line at blanks as a shell does, with its quotes and backslashes, but replaces nothing: `$HOME` stays as it is. */
export function splitWords(line: string): string[] {
  return (line.match(WORD) ?? []).map((word) =>
    word.replaceAll(QUOTED, (_, double?: string, single?: string, escaped?: string) => {
      return double?.replaceAll(/\\(["\\])/g, "$1") ?? single ?? escaped ?? "";
    }),
  );
}

/** The quote of a line that has no end, or the backslash behind which nothing stands; null where there is neither. */
export function openQuote(line: string): string | null {
  return /["'\\]/.exec(line.replaceAll(QUOTED, ""))?.[0] ?? null;
}
