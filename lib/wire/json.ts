/** Safe access to parsed JSON of unknown shape and spelling. */

/** A parsed JSON object of unknown content. */
export type Json = Readonly<Record<string, unknown>>;

/** A byte order mark: editors and some SDKs put one in front of JSON. */
const BYTE_ORDER_MARK = 0xfeff;

/** What Python's and other serializers write for numbers that JSON cannot express. */
const NOT_A_NUMBER = /([:[,]\s*)(?:NaN|[+-]?Infinity)(?=\s*[,\]}])/g;

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

/** Known keys by their plain names: in lower case, without `_`. */
export type KnownKeys = ReadonlyMap<string, string>;

/** Makes the table of known keys, as they are spelt here, for `withKnownKeys`. */
export function knownKeys(keys: readonly string[]): KnownKeys {
  return new Map(keys.map((key) => [plainName(key), key]));
}

/** Returns an object with its known keys spelt as in the table, and the objects in it too. An exact spelling takes precedence. */
export function withKnownKeys(object: Json, known: KnownKeys): Json {
  const entries = Object.entries(object).map(([key, value]) => {
    const usual = known.get(plainName(key));
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return [
      usual === undefined || Object.hasOwn(object, usual) ? key : usual,
      isObject ? withKnownKeys(value as Json, known) : value,
    ];
  });
  return Object.fromEntries(entries);
}

function plainName(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
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
    const repaired = json.replace(NOT_A_NUMBER, "$1null");
    if (repaired === json) throw error;
    return JSON.parse(repaired);
  }
}
