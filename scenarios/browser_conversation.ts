/** A browser conversation: the page streams the microphone to the agent. */

import { voiceScenario } from "../lib/k6/scenario.ts";
import { browser } from "../lib/wire/browser.ts";

const scenario = voiceScenario("browser_conversation", browser, __ENV);

export const options = scenario.options;
export const setup = scenario.setup;
export const handleSummary = scenario.handleSummary;
export default scenario.call;
