/** Defines the kinds of setting (number, flag, duration and so on): how each parses its text, and its error message. */

/** The name of a header, a token of RFC 9110 (5.6.2), and its value: what Go and Node send alike, so no other letters than ASCII's. */
const HEADER_NAME = /^[\w!#$%&'*+.^`|~-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e]*$/;

/** One setting: its default, its parser and its description. */
export interface Setting<T> {
  /** The value of a setting that is not set. */
  readonly defaultValue: T;
  /** Describes a valid value, for error messages of the form `NAME: expected ..., got ...`. */
  readonly expected: string;
  /** What the setting means, for the tables of settings. */
  readonly help: string;
  /** Parses trimmed, non-empty text; returns undefined when the text is not valid. */
  readonly parse: (text: string) => T | undefined;
  /** Converts a value to the text that one would set; String() where there is none. */
  format?(value: T): string;
  /** Set where the value may hold a secret: it is masked in every output. */
  readonly secret?: SecretKind;
}

/** Where in a value a secret may be: in a URL, in a path with its query, or anywhere. */
export type SecretKind = "url" | "path" | "all";

/** Makes a parser of numbers in the notation of `pattern`. */
function numberParser(pattern: RegExp, isValid: (value: number) => boolean): (text: string) => number | undefined {
  return (text) => (pattern.test(text) && isValid(Number(text)) ? Number(text) : undefined);
}

/** A whole number from `min` to `max`. */
export function wholeNumber(
  defaultValue: number,
  min: number,
  help: string,
  max = Number.MAX_SAFE_INTEGER,
): Setting<number> {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `a whole number >= ${min}` : `a whole number from ${min} to ${max}`;
  return { defaultValue, help, expected, parse: numberParser(/^\d+$/, (value) => value >= min && value <= max) };
}

/** A number of 0 or more, with or without decimals. */
export function nonNegative(defaultValue: number, help: string): Setting<number> {
  return { defaultValue, help, expected: "a number >= 0", parse: numberParser(/^\d+(\.\d+)?$/, () => true) };
}

/** A number above 0, with or without decimals. */
export function positive(defaultValue: number, help: string): Setting<number> {
  return { defaultValue, help, expected: "a number > 0", parse: numberParser(/^\d+(\.\d+)?$/, (value) => value > 0) };
}

/** A Boolean: true, 1 or yes; false, 0 or no. */
export function flag(defaultValue: boolean, help: string): Setting<boolean> {
  const values: Readonly<Record<string, boolean>> = {
    true: true,
    "1": true,
    yes: true,
    false: false,
    "0": false,
    no: false,
  };
  const parse = (text: string) => (Object.hasOwn(values, text.toLowerCase()) ? values[text.toLowerCase()] : undefined);
  return { defaultValue, help, expected: "true or false", parse };
}

/** One of the given words, in any case; `aliases` maps other spellings to one of the words. */
export function oneOf<const T extends string>(
  defaultValue: T,
  values: readonly T[],
  help: string,
  aliases: Readonly<Record<string, T>> = {},
): Setting<T> {
  const parse = (text: string) => {
    const word = text.toLowerCase();
    return values.find((value) => value === word) ?? (Object.hasOwn(aliases, word) ? aliases[word] : undefined);
  };
  return { defaultValue, help, expected: `one of ${values.filter((value) => value !== "").join(", ")}`, parse };
}

/** A list of words separated by commas, in lower case. */
export function wordList(defaultValue: readonly string[], help: string): Setting<readonly string[]> {
  const parse = (text: string) =>
    text
      .toLowerCase()
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
  return { defaultValue, help, expected: "words separated by commas", parse, format: (value) => value.join(",") };
}

/** Marks a setting whose value may hold a secret. */
export function withSecret<T>(secret: SecretKind, setting: Setting<T>): Setting<T> {
  return { ...setting, secret };
}

/** Text that matches `pattern`; `expected` describes such a text. */
export function matching(defaultValue: string, help: string, expected = "text", pattern = /^/): Setting<string> {
  return { defaultValue, help, expected, parse: (value) => (pattern.test(value) ? value : undefined) };
}

/** The path of a folder, without slashes at its end. */
export function folder(help: string): Setting<string> {
  return { defaultValue: "", help, expected: "text", parse: (value) => value.replace(/(.)\/+$/, "$1") };
}

/** A duration above 0 in the notation of Go and k6 (`90s`, `5m`, `1h30m`); the value is in seconds. */
export function duration(defaultValue: number, help: string): Setting<number> {
  const parse = (value: string) => {
    const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(value);
    if (match === null || value === "") return undefined;
    const sec = Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
    return sec > 0 ? sec : undefined;
  };
  return { defaultValue, help, expected: "a duration > 0 such as 90s, 5m or 1h30m", parse, format: (sec) => `${sec}s` };
}

/** HTTP headers as a JSON object of strings; a secret, without headers by default. */
export function headers(help: string): Setting<Readonly<Record<string, string>>> {
  const expected = 'a JSON object of header names and lines of ASCII, such as {"Authorization":"Bearer ..."}';
  return objectOf(isHeader, expected, help);
}

/** Named texts as a JSON object; a secret, empty by default. */
export function namedTexts(help: string): Setting<Readonly<Record<string, string>>> {
  return objectOf(([, value]) => typeof value === "string", 'a JSON object of texts, such as {"name":"text"}', help);
}

/** A JSON object of strings whose entries are all valid; a secret. */
function objectOf(
  isValid: (entry: [string, unknown]) => boolean,
  expected: string,
  help: string,
): Setting<Readonly<Record<string, string>>> {
  const parse = (value: string) => {
    try {
      const parsed: unknown = JSON.parse(value);
      const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
      if (!isObject || !Object.entries(parsed).every(isValid)) return undefined;
      return parsed as Record<string, string>;
    } catch {
      return undefined;
    }
  };
  return { defaultValue: {}, help, expected, parse, format: () => "", secret: "all" };
}

function isHeader([name, value]: [string, unknown]): boolean {
  return HEADER_NAME.test(name) && typeof value === "string" && HEADER_VALUE.test(value);
}
