/** Whether the agent runs the pipeline that was asked for, where only the agent can know. */

import type { Pipeline } from "./codec.ts";

/** The URL of a status route on the host of a WebSocket URL. */
export function statusUrl(webSocketUrl: string, path: string): string {
  const [, scheme, host] = /^(wss?):\/\/([^/?#]*)/i.exec(webSocketUrl) ?? [];
  return `${scheme?.toLowerCase() === "wss" ? "https" : "http"}://${host}${path}`;
}

/** Says that the status route names another pipeline than was asked for; null when it does not, or says nothing. */
export function pipelineRemark(asked: Pipeline, body: string): string | null {
  const mode = streamingMode(body);
  if (mode === null) return null;
  const runs: Pipeline = mode === "voice_live" ? "voicelive" : "cascade";
  if (runs === asked) return null;
  return `the agent says that its phone calls run ${runs} (streaming_mode ${mode}), not ${asked}: these numbers are ${runs}'s`;
}

function streamingMode(body: string): string | null {
  try {
    const mode = (JSON.parse(body) as { streaming_mode?: unknown } | null)?.streaming_mode;
    return typeof mode === "string" ? mode : null;
  } catch {
    return null;
  }
}
