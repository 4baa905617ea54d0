/**
 * The browser conversation wire: raw PCM in binary frames to the agent, JSON text back, audio as base64 in
 * `audio_data`. No hello and no call headers: the session is in the URL, and text would be taken for typed words.
 */

import type { Codec, CodecOptions, Transport } from "./codec.ts";
import { BAD_JSON, decodeMessage, parseMessage } from "./envelope.ts";
import type { Event } from "./event.ts";
import { AudioDataReader, opensWith } from "./payload.ts";

/** A browser conversation. */
export const browser: Transport = {
  path: "/api/v1/realtime/conversation",
  pathHint: "agents since 2026 serve it at WS_PATH=/api/v1/browser/conversation",
  statusPath: null,
  // An agent's stop is sent only while audio is still being forwarded, and VoiceLive forwards faster than it plays.
  stopOwedAfterEnd: (pipeline) => pipeline !== "voicelive",
  sampleRateHz: (pipeline) => (pipeline === "voicelive" ? 24000 : 16000),
  dial: (url, callId, pipeline) => {
    const query = pipeline === "voicelive" ? `session_id=${callId}&streaming_mode=voice_live` : `session_id=${callId}`;
    return { url: `${url}${url.includes("?") ? "&" : "?"}${query}`, headers: {} };
  },
  pack: (pcm, _, base64) => base64.encode(pcm.slice().buffer),
  codec: (options) => new BrowserCodec(options),
};

class BrowserCodec implements Codec {
  private readonly options: CodecOptions;
  private readonly frameBytes: number;
  private readonly quiet: ArrayBuffer;
  private readonly audioData = new AudioDataReader();
  private spoken = new ArrayBuffer(0);
  private quietAt = 0;

  constructor(options: CodecOptions) {
    this.options = options;
    this.frameBytes = (options.frameMs * options.rateHz * 2) / 1000;
    this.quiet = options.base64.decode(options.quiet);
  }

  /** Whatever was said here would be taken for what a user typed, and answered. */
  open(): void {}

  speak(packed: string): void {
    this.spoken = this.options.base64.decode(packed);
  }

  sendFrame(frame: number): void {
    this.send(this.spoken, frame * this.frameBytes);
  }

  sendQuiet(): void {
    this.send(this.quiet, this.quietAt);
    this.quietAt = (this.quietAt + this.frameBytes) % this.quiet.byteLength;
  }

  decode(message: string): readonly Event[] {
    try {
      if (opensWith(message, "type", "audio_data")) return this.audioData.read(message);
      const parsed = parseMessage(message, this.options.callId);
      return parsed.type === "audio_data" ? this.audioData.read(message) : decodeMessage(parsed, this.options.tokens);
    } catch {
      return BAD_JSON;
    }
  }

  private send(pcm: ArrayBuffer, at: number): void {
    this.options.socket.sendBinary(pcm.slice(at, at + this.frameBytes));
  }
}
