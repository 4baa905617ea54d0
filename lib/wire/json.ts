/** JSON that somebody else wrote. */

/** A parsed JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** Narrows a parsed value to an object; anything else is an empty one. */
export function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
}
