/**
 * Warns when the load exceeds the default quotas of an Azure resource. Quotas differ by pricing tier and are often raised,
 * so a warning never stops a run.
 */

import type { ScenarioName } from "../wire/wires.ts";
import type { Settings } from "./settings.ts";

/** Concurrent recognitions that Azure Speech allows a standard resource by default. */
const SPEECH_CONCURRENCY = 100;

/** New connections per minute that VoiceLive allows a standard resource by default. */
const VOICELIVE_CALLS_PER_MINUTE = 30;

/**
 * Returns the warnings to print before the first call, at most one: the default quota that the load exceeds. What stands behind
 * an agent on Twilio's wire is not known, and quotas of OpenAI depend on the account.
 */
export function quotaRemarks(settings: Settings, scenario: ScenarioName): readonly string[] {
  const { PIPELINE, REALTIME_API, USERS } = settings;
  if (scenario === "twilio_media" || (scenario === "openai_realtime" && REALTIME_API !== "voice_live")) return [];
  if (scenario !== "openai_realtime" && PIPELINE === "cascade") {
    if (USERS <= SPEECH_CONCURRENCY) return [];
    return [
      `USERS=${USERS} is above the default quota of Azure Speech, ${SPEECH_CONCURRENCY} recognitions at the same time per resource: raise the quota, or expect rate/speech`,
    ];
  }
  const perMinute = newCallsPerMinute(settings);
  if (perMinute <= VOICELIVE_CALLS_PER_MINUTE) return [];
  return [
    `the load starts ${perMinute} calls in a minute; the default quota of VoiceLive is ${VOICELIVE_CALLS_PER_MINUTE} new connections per minute and resource: raise the quota, or lower SPAWN_RATE`,
  ];
}

/** Returns how many calls start within the busiest minute; in the closed model only the first call of each caller counts. */
function newCallsPerMinute({ CALLS_PER_SEC, SPAWN_RATE, TIME, USERS }: Settings): number {
  const windowSec = Math.min(60, TIME);
  return CALLS_PER_SEC > 0 ? Math.ceil(CALLS_PER_SEC * windowSec) : Math.min(USERS, Math.ceil(SPAWN_RATE * windowSec));
}
