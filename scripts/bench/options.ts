/** Reads the options of the measuring commands from the environment: numbers, lists of numbers and choices. */

type Env = Readonly<Record<string, string | undefined>>;

/** A positive number. Throws when the value is not one. */
export function numberOption(env: Env, name: string, fallback: number): number {
  return numbersOption(env, name, [fallback])[0] ?? fallback;
}

/** Positive numbers, separated by blanks or commas. Throws when one of them is not a positive number. */
export function numbersOption(env: Env, name: string, fallback: readonly number[]): readonly number[] {
  const words = splitWords(env[name]);
  const numbers = words.map(Number);
  if (numbers.some((value) => !(value > 0))) {
    throw new Error(`${name}: expected positive numbers, got "${words.join(" ")}"`);
  }
  return numbers.length > 0 ? numbers : fallback;
}

/**
 * Words of a known set, separated by blanks or commas, in the order of the set; all of them by default. Throws for
 * others.
 */
export function wordsOption<T extends string>(env: Env, name: string, known: readonly T[]): readonly T[] {
  const words = splitWords(env[name]);
  const unknown = words.find((word) => !known.some((each) => each === word));
  if (unknown !== undefined) throw new Error(`${name}: expected some of ${known.join(" ")}, got "${unknown}"`);
  return words.length > 0 ? known.filter((each) => words.includes(each)) : known;
}

/** Any words, separated by blanks or commas. */
export function textsOption(env: Env, name: string, fallback: readonly string[]): readonly string[] {
  const words = splitWords(env[name]);
  return words.length > 0 ? words : fallback;
}

function splitWords(text = ""): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
