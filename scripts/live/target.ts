/** Who is called, as a load would call: the settings, the wire, and the words, all read as k6 reads them. */

import type { Settings } from "../../lib/settings/settings.ts";
import { targetUrl } from "../../lib/settings/target.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";

/** The headers and the URL of one call; `callId` is its session id. */
export function dialOf(scenario: ScenarioName, settings: Settings, callId: string) {
  const transport = WIRES[scenario];
  const { headers, url } = transport.dial(targetUrl(settings, transport.path), callId, settings.PIPELINE);
  return { url, headers: { ...headers, ...settings.WS_HEADERS } };
}

/** The scenario by its name. Throws when there is none of that name. */
export function scenarioOf(name: string): ScenarioName {
  if (name in WIRES) return name as ScenarioName;
  throw new Error(`SCENARIO: expected one of ${Object.keys(WIRES).join(", ")}, got "${name}"`);
}
