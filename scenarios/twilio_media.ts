/** A phone call: Twilio streams the caller's audio to the agent (Media Streams, bidirectional). */

import { voiceScenario } from "../lib/k6/scenario.ts";
import { twilio } from "../lib/wire/twilio.ts";

const scenario = voiceScenario("twilio_media", twilio, __ENV);

export const options = scenario.options;
export const setup = scenario.setup;
export const handleSummary = scenario.handleSummary;
export default scenario.call;
