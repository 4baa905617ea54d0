/** The two factors of a windowed-sinc filter: the impulse response of an ideal low-pass, and the Kaiser window. */

/** The impulse response of the ideal low-pass: 1 at x = 0, and 0 at every other whole number. */
export function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

/**
 * The Kaiser window: 1 at x = 0, 0 outside [-1, 1]. A larger `beta` attenuates more, and has a wider transition band.
 */
export function kaiser(x: number, beta: number): number {
  return Math.abs(x) > 1 ? 0 : bessel(beta * Math.sqrt(1 - x * x)) / bessel(beta);
}

/** The modified Bessel function of the first kind, order 0, by its power series. */
function bessel(x: number): number {
  let term = 1;
  let sum = 1;
  for (let k = 1; term > sum * 1e-12; k += 1) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}
