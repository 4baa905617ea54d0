/**
 * The clerk: writes records down, as samples and as lines of the run's log. A caller sends for one when a turn or a call is
 * over and keeps none of it in between, as with the office (scripts/build.ts).
 */

import { Journal } from "./journal.ts";

/** Sends for the clerk. */
export function openClerk() {
  return { Journal };
}
