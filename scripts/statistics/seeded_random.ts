/**
 * Random numbers that are the same in every run: the generator sfc32 of PractRand (C. Doty-Humphrey), whose period is far longer
 * than that of generators with one word of state. A bootstrap draws some ten million numbers.
 */

/** A source of random numbers. */
export type Random = () => number;

/** Numbers that are drawn before the first one is handed out, so that similar seeds have nothing in common. */
const WARM_UP = 12;

/** Makes a generator of numbers in [0, 1); the same seed gives the same numbers. */
export function seededRandom(seed: number): Random {
  let [a, b, c, count] = [0, seed | 0, Math.floor(seed / 2 ** 32) | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + count) | 0;
    count = (count + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    c |= 0;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let drawn = 0; drawn < WARM_UP; drawn += 1) next();
  return next;
}
