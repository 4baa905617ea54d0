/** The contract that every wire meets: how to dial, how to put frames on the socket, what messages mean. */

import type { Event } from "../conversation/event.ts";

/** What a codec may do with a socket. */
export interface Socket {
  sendText(text: string): void;
  sendBinary(bytes: ArrayBuffer): void;
}

/** The runtime's base64: k6 has one, its JavaScript does not. */
export interface Base64 {
  encode(bytes: ArrayBuffer): string;
  decode(text: string): ArrayBuffer;
}

/** Which pipeline the agent runs. */
export type Pipeline = "cascade" | "voicelive";

/** How to reach the agent. */
export interface Dial {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** One call on one wire. */
export interface Codec {
  /** Sends what the wire wants before audio; `epochMs` is the wall clock. */
  open(epochMs: number): void;
  /** Takes the packed piece of an utterance that the next frames are cut from, and which frame is its first one. */
  setPiece(packed: string, firstFrame: number): void;
  /** Sends what fills a slot: a frame of the utterance by its index, or QUIET (lib/conversation/slot.ts). */
  send(frame: number, epochMs: number): void;
  /** Says what a message means; never throws, whatever the agent sends. */
  decode(message: string): readonly Event[];
}

/** What one call's codec is made with. */
export interface CodecOptions {
  readonly socket: Socket;
  /** The id that the call goes by on the wire. */
  readonly callId: string;
  readonly base64: Base64;
  readonly frameMs: number;
  /** The rate of the caller's audio, in Hz. */
  readonly rateHz: number;
  /** Packed quiet frames: what the line holds while the caller is silent. */
  readonly quiet: string;
  readonly tokens: Tokens;
}

/** Words that mark messages of agents we do not know: matched against types and status fields only. */
export interface Tokens {
  readonly response: readonly string[];
  readonly end: readonly string[];
}

/** A wire: what the scenarios choose from. */
export interface Transport {
  /** The path that is dialled unless the settings say otherwise. */
  readonly path: string;
  /** What to try when the agent answers the upgrade with 403 or 404. */
  readonly pathHint: string;
  /** Where the agent says which pipeline its wire runs, or null where the caller chooses it. */
  readonly statusPath: string | null;
  /** False where an agent that has sent all of its reply need not answer an interruption with a stop. */
  stopOwedAfterEnd(pipeline: Pipeline): boolean;
  /** The rate that a caller's audio has unless the settings say otherwise, in Hz. */
  sampleRateHz(pipeline: Pipeline): number;
  dial(url: string, callId: string, pipeline: Pipeline): Dial;
  /** Packs the frames of a piece (16-bit mono PCM, whole frames) into what all callers can share. */
  pack(pcm: Uint8Array, frameBytes: number, base64: Base64): string;
  codec(options: CodecOptions): Codec;
}
