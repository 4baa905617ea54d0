/**
 * The ACS media streaming wire: what Azure Communication Services sends to an agent for a phone call.
 * JSON text frames in both directions, audio as base64 in `AudioData`; the agent adds its session's
 * envelopes. On VoiceLive every piece of audio comes twice, as `AudioData` and as an `audio_data` twin
 * that carries the response id; it is counted once.
 */

import type { Base64, Codec, CodecOptions, Socket, Transport } from "./codec.ts";
import { asObject, decodeMessage, type Json } from "./envelope.ts";
import type { Event } from "./event.ts";
import { faultOf } from "./faults.ts";
import { base64Bytes, dataBytes, decodeAudioData, opensWith, pcmMs } from "./payload.ts";

const RATE_HZ = 16000;

const NOTHING: readonly Event[] = [];
const STOP: readonly Event[] = [{ type: "stop" }];
const BAD_JSON: readonly Event[] = [{ type: "fault", fault: { kind: "notice", code: "bad_json" } }];

/** A phone call. */
export const acs: Transport = {
  path: "/api/v1/media/stream",
  pathHint: "the phone wire is served at /api/v1/media/stream",
  stopOwedAfterEnd: () => true,
  sampleRateHz: () => RATE_HZ,
  dial: (url, callId) => ({
    url,
    headers: {
      "x-ms-call-connection-id": callId,
      "x-ms-call-correlation-id": callId,
      "x-session-id": callId,
    },
  }),
  pack: packFrames,
  codec: (options) => new AcsCodec(options),
};

/** Each frame is encoded by itself, so that a frame is a slice of the text. */
function packFrames(pcm: Uint8Array, frameBytes: number, base64: Base64): string {
  let packed = "";
  for (let at = 0; at < pcm.length; at += frameBytes) packed += base64(pcm.slice(at, at + frameBytes).buffer);
  return packed;
}

class AcsCodec implements Codec {
  private readonly socket: Socket;
  private readonly options: CodecOptions;
  private readonly tail: string;
  private readonly frameBytes: number;
  /** Base64 characters of one frame, padding included: 856 for 20 ms. */
  private readonly frameChars: number;
  private packed = "";
  private quietFrame = 0;
  private twinned = false;
  private unpaired = false;

  constructor(options: CodecOptions) {
    this.socket = options.socket;
    this.options = options;
    this.frameBytes = (options.frameMs * RATE_HZ * 2) / 1000;
    this.frameChars = Math.ceil(this.frameBytes / 3) * 4;
    this.tail = `","participantRawID":"8:acs:${options.callId}","data":"`;
  }

  open(): void {
    const { callId } = this.options;
    const audioMetadata = {
      subscriptionId: callId,
      encoding: "PCM",
      sampleRate: RATE_HZ,
      channels: 1,
      length: this.frameBytes,
    };
    this.socket.sendText(JSON.stringify({ kind: "AudioMetadata", audioMetadata }));
  }

  speak(packed: string): void {
    this.packed = packed;
  }

  sendFrame(frame: number, epochMs: number): void {
    this.send(this.packed, frame, epochMs);
  }

  sendQuiet(epochMs: number): void {
    const { quiet } = this.options;
    this.send(quiet, this.quietFrame, epochMs);
    this.quietFrame = (this.quietFrame + 1) % (quiet.length / this.frameChars);
  }

  decode(message: string): readonly Event[] {
    try {
      if (opensWith(message, "kind", "AudioData")) return this.audio(dataBytes(message));
      if (opensWith(message, "type", "audio_data")) return this.twin(decodeAudioData(message));
      return this.decodeParsed(this.parse(message));
    } catch {
      return BAD_JSON;
    }
  }

  /** `silent` is always said: an agent of early 2026 drops audio that does not say it is false. */
  private send(packed: string, frame: number, epochMs: number): void {
    const data = packed.substring(frame * this.frameChars, (frame + 1) * this.frameChars);
    const stamp = new Date(epochMs).toISOString();
    this.socket.sendText(`{"kind":"AudioData","audioData":{"timestamp":"${stamp}${this.tail}${data}","silent":false}}`);
  }

  /** The call's own id is cut out first: whatever it holds is no word of the agent's. Throws SyntaxError. */
  private parse(message: string): Json {
    return asObject(JSON.parse(message.replaceAll(this.options.callId, "")));
  }

  private decodeParsed(message: Json): readonly Event[] {
    const kind = message.kind ?? message.Kind;
    if (kind === undefined) return decodeMessage(message, this.options.tokens);
    if (kind === "StopAudio") return STOP;
    if (kind === "ErrorData") return [{ type: "fault", fault: faultOf(asObject(message.errorData)) }];
    if (kind !== "AudioData") return decodeMessage({ type: kind }, this.options.tokens);
    const section = asObject(message.audioData ?? message.AudioData);
    const data = section.data ?? section.Data;
    return typeof data === "string" ? this.audio(base64Bytes(data)) : NOTHING;
  }

  /** Once twins have come they are the audio: they say whose it is. */
  private audio(bytes: number): readonly Event[] {
    if (this.twinned || bytes === 0) return NOTHING;
    this.unpaired = true;
    return [{ type: "audio", ms: pcmMs(bytes, RATE_HZ) }];
  }

  /** The first twin of a call may follow audio that was counted already. */
  private twin(events: readonly Event[]): readonly Event[] {
    const counted = this.unpaired && events[0]?.type === "audio";
    this.twinned = true;
    this.unpaired = false;
    return counted ? NOTHING : events;
  }
}
