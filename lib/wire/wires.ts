/**
 * The table of wires (protocols between caller and agent): which one each scenario uses. A new wire needs one codec
 * file, one row here and one scenario.
 */

import { acs } from "./acs.ts";
import { browser } from "./browser.ts";
import type { Transport } from "./codec.ts";
import { realtime } from "./realtime.ts";
import { twilio } from "./twilio.ts";

/** The wires, by the name of their scenario. */
export const WIRES = {
  acs_media: acs,
  browser_conversation: browser,
  twilio_media: twilio,
  openai_realtime: realtime,
} as const satisfies Readonly<Record<string, Transport>>;

/** The name of a scenario: its file and its make targets contain it. */
export type ScenarioName = keyof typeof WIRES;
