/** Describes one option of `k6 run`: its names, and what a make target does with it. */

/** One option of k6. */
export interface K6Option {
  /** The long flag without its dashes; null where there is none. */
  readonly flag: string | null;
  readonly short: string | null;
  /** What follows the flag: a value; nothing, as for a switch; or a value only after `=`. */
  readonly takes: "value" | "nothing" | "attached value";
  /** The environment variable; null where there is none. */
  readonly variable: string | null;
  /** The name in k6's config file, which k6 reads without regard to case; null where there is none. */
  readonly key: string | null;
  /** True when the make targets refuse a value; null: they pass every value on. */
  readonly refuses: ((value: string) => boolean) | null;
  /** What the option does, as the end of a sentence that begins with it. */
  readonly effect: string;
  /** What to do instead; empty where leaving the option out is all. */
  readonly instead: string;
  /** What becomes of the option in a `k6 run` without make. */
  readonly plain: string;
}

/** Where an option can be given: F a flag, V a variable, C the config file; and the names that do not follow from the first. */
export type Row = Partial<K6Option> & { readonly name: string; readonly in: string };

/** Fills in what follows from the name of an option: `no-setup` is `--no-setup`, `K6_NO_SETUP` and `noSetup`. */
export function option({ name, in: places, ...given }: Row): K6Option {
  const camel = name.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
  return {
    flag: places.includes("F") ? name : null,
    short: null,
    takes: "value",
    variable: places.includes("V") ? `K6_${name.toUpperCase().replaceAll("-", "_")}` : null,
    key: places.includes("C") ? camel : null,
    refuses: null,
    effect: "",
    instead: "",
    plain: "honoured",
    ...given,
  };
}
