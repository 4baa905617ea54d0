/** Safe access to parsed JSON of unknown shape and spelling. */

import { plainName } from "./plain_name.ts";
import { loadSpelling } from "./spelling.lazy.ts";

/** A parsed JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** A byte order mark: editors and some SDKs put one in front of JSON. */
const BYTE_ORDER_MARK = 0xfeff;

/** Narrows a parsed value to an object; returns an empty object for an array and for anything else. */
export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

/**
 * Returns the value of a key, whatever its case and with or without `_`: SDKs differ in both. The exact spelling takes
 * precedence. Undefined when there is none.
 */
export function field(object: Json, name: string): unknown {
  if (Object.hasOwn(object, name)) return object[name];
  const plain = plainName(name);
  const key = Object.keys(object).find((each) => plainName(each) === plain);
  return key === undefined ? undefined : object[key];
}

/**
 * Parses JSON as agents send it: a byte order mark is skipped, and NaN and Infinity become null. Throws SyntaxError when
 * it is not JSON.
 */
export function parseJson(text: string): unknown {
  const json = text.charCodeAt(0) === BYTE_ORDER_MARK ? text.slice(1) : text;
  try {
    return JSON.parse(json);
  } catch (error) {
    const repaired = loadSpelling().withoutNaN(json);
    if (repaired === json) throw error;
    return JSON.parse(repaired);
  }
}
