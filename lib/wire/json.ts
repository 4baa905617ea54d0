/** Safe access to parsed JSON of unknown shape. */

/** A parsed JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** Narrows a parsed value to an object; returns an empty object for an array and for anything else. */
export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
