/** When a caller may dial again after a failed call. A lazy module: a caller loads it when a call fails. */

import { Backoff, retryAfterSec } from "./backoff.ts";

/** Loads the module. */
export function loadBackoff() {
  return { Backoff, retryAfterSec };
}
