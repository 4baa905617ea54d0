/**
 * Whether a load asks for more than an Azure resource gives by default. Quotas differ by tier and are often raised, so
 * what this says is a warning and never a problem.
 */

import type { Settings } from "./settings.ts";

/** Recognitions at the same time that Azure Speech allows a standard resource by default. */
const SPEECH_CONCURRENCY = 100;

/** New connections that VoiceLive allows a standard resource each minute by default. */
const VOICELIVE_CALLS_PER_MINUTE = 30;

/** What a reader should know before the calls are made: which default quota is below what the settings ask for. */
export function quotaRemarks(settings: Settings): readonly string[] {
  const { PIPELINE, USERS } = settings;
  if (PIPELINE === "cascade") {
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

/** Calls that start within the busiest minute, hung-up callers who call again left out. */
function newCallsPerMinute({ CALLS_PER_SEC, SPAWN_RATE, TIME, USERS }: Settings): number {
  const sec = Math.min(60, TIME);
  return CALLS_PER_SEC > 0 ? Math.ceil(CALLS_PER_SEC * sec) : Math.min(USERS, Math.ceil(SPAWN_RATE * sec));
}
