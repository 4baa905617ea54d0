/**
 * The wire of a phone call: media streaming as Azure Communication Services (ACS) uses it with an agent. JSON text
 * frames in both directions, audio as base64 in `AudioData`; the agent adds the envelopes of its session. A VoiceLive
 * agent sends every piece of audio twice: as `AudioData`, and as a duplicate `audio_data` message with the response id.
 * The duplicate is called the twin here. Each piece is counted once.
 */

import type { Event } from "../conversation/event.ts";
import { QUIET } from "../conversation/slot.ts";
import { announcedRateHz, opensAudioData, opensPhoneAudio, readAudioData, readPhoneAudio } from "./audio_message.ts";
import { audioTemplate } from "./audio_template.ts";
import { packedFrameChars, packFrames } from "./base64.ts";
import type { Codec, CodecOptions, Transport } from "./codec.ts";
import { decodeMessage, parseMessage, typeOf } from "./envelope.ts";
import { makeSoundCheck } from "./sound.ts";
import { loadUnread } from "./unread.lazy.ts";

/** The sample rate of a phone call in both directions, in Hz, unless the settings name another: ACS has one for both. */
const PHONE_HZ = 16000;

/** The beginning of an audio message, up to its time stamp. */
const HEAD = '{"kind":"AudioData","audioData":{"timestamp":"';

const NOTHING: readonly Event[] = [];

/** The phone wire. */
export const acs: Transport = {
  path: "/api/v1/media/stream",
  pathHint: "the phone wire is served at /api/v1/media/stream",
  statusPath: "/api/v1/media/status",
  hasPipelines: true,
  sendsDtmf: false,
  textLeadsAudio: (pipeline) => pipeline === "voicelive",
  stopOwedAfterEnd: () => true,
  sampleRateHz: () => PHONE_HZ,
  dial: ({ callId, url }) => ({
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

/**
 * Makes the codec of one call, of closures over local variables and not as a class: each property lookup costs k6's
 * interpreter accesses to uncached memory, and a caller would make hundreds of them each second.
 */
function acsCodec(options: CodecOptions): Codec {
  const { callId, frameMs, quiet, rateHz } = options;
  const { sendText } = options.socket;
  const frameBytes = (frameMs * rateHz * 2) / 1000;
  const frameChars = packedFrameChars(frameBytes);
  const middle = `Z","participantRawID":"8:acs:${callId}","data":"`;
  const decode = acsDecoder(options);
  let packed = "";
  let firstFrame = 0;
  let quietAt = 0;
  /** The message up to the milliseconds of its time stamp: it changes once a second. */
  let head = "";
  let secondAtMs = Number.NEGATIVE_INFINITY;

  /** Renews `head`; returns the ms since the second began. */
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
      return true;
    },
    setPiece(piece, first) {
      packed = piece;
      firstFrame = first;
    },
    /**
     * One closure and one template string, because each caller runs it 50 times a second. Drops fractions of a ms, as
     * Date does.
     */
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
      // `silent` is always sent: an agent of early 2026 drops audio without `"silent":false`.
      sendText(`${head}${zeros}${sinceMs | 0}${middle}${data}","silent":false}}`);
    },
    decode,
  };
}

/** Makes the decoder of one call: it keeps the audio templates, and whether twins have come. */
function acsDecoder({ base64, callId, rateHz, tokens }: CodecOptions): Codec["decode"] {
  const phoneTemplate = (ofHz: number) =>
    audioTemplate((message) => readPhoneAudio(message, ofHz), makeSoundCheck(base64));
  let phone = phoneTemplate(rateHz);
  const twins = audioTemplate((message) => readAudioData(message, rateHz), makeSoundCheck(base64));
  /** True once a twin has come. */
  let sawTwin = false;
  /** True when audio without a twin has been counted. */
  let countedWithoutTwin = false;

  /** Returns the events of an `AudioData` message. Once twins have come, only they count: they have the response id. */
  const audio = (events: readonly Event[]) => {
    if (sawTwin || events.length === 0) return NOTHING;
    countedWithoutTwin = true;
    return events;
  };

  /** Returns the events of a twin. The first one of a call may duplicate audio that has been counted already. */
  const twin = (events: readonly Event[]) => {
    const isCounted = countedWithoutTwin && (events[0]?.type === "audio" || events[0]?.type === "silence");
    sawTwin = true;
    countedWithoutTwin = false;
    return isCounted ? NOTHING : events;
  };

  const parseAndDecode = (message: string, closely: boolean) => {
    const parsed = parseMessage(message, callId);
    if (typeOf(parsed, "kind") === "audiodata") return audio(phone.read(message, closely));
    if (typeOf(parsed, "type") === "audio_data") return twin(twins.read(message, closely));
    if (typeOf(parsed, "kind") === "audiometadata") phone = phoneTemplate(announcedRateHz(parsed) ?? rateHz);
    return decodeMessage(parsed, tokens);
  };

  return (message, closely = true) => {
    const at = phone.samplesAt(message);
    if (at >= 0) return sawTwin ? NOTHING : audio(phone.eventsAt(message, at, closely));
    const twinAt = twins.samplesAt(message);
    if (twinAt >= 0) return twin(twins.eventsAt(message, twinAt, closely));
    try {
      if (opensPhoneAudio(message)) return audio(phone.read(message, closely && !sawTwin));
      return opensAudioData(message) ? twin(twins.read(message, closely)) : parseAndDecode(message, closely);
    } catch {
      return loadUnread().badJsonEvents(message);
    }
  };
}
