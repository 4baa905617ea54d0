/** What every wire of the simulator meets: what a caller's messages hold, and how the agent's audio is shaped. */

import type { Message } from "./envelopes.ts";
import type { Profile } from "./profiles.ts";

/** How the agent works inside. */
export type Pipeline = "cascade" | "voicelive";

/** What a caller's message was. */
export type Heard =
  | { readonly type: "audio"; readonly samples: Int16Array }
  | { readonly type: "metadata"; readonly rateHz: number | null }
  | { readonly type: "text"; readonly text: string }
  | { readonly type: "hang up" }
  | { readonly type: "nothing" };

/** A piece of the agent's audio, ready to send. */
export interface Frame {
  /** One message, or two where the wire says everything twice. */
  readonly texts: readonly string[];
  readonly ms: number;
  /** How long the agent waits before the next one, in ms; 0: not at all. */
  readonly pauseMs: number;
}

/** What a piece of audio is part of. */
export interface Part {
  readonly responseId: string;
  /** A number in [0, 1): pieces of a live service vary in size. */
  readonly random: () => number;
}

/** Reports something odd about a caller's message. */
export type Report = (anomaly: string) => void;

/** One call's wire. */
export interface Wire {
  readonly name: "acs" | "browser";
  /** The rate that the agent takes the caller's audio to have, in Hz. */
  readonly hearsHz: number;
  /** The rate that a caller's audio has unless it says another, in Hz. */
  readonly spokenHz: number;
  /** Reads a caller's message; never throws, whatever it is. */
  read(data: Buffer, isBinary: boolean): Heard;
  /** So much audio, piece by piece. */
  audio(ms: number, part: Part): Generator<Frame>;
  /** What tells the caller to drop what is not played yet; nothing where the wire has no such message. */
  stops(): readonly Message[];
  /** What ends a response's audio, where the wire marks it. */
  audioEnd(part: Part): readonly Message[];
}

/** What a wire is made with. */
export interface WireOptions {
  readonly profile: Profile;
  readonly pipeline: Pipeline;
  readonly report: Report;
}

/** What all wires are made of: each knows its call's options, and reports what is odd. */
export abstract class CallWire implements Wire {
  abstract readonly name: Wire["name"];
  abstract readonly hearsHz: number;
  abstract readonly spokenHz: number;
  protected readonly options: WireOptions;

  constructor(options: WireOptions) {
    this.options = options;
  }

  abstract read(data: Buffer, isBinary: boolean): Heard;
  abstract audio(ms: number, part: Part): Generator<Frame>;
  abstract stops(): readonly Message[];

  audioEnd(_: Part): readonly Message[] {
    return [];
  }

  protected odd(anomaly: string): Heard {
    this.options.report(anomaly);
    return { type: "nothing" };
  }
}

/** A copy as samples, because a Buffer's bytes need not be aligned as samples must. */
export function samplesOf(bytes: Buffer): Int16Array {
  return new Int16Array(new Uint8Array(bytes.subarray(0, bytes.length & ~1)).buffer);
}
