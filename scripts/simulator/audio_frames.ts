/** How each pipeline cuts its audio, the same on both wires. */

import type { Message } from "./envelopes.ts";
import { voiceAt } from "./synthetic_voice.ts";
import type { Part } from "./wire.ts";

/** A piece of audio; durations in ms. */
export interface Piece {
  /** Base64. */
  readonly data: string;
  readonly ms: number;
}

/** A piece of VoiceLive's. */
export interface LivePiece extends Piece {
  /** The message that a browser gets, and a phone as the twin of its own. */
  readonly text: string;
  /** How long the service waits before the next one. */
  readonly pauseMs: number;
}

/** VoiceLive's service sends audio so much faster than it plays. */
const LIVE_SPEED = 3;

/** Sizes of VoiceLive's pieces, in ms. */
const LIVE_PIECE = { from: 50, to: 200 } as const;

/** The cascade's audio on one call: frames of one size, the last one shorter. */
export class CascadeAudio {
  private readonly rateHz: number;
  private index = 0;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  /** How many frames so much audio has. */
  count(ms: number, frameBytes: number): number {
    return Math.ceil(voiceAt(this.rateHz).bytes(ms) / frameBytes);
  }

  *frames(ms: number, frameBytes: number): Generator<Piece & { readonly isWhole: boolean }> {
    const voice = voiceAt(this.rateHz);
    for (let left = voice.bytes(ms); left > 0; left -= frameBytes) {
      const bytes = Math.min(left, frameBytes);
      const isWhole = bytes === frameBytes;
      const data = isWhole ? voice.frame(bytes, this.index) : voice.piece(bytes, this.index);
      this.index += 1;
      yield { data, ms: voice.ms(bytes), isWhole };
    }
  }
}

/** VoiceLive's audio on one call: pieces of varying length, faster than they play, and a marker without data at the end. */
export class LiveAudio {
  /** The rate of what is said from now on, in Hz. */
  rateHz: number;
  private index = 0;

  constructor(rateHz: number) {
    this.rateHz = rateHz;
  }

  *pieces(ms: number, { responseId, random }: Part): Generator<LivePiece> {
    const voice = voiceAt(this.rateHz);
    for (let left = ms; left > 0; ) {
      const wanted = Math.round(LIVE_PIECE.from + random() * (LIVE_PIECE.to - LIVE_PIECE.from));
      const pieceMs = Math.min(left, wanted);
      left -= pieceMs;
      const data = voice.piece(voice.bytes(pieceMs), this.index);
      const text = JSON.stringify({ ...this.head(this.index), is_final: false, response_id: responseId, data });
      this.index += 1;
      yield { data, text, ms: pieceMs, pauseMs: pieceMs / LIVE_SPEED };
    }
  }

  end({ responseId }: Part): readonly Message[] {
    return [{ ...this.head(this.index - 1), is_final: true, response_id: responseId }];
  }

  private head(index: number): Message {
    return { type: "audio_data", frame_index: index, total_frames: null, sample_rate: this.rateHz };
  }
}
