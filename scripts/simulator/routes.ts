/** The paths of the simulator's server, and the answers of its status routes. */

import type { Dialect, Pipeline } from "./wire.ts";

/** The path of phone calls. */
export const MEDIA_PATH = "/api/v1/media/stream";

/**
 * The paths of browser calls, each with the pipeline when the query names none. The first is the backend's path of 2025, the
 * second its path since 2026; the third is known from documentation only.
 */
export const BROWSER_PATHS: Readonly<Record<string, Pipeline>> = {
  "/api/v1/realtime/conversation": "cascade",
  "/api/v1/browser/conversation": "cascade",
  "/api/v1/live-voice/session": "voicelive",
};

/** The paths of Twilio's streams: those of the samples and of Pipecat. */
export const TWILIO_PATHS: readonly string[] = ["/media-stream", "/ws"];

/** The paths of Realtime APIs, each with the shape of its messages: today's, or that of the beta. */
export const REALTIME_PATHS: Readonly<Record<string, Dialect>> = {
  "/v1/realtime": "ga",
  "/openai/v1/realtime": "ga",
  "/openai/realtime": "beta",
  "/voice-live/realtime": "beta",
};

/** What the status routes report. */
interface ServerState {
  /** Calls in progress. */
  readonly calls: number;
  readonly pipeline: Pipeline;
}

/** The body that a status route answers with, or null when the path is no status route. */
export function statusOf(path: string, { calls, pipeline }: ServerState): unknown {
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
