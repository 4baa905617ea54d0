/** How each pipeline cuts its audio into frames, the same on both wires. */

import type { Message } from "./envelopes.ts";
import { voiceAt } from "./synthetic_voice.ts";
import type { ResponseContext } from "./wire.ts";

/** One frame of cascade's audio. */
export interface CascadeFrame {
  /** Base64. */
  readonly data: string;
  readonly durationMs: number;
  /** False for the last frame of a piece of audio when it is shorter than the others. */
  readonly isWhole: boolean;
}

/** One chunk of VoiceLive's audio. */
export interface VoiceLiveChunk {
  /** Base64. */
  readonly data: string;
  readonly durationMs: number;
  /** The message that a browser gets. A phone gets it too, after the message of its own format. */
  readonly text: string;
  /** How long the service waits before the next chunk. */
  readonly pauseMs: number;
}

/** VoiceLive's service sends audio this many times as fast as it plays. */
const VOICELIVE_SPEED = 3;

/** Lengths of VoiceLive's chunks, in ms. */
const VOICELIVE_CHUNK_MS = { from: 50, to: 200 } as const;

/** Cascade's audio on one call: frames of one size, the last one shorter. */
export class CascadeAudio {
  private readonly rateHz: number;
  private index = 0;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  /** How many frames audio of this length has. */
  count(durationMs: number, frameBytes: number): number {
    return Math.ceil(voiceAt(this.rateHz).bytesOf(durationMs) / frameBytes);
  }

  *frames(durationMs: number, frameBytes: number): Generator<CascadeFrame> {
    const voice = voiceAt(this.rateHz);
    for (let leftBytes = voice.bytesOf(durationMs); leftBytes > 0; leftBytes -= frameBytes) {
      const bytes = Math.min(leftBytes, frameBytes);
      const isWhole = bytes === frameBytes;
      const data = isWhole ? voice.frame(bytes, this.index) : voice.chunk(bytes, this.index);
      this.index += 1;
      yield { data, durationMs: voice.durationMsOf(bytes), isWhole };
    }
  }
}

/** VoiceLive's audio on one call: chunks of varying length, faster than they play, then an end marker without data. */
export class VoiceLiveAudio {
  /** The sample rate of the next audio. */
  rateHz: number;
  private index = 0;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  *chunks(durationMs: number, { responseId, random }: ResponseContext): Generator<VoiceLiveChunk> {
    const voice = voiceAt(this.rateHz);
    const { from, to } = VOICELIVE_CHUNK_MS;
    for (let leftMs = durationMs; leftMs > 0; ) {
      const chunkMs = Math.min(leftMs, Math.round(from + random() * (to - from)));
      leftMs -= chunkMs;
      const data = voice.chunk(voice.bytesOf(chunkMs), this.index);
      const text = JSON.stringify({ ...this.head(this.index), is_final: false, response_id: responseId, data });
      this.index += 1;
      yield { data, text, durationMs: chunkMs, pauseMs: chunkMs / VOICELIVE_SPEED };
    }
  }

  /** The end marker of a response. It carries the index of the last chunk. */
  endMarker({ responseId }: ResponseContext): Message {
    return { ...this.head(this.index - 1), is_final: true, response_id: responseId };
  }

  private head(index: number): Message {
    return { type: "audio_data", frame_index: index, total_frames: null, sample_rate: this.rateHz };
  }
}
