/**
 * The medic: names what went wrong, and says how long to wait after it. Whoever meets trouble sends for one; a caller
 * carries none of it before its first failed call, and after its next good one (scripts/build.ts).
 */

import { Backoff, type BackoffRules, retryAfterSec } from "../caller/backoff.ts";
import { troubleIn } from "./error_messages.ts";
import { dialFaults, socketFault } from "./faults.ts";

/** Sends for the medic. */
export function openMedic() {
  const backoff = (rules: BackoffRules) => new Backoff(rules);
  return { backoff, dialFaults, retryAfterSec, socketFault, troubleIn };
}
