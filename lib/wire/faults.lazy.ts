/**
 * Loads the functions that classify failed dials, socket errors and error messages. A lazy module, which the bundle
 * evaluates only when it is loaded, because k6 keeps every function of a script in each caller: a caller loads it after
 * a failure.
 */

import { closeOf, dialFaults, socketFault } from "./connection_faults.ts";
import { errorEvents, realtimeFault } from "./error_messages.ts";

/** Loads the module. */
export function loadFaults() {
  return { closeOf, dialFaults, errorEvents, realtimeFault, socketFault };
}
