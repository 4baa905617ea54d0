/** The kinds of setting: how the text of each is read, and what to say when it cannot be. */

/** One setting: how its text is read, what it is when absent, what to tell people. */
export interface Setting<T> {
  readonly fallback: T;
  /** What a right value looks like, for error messages. */
  readonly expected: string;
  readonly help: string;
  /** Returns undefined when the text is no such value. */
  readonly read: (text: string) => T | undefined;
  /** The value as one would type it. */
  write?(value: T): string;
  /** True when the value must not be shown. */
  readonly secret?: boolean;
}

function numeric(pattern: RegExp, legal: (value: number) => boolean): (text: string) => number | undefined {
  return (text) => (pattern.test(text) && legal(Number(text)) ? Number(text) : undefined);
}

/** A whole number. */
export function whole(fallback: number, min: number, help: string, max = Number.MAX_SAFE_INTEGER): Setting<number> {
  const expected =
    max === Number.MAX_SAFE_INTEGER ? `a whole number >= ${min}` : `a whole number from ${min} to ${max}`;
  return { fallback, help, expected, read: numeric(/^\d+$/, (value) => value >= min && value <= max) };
}

/** A number that may be 0. */
export function decimal(fallback: number, help: string): Setting<number> {
  return { fallback, help, expected: "a number >= 0", read: numeric(/^\d+(\.\d+)?$/, () => true) };
}

/** A number above 0. */
export function positive(fallback: number, help: string): Setting<number> {
  return { fallback, help, expected: "a number > 0", read: numeric(/^\d+(\.\d+)?$/, (value) => value > 0) };
}

/** True or false. */
export function flag(fallback: boolean, help: string): Setting<boolean> {
  const values: Readonly<Record<string, boolean>> = {
    true: true,
    "1": true,
    yes: true,
    false: false,
    "0": false,
    no: false,
  };
  return { fallback, help, expected: "true or false", read: (text) => values[text.toLowerCase()] };
}

/** One of a few words; `aliases` are other spellings of a value. */
export function oneOf<const T extends string>(
  fallback: T,
  values: readonly T[],
  help: string,
  aliases: Readonly<Record<string, T>> = {},
): Setting<T> {
  const read = (text: string) => {
    const word = text.toLowerCase();
    return values.find((value) => value === word) ?? (Object.hasOwn(aliases, word) ? aliases[word] : undefined);
  };
  return { fallback, help, expected: `one of ${values.filter((value) => value !== "").join(", ")}`, read };
}

/** Words separated by commas. */
export function words(fallback: readonly string[], help: string): Setting<readonly string[]> {
  const read = (text: string) =>
    text
      .toLowerCase()
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== "");
  return { fallback, help, expected: "words separated by commas", read, write: (value) => value.join(",") };
}

/** Text that matches a pattern. */
export function matching(fallback: string, help: string, expected = "text", pattern = /^/): Setting<string> {
  return { fallback, help, expected, read: (value) => (pattern.test(value) ? value : undefined) };
}

/** Go's duration, as k6 takes it, in seconds: `90s`, `5m`, `1h30m`. */
export function duration(fallback: number, help: string): Setting<number> {
  const read = (value: string) => {
    const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+(?:\.\d+)?)s)?$/.exec(value);
    if (match === null || value === "") return undefined;
    const sec = Number(match[1] ?? 0) * 3600 + Number(match[2] ?? 0) * 60 + Number(match[3] ?? 0);
    return sec > 0 ? sec : undefined;
  };
  return { fallback, help, expected: "a duration > 0 such as 90s, 5m or 1h30m", read, write: (sec) => `${sec}s` };
}

/** HTTP headers as a JSON object; secret. */
export function headers(help: string): Setting<Readonly<Record<string, string>>> {
  const read = (value: string) => {
    try {
      const parsed: unknown = JSON.parse(value);
      const isObject = typeof parsed === "object" && parsed !== null && !Array.isArray(parsed);
      if (!isObject || !Object.values(parsed).every((entry) => typeof entry === "string")) return undefined;
      return parsed as Record<string, string>;
    } catch {
      return undefined;
    }
  };
  return {
    fallback: {},
    help,
    expected: 'a JSON object of strings, such as {"Authorization":"Bearer ..."}',
    read,
    write: () => "",
    secret: true,
  };
}
