/** Splits a URL into its parts. Total: every text has parts, so that a text that is no URL can be judged, and masked, too. */

/** The parts of a URL as they are written, without their delimiters; null where a part is missing. */
export interface UrlParts {
  /** With `//`: `wss://`; `//` for a URL without a scheme; empty for `host/path`. */
  readonly scheme: string;
  /** What stands before the last `@` of the authority. */
  readonly userInfo: string | null;
  readonly host: string;
  /** With its first `/`. */
  readonly path: string;
  readonly query: string | null;
  readonly fragment: string | null;
}

/** RFC 3986, appendix B, with the authority split at its last `@` and the scheme optional. */
const PARTS = /^((?:[^/?#@]*:)?\/\/)?(?:([^/?#]*)@)?([^/?#@]*)([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s;

/** Splits a URL, or `host[:port]` with whatever follows it. */
export function urlParts(url: string): UrlParts {
  const [, scheme, userInfo, host, path, query, fragment] = PARTS.exec(url) ?? [];
  return {
    scheme: scheme ?? "",
    userInfo: userInfo ?? null,
    host: host ?? "",
    path: path ?? "",
    query: query ?? null,
    fragment: fragment ?? null,
  };
}
