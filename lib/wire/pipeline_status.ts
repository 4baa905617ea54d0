/** Checks whether the agent runs the pipeline that the settings name, on a wire where the caller cannot choose it. */

import type { Pipeline } from "./codec.ts";

/** Returns the URL of an HTTP path on the host of a WebSocket URL: https for wss, else http. */
export function statusUrl(webSocketUrl: string, path: string): string {
  const [, scheme, host] = /^(wss?):\/\/([^/?#]*)/i.exec(webSocketUrl) ?? [];
  return `${scheme?.toLowerCase() === "wss" ? "https" : "http"}://${host}${path}`;
}

/**
 * Returns a sentence for the report when the body of the status route names another pipeline than the expected one;
 * null when it names the same or none. Any `streaming_mode` but `voice_live` is a cascade.
 */
export function pipelineRemark(expected: Pipeline, body: string): string | null {
  const mode = streamingMode(body);
  if (mode === null) return null;
  const runs: Pipeline = mode === "voice_live" ? "voicelive" : "cascade";
  if (runs === expected) return null;
  return `the agent says that its phone calls run ${runs} (streaming_mode ${mode}), not ${expected}: these numbers are ${runs}'s`;
}

/** Returns the `streaming_mode` of a status body; null where it has none, or is not JSON. */
function streamingMode(body: string): string | null {
  try {
    const mode = (JSON.parse(body) as { streaming_mode?: unknown } | null)?.streaming_mode;
    return typeof mode === "string" ? mode : null;
  } catch {
    return null;
  }
}
