/** Checks the encoding of a text file that was decoded as UTF-8, as k6's `open` does: editors and PowerShell write others. */

const BYTE_ORDER_MARK = "\ufeff";

/** Returns the text without the byte order mark of UTF-8, which is no part of JSON (RFC 8259, 8.1). */
export function withoutMark(text: string): string {
  return text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text;
}

/**
 * Returns what is wrong with the encoding, in the form `expected ..., got ...`; null for UTF-8. The byte order mark of UTF-16 is
 * no UTF-8, so that two replacement characters stand for it; without a mark, every other byte of ASCII in UTF-16 is 0.
 */
export function encodingProblem(text: string): string | null {
  const isUtf16 = text.startsWith("\ufffd\ufffd") || text.slice(0, 4).includes("\0");
  return isUtf16 ? "expected text in UTF-8, got UTF-16; save it as UTF-8" : null;
}
