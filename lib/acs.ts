/**
 * The ACS media streaming wire: what Azure Communication Services sends to an agent for a phone call.
 * JSON text frames in both directions, audio as base64 in `AudioData`; the agent adds its session's
 * envelopes. On VoiceLive every piece of audio comes twice, as `AudioData` and as an `audio_data` twin
 * that carries the response id; it is counted once.
 */

import type { Base64, Codec, CodecOptions, Socket, Transport } from "./codec.ts";
import { asObject, BAD_JSON, decodeMessage, type Json, parseMessage } from "./envelope.ts";
import type { Event } from "./event.ts";
import { IsoClock } from "./isoclock.ts";
import { AudioDataReader, AudioShape, base64Bytes, dataBytes, opensWith, pcmMs } from "./payload.ts";

/** The rate of a phone, in both directions unless the caller is told to send another, in Hz. */
const PHONE_HZ = 16000;

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
  codec: (options) => new AcsCodec(options),
};

/** Each frame is encoded by itself, so that a frame is a slice of the text. */
function packFrames(pcm: Uint8Array, frameBytes: number, base64: Base64): string {
  let packed = "";
  for (let at = 0; at < pcm.length; at += frameBytes) packed += base64.encode(pcm.slice(at, at + frameBytes).buffer);
  return packed;
}

class AcsCodec implements Codec {
  private readonly socket: Socket;
  private readonly options: CodecOptions;
  private readonly quiet: string;
  private readonly tail: string;
  private readonly frameBytes: number;
  /** Base64 characters of one frame, padding included: 856 for 20 ms. */
  private readonly frameChars: number;
  private readonly clock = new IsoClock();
  private readonly shape = new AudioShape();
  private readonly audioData = new AudioDataReader();
  private packed = "";
  private quietAt = 0;
  private twinned = false;
  private unpaired = false;

  constructor(options: CodecOptions) {
    this.socket = options.socket;
    this.options = options;
    this.quiet = options.quiet;
    this.frameBytes = (options.frameMs * options.rateHz * 2) / 1000;
    this.frameChars = Math.ceil(this.frameBytes / 3) * 4;
    this.tail = `","participantRawID":"8:acs:${options.callId}","data":"`;
  }

  open(): void {
    const { callId, rateHz } = this.options;
    const audioMetadata = {
      subscriptionId: callId,
      encoding: "PCM",
      sampleRate: rateHz,
      channels: 1,
      length: this.frameBytes,
    };
    this.socket.sendText(JSON.stringify({ kind: "AudioMetadata", audioMetadata }));
  }

  speak(packed: string): void {
    this.packed = packed;
  }

  sendFrame(frame: number, epochMs: number): void {
    this.send(this.packed, frame * this.frameChars, epochMs);
  }

  sendQuiet(epochMs: number): void {
    const at = this.quietAt;
    this.send(this.quiet, at, epochMs);
    this.quietAt = (at + this.frameChars) % this.quiet.length;
  }

  decode(message: string): readonly Event[] {
    const known = this.shape.match(message);
    if (known !== null) return this.audio(known);
    try {
      if (opensWith(message, "kind", "AudioData")) return this.audio(this.read(message));
      if (opensWith(message, "type", "audio_data")) return this.twin(this.audioData.read(message));
      const parsed = parseMessage(message, this.options.callId);
      if ((parsed.kind ?? parsed.Kind) === "AudioData") return this.audioIn(parsed);
      if (parsed.type === "audio_data") return this.twin(this.audioData.read(message));
      return decodeMessage(parsed, this.options.tokens);
    } catch {
      return BAD_JSON;
    }
  }

  /** `silent` is always said: an agent of early 2026 drops audio that does not say it is false. */
  private send(packed: string, at: number, epochMs: number): void {
    const data = packed.substring(at, at + this.frameChars);
    const stamp = this.clock.stamp(epochMs);
    this.socket.sendText(`{"kind":"AudioData","audioData":{"timestamp":"${stamp}${this.tail}${data}","silent":false}}`);
  }

  private audioIn(message: Json): readonly Event[] {
    const section = asObject(message.audioData ?? message.AudioData);
    const data = section.data ?? section.Data;
    return typeof data === "string" ? this.audio(audioOf(base64Bytes(data))) : NOTHING;
  }

  private read(message: string): readonly Event[] {
    const events = audioOf(dataBytes(message));
    this.shape.learn(message, events);
    return events;
  }

  /** Once twins have come they are the audio: they say whose it is. */
  private audio(events: readonly Event[]): readonly Event[] {
    if (this.twinned || events.length === 0) return NOTHING;
    this.unpaired = true;
    return events;
  }

  /** The first twin of a call may follow audio that was counted already. */
  private twin(events: readonly Event[]): readonly Event[] {
    const counted = this.unpaired && events[0]?.type === "audio";
    this.twinned = true;
    this.unpaired = false;
    return counted ? NOTHING : events;
  }
}

function audioOf(bytes: number): readonly Event[] {
  return bytes === 0 ? NOTHING : [{ type: "audio", ms: pcmMs(bytes, PHONE_HZ) }];
}
