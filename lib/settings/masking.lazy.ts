/** Masks secrets in the codes of faults. A lazy module: a caller loads it when it logs a fault. */

import { maskCodes } from "./masking.ts";

/** Loads the module. */
export function loadMasking() {
  return { maskCodes };
}
