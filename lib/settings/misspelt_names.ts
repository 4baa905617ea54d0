/** Finds misspelt names of settings in an environment. */

/** Shorter names are not checked for typing errors: k6 passes on all variables of the shell, and `USER` is close to USERS. */
const MIN_TYPO_CHARS = 5;

/** Returns a text for each name that is one typing error away from a known one. */
export function misspeltNames(names: readonly string[], known: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (name.length < MIN_TYPO_CHARS || known.includes(name)) return [];
    const closest = known.find((each) => each.length >= MIN_TYPO_CHARS && oneEditApart(name, each));
    return closest === undefined ? [] : [`${name} is not a setting; did you mean ${closest}?`];
  });
}

/** True when one insertion, deletion, replacement or swap of adjacent letters turns one name into the other. */
function oneEditApart(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const restA = a.slice(start, a.length - end);
  const restB = b.slice(start, b.length - end);
  const isSwap = restA.length === 2 && restA === [...restB].reverse().join("");
  return isSwap || Math.max(restA.length, restB.length) === 1;
}
