/** What a measuring tool is asked for, in the environment: lengths, sizes and choices, so that a trial can be short. */

type Env = Readonly<Record<string, string | undefined>>;

/** A positive number. Throws when it is none. */
export function askedNumber(env: Env, name: string, fallback: number): number {
  return askedNumbers(env, name, [fallback])[0] ?? fallback;
}

/** Positive numbers, separated by blanks or commas. Throws when one is none. */
export function askedNumbers(env: Env, name: string, fallback: readonly number[]): readonly number[] {
  const words = wordsOf(env[name]);
  const numbers = words.map(Number);
  if (numbers.some((value) => !(value > 0))) {
    throw new Error(`${name}: expected positive numbers, got "${words.join(" ")}"`);
  }
  return numbers.length > 0 ? numbers : fallback;
}

/** Words of a known set, separated by blanks or commas; all of them unless set. Throws when one is unknown. */
export function askedWords<T extends string>(env: Env, name: string, known: readonly T[]): readonly T[] {
  const words = wordsOf(env[name]);
  const unknown = words.find((word) => !known.some((each) => each === word));
  if (unknown !== undefined) throw new Error(`${name}: expected some of ${known.join(" ")}, got "${unknown}"`);
  return words.length > 0 ? known.filter((each) => words.includes(each)) : known;
}

function wordsOf(text = ""): readonly string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}
