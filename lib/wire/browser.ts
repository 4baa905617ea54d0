/**
 * The wire of a conversation in a browser: the caller sends raw PCM in binary frames, the agent sends JSON text, with
 * audio as base64 in `audio_data`. There are no call headers, because the session is in the URL, and no opening
 * message, because agents take text for words that the caller typed.
 */

import { QUIET } from "../conversation/slot.ts";
import { opensAudioData, readAudioData } from "./audio_message.ts";
import { audioTemplate } from "./audio_template.ts";
import type { Codec, CodecOptions, Transport } from "./codec.ts";
import { decodeMessage, parseMessage, typeOf } from "./envelope.ts";
import { makeSoundCheck } from "./sound.ts";
import { loadUnread } from "./unread.lazy.ts";

/** The browser wire. */
export const browser: Transport = {
  path: "/api/v1/realtime/conversation",
  pathHint: "agents since 2026 serve it at WS_PATH=/api/v1/browser/conversation",
  statusPath: null,
  // Agents send a stop only while they still forward audio, and VoiceLive forwards audio faster than it plays.
  hasPipelines: true,
  sendsDtmf: false,
  textLeadsAudio: (pipeline) => pipeline === "voicelive",
  stopOwedAfterEnd: (pipeline) => pipeline !== "voicelive",
  sampleRateHz: (pipeline) => (pipeline === "voicelive" ? 24000 : 16000),
  dial: ({ callId, pipeline, url }) => {
    const query = pipeline === "voicelive" ? `session_id=${callId}&streaming_mode=voice_live` : `session_id=${callId}`;
    return { url: `${url}${url.includes("?") ? "&" : "?"}${query}`, headers: {} };
  },
  pack: (pcm, _, base64) => base64.encode(pcm.slice().buffer),
  codec: browserCodec,
};

/** Makes the codec of one call, of closures over local variables: property lookups are slow in k6 (see acs.ts). */
function browserCodec({ base64, callId, frameMs, quiet, rateHz, socket, tokens }: CodecOptions): Codec {
  const { sendBinary } = socket;
  const frameBytes = (frameMs * rateHz * 2) / 1000;
  const quietPcm = base64.decode(quiet);
  const quietBytes = quietPcm.byteLength;
  const readMessage = (message: string) => readAudioData(message, rateHz);
  const { eventsAt, read, samplesAt } = audioTemplate(readMessage, makeSoundCheck(base64));
  let piece = new ArrayBuffer(0);
  let firstFrame = 0;
  let quietAt = 0;
  return {
    /** Sends nothing: the agent would take it for words that the caller typed, and answer it. */
    open: () => true,
    setPiece(packed, first) {
      piece = base64.decode(packed);
      firstFrame = first;
    },
    send(frame) {
      if (frame === QUIET) {
        sendBinary(quietPcm.slice(quietAt, quietAt + frameBytes));
        quietAt = (quietAt + frameBytes) % quietBytes;
        return;
      }
      const at = (frame - firstFrame) * frameBytes;
      sendBinary(piece.slice(at, at + frameBytes));
    },
    decode(message, closely = true) {
      const at = samplesAt(message);
      if (at >= 0) return eventsAt(message, at, closely);
      try {
        if (opensAudioData(message)) return read(message, closely);
        const parsed = parseMessage(message, callId);
        return typeOf(parsed, "type") === "audio_data" ? read(message, closely) : decodeMessage(parsed, tokens);
      } catch {
        return loadUnread().badJsonEvents(message);
      }
    },
  };
}
