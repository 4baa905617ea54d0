/**
 * The ACS media streaming wire: what Azure Communication Services sends to an agent for a phone call.
 * JSON text frames in both directions, audio as base64 in `AudioData`; the agent adds its session's
 * envelopes. On VoiceLive every piece of audio comes twice, as `AudioData` and as an `audio_data` twin
 * that carries the response id; it is counted once.
 */

import type { Event } from "../conversation/event.ts";
import { QUIET } from "../conversation/slot.ts";
import type { Base64, Codec, CodecOptions, Tokens, Transport } from "./codec.ts";
import { BAD_JSON, decodeMessage, parseMessage } from "./envelope.ts";
import { asObject, type Json } from "./json.ts";
import { audioTemplate, base64Bytes, dataBytes, decodeAudioData, opensWith, pcmMs } from "./payload.ts";

/** The rate of a phone, in both directions unless the caller is told to send another, in Hz. */
const PHONE_HZ = 16000;

/** How an audio message opens, up to its time stamp. */
const HEAD = '{"kind":"AudioData","audioData":{"timestamp":"';

const NOTHING: readonly Event[] = [];

/** A phone call. */
export const acs: Transport = {
  path: "/api/v1/media/stream",
  pathHint: "the phone wire is served at /api/v1/media/stream",
  statusPath: "/api/v1/media/status",
  stopOwedAfterEnd: () => true,
  sampleRateHz: () => PHONE_HZ,
  dial: (url, callId) => ({
    url,
    headers: {
      "x-ms-call-connection-id": callId,
      "x-ms-call-correlation-id": callId,
      "x-session-id": callId,
    },
  }),
  pack: packFrames,
  codec: acsCodec,
};

/** Each frame is encoded by itself, so that a frame is a slice of the text. */
function packFrames(pcm: Uint8Array, frameBytes: number, base64: Base64): string {
  let packed = "";
  for (let at = 0; at < pcm.length; at += frameBytes) packed += base64.encode(pcm.slice(at, at + frameBytes).buffer);
  return packed;
}

/**
 * The codec of one call. It is made of closures, not of a class: every look into an object costs k6's interpreter a walk
 * through memory, and a caller makes hundreds of them each second.
 */
function acsCodec(options: CodecOptions): Codec {
  const { callId, frameMs, quiet, rateHz, tokens } = options;
  const { sendText } = options.socket;
  const frameBytes = (frameMs * rateHz * 2) / 1000;
  /** Base64 characters of one frame, padding included: 856 for 20 ms. */
  const frameChars = Math.ceil(frameBytes / 3) * 4;
  const middle = `","participantRawID":"8:acs:${callId}","data":"`;
  const hear = acsDecoder(callId, tokens);
  let packed = "";
  let firstFrame = 0;
  let quietAt = 0;
  /** What stands before the milliseconds of a frame's time changes once a second. */
  let head = "";
  let secondAtMs = Number.NEGATIVE_INFINITY;

  const beginSecond = (epochMs: number) => {
    secondAtMs = Math.floor(epochMs / 1000) * 1000;
    head = HEAD + new Date(secondAtMs).toISOString().slice(0, -4);
    return epochMs - secondAtMs;
  };

  return {
    open() {
      const audioMetadata = {
        subscriptionId: callId,
        encoding: "PCM",
        sampleRate: rateHz,
        channels: 1,
        length: frameBytes,
      };
      sendText(JSON.stringify({ kind: "AudioMetadata", audioMetadata }));
    },
    setPiece(piece, first) {
      packed = piece;
      firstFrame = first;
    },
    /** One closure and one text, because each caller does this 50 times a second; fractions of a ms are dropped, as Date does. */
    send(frame, epochMs) {
      let sinceMs = epochMs - secondAtMs;
      if (sinceMs < 0 || sinceMs >= 1000) sinceMs = beginSecond(epochMs);
      let data: string;
      if (frame === QUIET) {
        data = quiet.substring(quietAt, quietAt + frameChars);
        quietAt += frameChars;
        if (quietAt >= quiet.length) quietAt = 0;
      } else {
        const at = (frame - firstFrame) * frameChars;
        data = packed.substring(at, at + frameChars);
      }
      const zeros = sinceMs < 10 ? "00" : sinceMs < 100 ? "0" : "";
      // `silent` is always said: an agent of early 2026 drops audio that does not say it is false.
      sendText(`${head}${zeros}${sinceMs - (sinceMs % 1)}Z${middle}${data}","silent":false}}`);
    },
    decode: hear,
  };
}

/** Says what an agent's messages mean, over one call. */
function acsDecoder(callId: string, tokens: Tokens): Codec["decode"] {
  const phone = audioTemplate((message) => audioOf(dataBytes(message)));
  const twins = audioTemplate(decodeAudioData);
  let twinned = false;
  let unpaired = false;

  /** Once twins have come they are the audio: they say whose it is. */
  const audio = (events: readonly Event[]) => {
    if (twinned || events.length === 0) return NOTHING;
    unpaired = true;
    return events;
  };

  /** The first twin of a call may follow audio that was counted already. */
  const twin = (events: readonly Event[]) => {
    const counted = unpaired && events[0]?.type === "audio";
    twinned = true;
    unpaired = false;
    return counted ? NOTHING : events;
  };

  return (message) => {
    const known = phone.match(message);
    if (known !== null) return audio(known);
    const knownTwin = twins.match(message);
    if (knownTwin !== null) return twin(knownTwin);
    try {
      if (opensWith(message, "kind", "AudioData")) return audio(phone.read(message));
      if (opensWith(message, "type", "audio_data")) return twin(twins.read(message));
      const parsed = parseMessage(message, callId);
      if ((parsed.kind ?? parsed.Kind) === "AudioData") return audio(audioIn(parsed));
      if (parsed.type === "audio_data") return twin(twins.read(message));
      return decodeMessage(parsed, tokens);
    } catch {
      return BAD_JSON;
    }
  };
}

function audioIn(message: Json): readonly Event[] {
  const section = asObject(message.audioData ?? message.AudioData);
  const data = section.data ?? section.Data;
  return typeof data === "string" ? audioOf(base64Bytes(data)) : NOTHING;
}

function audioOf(bytes: number): readonly Event[] {
  return bytes === 0 ? NOTHING : [{ type: "audio", ms: pcmMs(bytes, PHONE_HZ) }];
}
