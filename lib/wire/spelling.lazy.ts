/**
 * What few agents write differently: keys in another spelling, base64 with line breaks or in another alphabet, NaN in JSON.
 * A lazy module, also because the first regular expression and the first Map of a caller cost it two hundred objects each.
 */

import { plainName } from "./plain_name.ts";

/** The keys of messages that are looked at, as the accelerator's backend and ACS spell them. */
const KNOWN_KEYS = [
  ...[
    "kind",
    "type",
    "payload",
    "event_type",
    "streaming",
    "status",
    "statusTone",
    "statusCaption",
    "content",
    "message",
  ],
  ...["action", "error", "reason", "code", "source", "details", "data", "errorData"],
];

/** What stands in base64 text and encodes nothing: the line breaks of MIME (RFC 2045, 6.8). */
const NOT_BASE64 = /[^A-Za-z0-9+/=_-]+/g;

/** What Python's and other serializers write for numbers that JSON cannot express. */
const NOT_A_NUMBER = /([:[,]\s*)(?:NaN|[+-]?Infinity)(?=\s*[,\]}])/g;

/** Loads the module. */
export function loadSpelling() {
  return { standardBase64, withoutBreaks, withoutNaN, withUsualKeys };
}

/**
 * Returns an object with the keys that are looked at as the accelerator and ACS spell them, and the objects in it too. Case
 * and `_` may differ. An exact spelling takes precedence.
 */
function withUsualKeys<T extends object>(object: T): T {
  const usual = new Map(KNOWN_KEYS.map((key) => [plainName(key), key]));
  const renamed = (value: object): object =>
    Object.fromEntries(
      Object.entries(value).map(([key, content]) => {
        const known = usual.get(plainName(key));
        const isObject = typeof content === "object" && content !== null && !Array.isArray(content);
        const name = known === undefined || Object.hasOwn(value, known) ? key : known;
        return [name, isObject ? renamed(content) : content];
      }),
    );
  return renamed(object) as T;
}

/** Removes line breaks and what else encodes nothing from base64. */
function withoutBreaks(text: string): string {
  return text.replace(NOT_BASE64, "");
}

/** Rewrites base64 to the standard alphabet with padding (RFC 4648, 4), which runtimes insist on. */
function standardBase64(text: string): string {
  const digits = withoutBreaks(text).replaceAll("-", "+").replaceAll("_", "/").replace(/=+$/, "");
  return digits + "=".repeat((4 - (digits.length % 4)) % 4);
}

/** Writes null for the numbers that JSON cannot express. */
function withoutNaN(json: string): string {
  return json.replace(NOT_A_NUMBER, "$1null");
}
