/**
 * The browser conversation wire: raw PCM in binary frames to the agent, JSON text back, audio as base64 in
 * `audio_data`. No hello and no call headers: the session is in the URL, and text would be taken for typed words.
 */

import { QUIET } from "../conversation/slot.ts";
import type { Codec, CodecOptions, Transport } from "./codec.ts";
import { BAD_JSON, decodeMessage, parseMessage } from "./envelope.ts";
import { audioTemplate, decodeAudioData, opensWith } from "./payload.ts";

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
  codec: browserCodec,
};

/** The codec of one call: closures, as the phone's. */
function browserCodec({ base64, callId, frameMs, quiet, rateHz, socket, tokens }: CodecOptions): Codec {
  const { sendBinary } = socket;
  const frameBytes = (frameMs * rateHz * 2) / 1000;
  const quietPcm = base64.decode(quiet);
  const quietBytes = quietPcm.byteLength;
  const { match, read } = audioTemplate(decodeAudioData);
  let spoken = new ArrayBuffer(0);
  let firstFrame = 0;
  let quietAt = 0;
  return {
    /** Whatever was said here would be taken for what a user typed, and answered. */
    open() {},
    setPiece(packed, first) {
      spoken = base64.decode(packed);
      firstFrame = first;
    },
    send(frame) {
      if (frame === QUIET) {
        sendBinary(quietPcm.slice(quietAt, quietAt + frameBytes));
        quietAt = (quietAt + frameBytes) % quietBytes;
        return;
      }
      const at = (frame - firstFrame) * frameBytes;
      sendBinary(spoken.slice(at, at + frameBytes));
    },
    decode(message) {
      const known = match(message);
      if (known !== null) return known;
      try {
        if (opensWith(message, "type", "audio_data")) return read(message);
        const parsed = parseMessage(message, callId);
        return parsed.type === "audio_data" ? read(message) : decodeMessage(parsed, tokens);
      } catch {
        return BAD_JSON;
      }
    },
  };
}
