/** What a caller does after a failed call: when it may dial again, and where it was redirected to. A lazy module: a caller loads it when a call fails. */

import { Backoff, retryAfterSec } from "./backoff.ts";
import { redirectOf } from "./redirect.ts";

/** Loads the module. */
export function loadBackoff() {
  return { Backoff, redirectOf, retryAfterSec };
}
