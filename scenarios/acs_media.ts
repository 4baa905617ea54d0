/** A phone call: Azure Communication Services streams the caller's audio to the agent. */

import { voiceScenario } from "../lib/k6/scenario.ts";
import { acs } from "../lib/wire/acs.ts";

const scenario = voiceScenario("acs_media", acs, __ENV);

export const options = scenario.options;
export const setup = scenario.setup;
export const handleSummary = scenario.handleSummary;
export default scenario.call;
