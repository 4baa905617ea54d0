/** Which wire each scenario speaks: a new wire is one codec file, one row here and one scenario. */

import { acs } from "./acs.ts";
import { browser } from "./browser.ts";
import type { Transport } from "./codec.ts";

/** The wires, by scenario. */
export const WIRES = {
  acs_media: acs,
  browser_conversation: browser,
} as const satisfies Readonly<Record<string, Transport>>;

/** The name of a scenario, as its files and make targets are called. */
export type ScenarioName = keyof typeof WIRES;
