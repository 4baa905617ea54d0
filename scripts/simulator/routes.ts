/** The paths that the simulator serves, and what its status routes answer. */

import type { Pipeline } from "./wire.ts";

/** Where phone calls come in. */
export const MEDIA_PATH = "/api/v1/media/stream";

/**
 * Where browsers come in, and the pipeline where the query names none: the path of 2025, the one since 2026, and one
 * that was only ever documented.
 */
export const BROWSER_PATHS: Readonly<Record<string, Pipeline>> = {
  "/api/v1/realtime/conversation": "cascade",
  "/api/v1/browser/conversation": "cascade",
  "/api/v1/live-voice/session": "voicelive",
};

/** What the agent says of itself. */
interface State {
  readonly calls: number;
  readonly pipeline: Pipeline;
}

/** The body of a status route, or null where there is none. */
export function statusOf(path: string, { calls, pipeline }: State): unknown {
  const common = { status: "available", protocols_supported: ["WebSocket"], version: "v1" };
  if (path === "/api/v1/media/status") {
    const streaming_mode = pipeline === "cascade" ? "media" : "voice_live";
    const features = { real_time_transcription: true, audio_streaming: true };
    return { ...common, streaming_mode, websocket_endpoint: MEDIA_PATH, features };
  }
  if (path !== "/api/v1/browser/status") return null;
  const websocket_endpoints = {
    dashboard_relay: "/api/v1/browser/dashboard/relay",
    conversation: "/api/v1/browser/conversation",
  };
  const active_connections = { dashboard_clients: 0, conversation_sessions: calls, total_connections: calls };
  return { ...common, websocket_endpoints, features: { real_time_audio: true }, active_connections };
}
