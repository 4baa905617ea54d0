/**
 * Parses URLs as Go's `url.Parse` does (net/url of Go 1.26), which takes and refuses others than the WHATWG parser of Node:
 * Node encodes a `^` in a password, drops blanks and takes any `%`; Go takes none of these.
 */

import { isIP } from "node:net";

/** What Go finds in a URL. */
export interface GoUrl {
  /** In lower case; empty where there is none. */
  readonly scheme: string;
  /** With its port; empty where there is none. */
  readonly host: string;
}

/** What Go takes before the `@`; each `%` stands before two hexadecimal digits. */
const USER_INFO = /^(?:[\w\-.~:!$&'()*+,;=@]|%[\da-f]{2})*$/i;

/** A host outside brackets: all that is not ASCII, and of escapes only those of such bytes, and `%25`. */
const HOST = /^(?:[\w\-.~!$&'()*+,;=:[\]<>"\u0080-\uffff]|%25|%[89a-f][\da-f])*$/i;

const PORT = /^(?::\d*)?$/;

/** A `%` that begins no escape. */
const BROKEN_ESCAPE = /%(?![\da-f]{2})/i;

// biome-ignore lint/suspicious/noControlCharactersInRegex: Go refuses these characters
const CONTROL = /[\u0000-\u001f\u007f]/;

/** Returns what Go finds in a URL; null where its parser returns an error. */
export function parseAsGo(text: string): GoUrl | null {
  const [, url = "", fragment = ""] = /^([^#]*)(?:#(.*))?$/s.exec(text) ?? [];
  if (CONTROL.test(url) || BROKEN_ESCAPE.test(fragment) || url.startsWith(":")) return null;
  const [, name = "", rest = ""] = /^(?:([a-z][a-z\d+.-]*):)?([^?]*)/i.exec(url) ?? [];
  const scheme = name.toLowerCase();
  if (!rest.startsWith("/")) {
    if (scheme !== "") return { scheme, host: "" };
    if (/^[^/]*:/.test(rest)) return null;
  }
  const hasAuthority = rest.startsWith("//") && (scheme !== "" || !rest.startsWith("///"));
  const [, authority = "", path = ""] = (hasAuthority && /^\/\/([^/]*)(.*)$/s.exec(rest)) || ["", "", rest];
  const host = hostIn(scheme, authority);
  return host === null || BROKEN_ESCAPE.test(path) ? null : { scheme, host };
}

/** The host behind the last `@`; null where Go refuses it, or the user info before it. */
function hostIn(scheme: string, authority: string): string | null {
  const at = authority.lastIndexOf("@");
  const host = authority.slice(at + 1);
  return USER_INFO.test(authority.slice(0, Math.max(0, at))) && isHost(scheme, host) ? host : null;
}

function isHost(scheme: string, host: string): boolean {
  if (host.startsWith("[")) {
    const [, address = "", port = "?"] = /^\[(.*)\](.*)$/s.exec(host) ?? [];
    return isIP(address.replace("%25", "%")) === 6 && PORT.test(port);
  }
  const isStrict = scheme === "http" || scheme === "https";
  const colon = isStrict ? host.indexOf(":") : host.lastIndexOf(":");
  return !host.includes("[") && HOST.test(host) && (colon < 0 || PORT.test(host.slice(colon)));
}
