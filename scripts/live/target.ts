/** Finds the URL and the headers of a call, as a load test does. */

import { createHmac } from "node:crypto";

import { wireSettingsOf } from "../../lib/caller/wire_settings.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetHeaders, targetUrl } from "../../lib/settings/target_url.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { BASE64 } from "../run/prepare.ts";

/** The URL and the headers of one call; `callId` is its session id. */
export function dialRequest(scenario: ScenarioName, settings: Settings, callId: string) {
  const transport = WIRES[scenario];
  const { headers, url } = transport.dial({
    url: targetUrl(settings, transport.path),
    callId,
    pipeline: settings.PIPELINE,
    wireSettings: wireSettingsOf(settings, ""),
    hmacSha1: (key, text) => createHmac("sha1", key).update(text).digest("base64"),
  });
  return { url, headers: { ...headers, ...targetHeaders(settings, BASE64) } };
}

/** Checks a scenario name. Throws for an unknown one. */
export function parseScenario(name: string): ScenarioName {
  if (name in WIRES) return name as ScenarioName;
  throw new Error(`SCENARIO: expected one of ${Object.keys(WIRES).join(", ")}, got "${name}"`);
}
