/**
 * The types that every wire implements: how to dial, how to send a caller's frames, and which events the agent's
 * messages mean. A wire is a protocol between caller and agent over one WebSocket. Types only.
 */

import type { Event } from "../conversation/event.ts";

/** The part of a WebSocket that a codec uses. */
export interface Socket {
  sendText(text: string): void;
  sendBinary(bytes: ArrayBuffer): void;
}

/** Base64 as the runtime provides it: k6 has a module for it, its JavaScript engine has no function. */
export interface Base64 {
  encode(bytes: ArrayBuffer): string;
  decode(text: string): ArrayBuffer;
}

/** What the agent runs: `cascade` (recognizer, language model and synthesis one after the other) or `voicelive`. */
export type Pipeline = "cascade" | "voicelive";

/** What single wires need of the settings; their meaning is that of the settings (lib/settings/settings.ts). */
export interface WireSettings {
  readonly accountSid: string;
  readonly authToken: string;
  readonly streamParameters: Readonly<Record<string, string>>;
  readonly api: "openai" | "azure_openai" | "voice_live";
  readonly apiKey: string;
  readonly apiVersion: string;
  readonly model: string;
  /** JSON of the session that the caller asks for; empty: the shipped one. */
  readonly session: string;
  readonly asksForGreeting: boolean;
  readonly toolOutput: string;
}

/** What a dial is made from. */
export interface DialOptions {
  /** The URL of the target. */
  readonly url: string;
  /** The id that identifies the call on the wire. */
  readonly callId: string;
  readonly pipeline: Pipeline;
  readonly wireSettings: WireSettings;
  /** HMAC-SHA1 (RFC 2104) of a text, as base64. */
  hmacSha1(key: string, text: string): string;
}

/** The URL and the headers of a WebSocket handshake. */
export interface Dial {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** The codec of one call: encodes what the caller sends, and decodes what the agent sends. */
export interface Codec {
  /**
   * Sends the messages that the wire requires before audio. `epochMs` is the wall clock in ms since 1970. Returns true when the
   * call may begin at once; false where the agent has to accept the session first: `decode` then returns an `open` event.
   */
  open(epochMs: number): boolean;
  /**
   * Sets the piece of an utterance (lib/audio/pieces.ts), packed by `Transport.pack`, that the next frames are cut
   * from. `firstFrame` is the index within the utterance of the first frame of the piece. Where the wire sends DTMF, the digits
   * that are pressed in the piece follow its frames, each as `,frame:digit` with the index of its frame within the utterance.
   */
  setPiece(packed: string, firstFrame: number): void;
  /**
   * Sends one frame: the frame of the utterance with this index, or for QUIET (lib/conversation/slot.ts) a quiet frame.
   */
  send(frame: number, epochMs: number): void;
  /**
   * Returns the events that a message means, in order; may be none. Never throws, whatever the agent sends. `closely`
   * (true unless said): it matters whether audio is audible, and where its sound begins (sound.ts).
   */
  decode(message: string, closely?: boolean): readonly Event[];
  /** Sends what the wire requires before the caller hangs up; absent where that is nothing. */
  close?(): void;
}

/** What the codec of one call is made from. */
export interface CodecOptions {
  readonly socket: Socket;
  /** The id that identifies the call on the wire. */
  readonly callId: string;
  readonly base64: Base64;
  /** Reads the wall clock, in ms since 1970. */
  readonly epochMs: () => number;
  /** Length of a frame, in ms. */
  readonly frameMs: number;
  /** The sample rate of the caller's audio, in Hz. */
  readonly rateHz: number;
  /** Packed quiet frames: faint noise, sent in a loop while the caller is silent. */
  readonly quiet: string;
  readonly tokens: Tokens;
  readonly wireSettings: WireSettings;
}

/** Words that classify messages of unknown agents: compared with the words of type and status fields only. */
export interface Tokens {
  /** Words of a message that is reply text. */
  readonly response: readonly string[];
  /** Words of a message that ends a reply. */
  readonly end: readonly string[];
}

/** One wire: its defaults, its handshake and its codec. Each scenario uses one (lib/wire/wires.ts). */
export interface Transport {
  /** The URL path that is dialled unless the settings name another. */
  readonly path: string;
  /** Advice for the report when the agent answers the upgrade to a WebSocket with 403 or 404. */
  readonly pathHint: string;
  /**
   * The HTTP path at which the agent reports which pipeline its wire runs; null where the caller chooses the pipeline.
   */
  readonly statusPath: string | null;
  /** False where the agent behind the wire has neither of the accelerator's pipelines. */
  readonly hasPipelines: boolean;
  /** True where digits that a caller presses are messages of the wire. */
  readonly sendsDtmf: boolean;
  /** True where the text of a reply comes before its audio, so that it tells when the language model answered. */
  textLeadsAudio(pipeline: Pipeline): boolean;
  /** False where an agent that has sent all of its reply need not answer an interruption with a stop message. */
  stopOwedAfterEnd(pipeline: Pipeline): boolean;
  /** The sample rate of a caller's audio unless the settings name another, in Hz. */
  sampleRateHz(pipeline: Pipeline): number;
  /** Returns how to reach the agent. */
  dial(options: DialOptions): Dial;
  /** Packs whole frames of 16-bit mono PCM, of `frameBytes` bytes each, into base64 text that all callers can share. */
  pack(pcm: Uint8Array, frameBytes: number, base64: Base64): string;
  /** Makes the codec of one call. */
  codec(options: CodecOptions): Codec;
}
