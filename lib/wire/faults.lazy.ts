/** Names what went wrong with a dial, a socket or a reply. A lazy module: a caller loads it when something goes wrong. */

import { errorEvents } from "./error_messages.ts";
import { dialFaults, socketFault } from "./faults.ts";

/** Loads the module. */
export function loadFaults() {
  return { dialFaults, errorEvents, socketFault };
}
