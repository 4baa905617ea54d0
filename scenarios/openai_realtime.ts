/** A conversation with a Realtime API: OpenAI's, that of Azure OpenAI, or Azure Voice Live. */

import { voiceScenario } from "../lib/k6/scenario.ts";
import { realtime } from "../lib/wire/realtime.ts";

const scenario = voiceScenario("openai_realtime", realtime, __ENV);

export const options = scenario.options;
export const setup = scenario.setup;
export const handleSummary = scenario.handleSummary;
export default scenario.call;
