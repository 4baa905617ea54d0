/** How each pipeline cuts its audio into frames, the same on both wires. */

import type { Message } from "./envelopes.ts";
import { type SoundName, soundAt } from "./sounds.ts";
import type { ResponseContext } from "./wire.ts";

/** One frame of cascade's audio. */
export interface CascadeFrame {
  /** Base64. */
  readonly data: string;
  readonly durationMs: number;
  /** False for the last frame of a piece of audio when it is shorter than the others. */
  readonly isWhole: boolean;
}

/** A frame without words. */
export interface QuietFrame {
  /** Base64. */
  readonly data: string;
  readonly durationMs: number;
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

/** Frames without words have this length, but for the last one of a piece. */
export const QUIET_FRAME_MS = 20;

/** Cascade's audio on one call: frames of one size, the last one shorter. */
export class CascadeAudio {
  private readonly rateHz: number;
  private readonly quiet: SoundName;
  private index = 0;

  /** `quiet` is what is sent instead of words. */
  constructor(rateHz: number, quiet: SoundName) {
    this.rateHz = rateHz;
    this.quiet = quiet;
  }

  /** How many frames audio of this length has. */
  count(durationMs: number, frameBytes: number): number {
    return Math.ceil(soundAt("voice", this.rateHz).bytesOf(durationMs) / frameBytes);
  }

  *frames(durationMs: number, frameBytes: number): Generator<CascadeFrame> {
    const voice = soundAt("voice", this.rateHz);
    for (let leftBytes = voice.bytesOf(durationMs); leftBytes > 0; leftBytes -= frameBytes) {
      const bytes = Math.min(leftBytes, frameBytes);
      const isWhole = bytes === frameBytes;
      const data = isWhole ? voice.frame(bytes, this.index) : voice.chunk(bytes, this.index);
      this.index += 1;
      yield { data, durationMs: voice.durationMsOf(bytes), isWhole };
    }
  }

  /** The `index`-th frame without words, of at most 20 ms. */
  quietFrame(durationMs: number, index: number): QuietFrame {
    return quietFrame(this.quiet, this.rateHz, durationMs, index);
  }
}

/** VoiceLive's audio on one call: chunks of varying length, faster than they play, then an end marker without data. */
export class VoiceLiveAudio {
  /** The sample rate of the next audio. */
  rateHz: number;
  private readonly quiet: SoundName;
  private index = 0;
  /** Counts the frames that belong to no response. */
  private fillerIndex = 0;

  /** `quiet` is what is sent instead of words. */
  constructor(rateHz: number, quiet: SoundName) {
    this.rateHz = rateHz;
    this.quiet = quiet;
  }

  *chunks(durationMs: number, { responseId, random }: ResponseContext): Generator<VoiceLiveChunk> {
    const voice = soundAt("voice", this.rateHz);
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

  /** A chunk without words, of at most 20 ms. It counts among the chunks of its response, if it belongs to one. */
  quietChunk(durationMs: number, context: ResponseContext | null): VoiceLiveChunk {
    const index = context === null ? this.fillerIndex++ : this.index++;
    const { data, durationMs: chunkMs } = quietFrame(this.quiet, this.rateHz, durationMs, index);
    const response = context === null ? {} : { response_id: context.responseId };
    const text = JSON.stringify({ ...this.head(index), is_final: false, ...response, data });
    return { data, text, durationMs: chunkMs, pauseMs: chunkMs };
  }

  /** The end marker of a response. It carries the index of the last chunk. */
  endMarker({ responseId }: ResponseContext): Message {
    return { ...this.head(this.index - 1), is_final: true, response_id: responseId };
  }

  private head(index: number): Message {
    return { type: "audio_data", frame_index: index, total_frames: null, sample_rate: this.rateHz };
  }
}

function quietFrame(name: SoundName, rateHz: number, durationMs: number, index: number): QuietFrame {
  const sound = soundAt(name, rateHz);
  const bytes = sound.bytesOf(durationMs);
  const data = durationMs === QUIET_FRAME_MS ? sound.frame(bytes, index) : sound.chunk(bytes, index);
  return { data, durationMs: sound.durationMsOf(bytes) };
}
