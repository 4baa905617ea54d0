/** Reads `compare_with`, the input of load-test.yml that says which runs to compare with. */

/** Where runs to compare with come from: one run, or the last `count` runs of a branch. */
export type Base = { readonly runId: string } | { readonly branch: string; readonly count: number };

const RUN_ID = /^[1-9]\d{0,17}$/;

/** A branch's name in the characters that need no escape anywhere, and how many of its runs. */
const BRANCH = /^([A-Za-z0-9_][\w./+@#=-]{0,199})(?::([1-9]))?$/;

/**
 * Reads ids of runs and names of branches, separated by commas or spaces; `main:3` is the last three runs of main. A word of
 * digits is an id. Throws when a word is neither, or there is none.
 */
export function readCompareWith(text: string): readonly Base[] {
  const bases = text
    .split(/[, ]+/)
    .filter((word) => word !== "")
    .map(readWord);
  const known = bases.filter((base) => base !== null);
  if (known.length === 0 || known.length < bases.length) {
    throw new Error(
      `compare_with: expected ids of runs or names of branches, such as main, main:3 or "123 456", got ${JSON.stringify(text)}`,
    );
  }
  return known;
}

function readWord(word: string): Base | null {
  if (RUN_ID.test(word)) return { runId: word };
  const [, branch, count = "1"] = BRANCH.exec(word) ?? [];
  return branch === undefined ? null : { branch, count: Number(count) };
}
