/** Picks what single wires need out of the settings (lib/wire/codec.ts). */

import type { Settings } from "../settings/settings.ts";
import type { WireSettings } from "../wire/codec.ts";

/** The settings of single wires. `session` is the text of the file that SESSION names, empty where it names none. */
export function wireSettingsOf(settings: Settings, session: string): WireSettings {
  return {
    accountSid: settings.TWILIO_ACCOUNT_SID,
    authToken: settings.TWILIO_AUTH_TOKEN,
    streamParameters: settings.STREAM_PARAMETERS,
    api: settings.REALTIME_API,
    apiKey: settings.REALTIME_API_KEY,
    apiVersion: settings.REALTIME_API_VERSION,
    model: settings.REALTIME_MODEL,
    session,
    asksForGreeting: settings.REALTIME_GREETING,
    toolOutput: settings.TOOL_OUTPUT,
  };
}
