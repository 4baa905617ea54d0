/** What every wire of the simulator provides: reading a caller's messages and formatting the agent's audio and stops. */

import type { Message } from "./envelopes.ts";
import type { Profile } from "./profiles.ts";
import type { SoundName } from "./sounds.ts";

/** How the agent works inside. */
export type Pipeline = "cascade" | "voicelive";

/** The shape of the messages of a Realtime API: today's, or that of the beta. */
export type Dialect = "ga" | "beta";

/** A caller's message, as a wire reads it. */
export type CallerMessage =
  | { readonly type: "audio"; readonly samples: Int16Array }
  /** A digit was pressed: one of 0 to 9, * and #. */
  | { readonly type: "dtmf"; readonly digit: string }
  /** The sample rate is null when the message does not say it. `callId`: the id of the call, where only the message has it. */
  | { readonly type: "metadata"; readonly rateHz: number | null; readonly callId?: string }
  /** The agent answers at once with these messages. */
  | { readonly type: "answered"; readonly messages: readonly Message[] }
  /** The caller asks for a reply to nothing: the greeting. */
  | { readonly type: "greetingAsked" }
  | { readonly type: "text"; readonly text: string }
  /** The agent ends the call because of this message. */
  | { readonly type: "hangUp" }
  | { readonly type: "ignored" };

/** A frame of the agent's audio, ready to send. */
export interface OutgoingFrame {
  /** One message, or two where the wire sends the same audio twice. */
  readonly texts: readonly string[];
  readonly durationMs: number;
  /** How long the agent waits before the next frame. 0: not at all. */
  readonly pauseMs: number;
}

/** The response that audio belongs to. */
export interface ResponseContext {
  readonly responseId: string;
  /** Returns a number in [0, 1). The chunks of VoiceLive vary in length. */
  readonly random: () => number;
}

/** Reports an anomaly in a caller's message, by its kind. */
export type ReportAnomaly = (kind: string) => void;

/** One call's wire. */
export interface Wire {
  readonly name: "acs" | "browser" | "twilio" | "realtime";
  /** When an agent on this wire greets: when it has the caller's metadata, or when the caller asks. Null: as its profile says. */
  readonly greetsOn: "connect" | "metadata" | "request" | null;
  /** True where the agent sends stops at every speech start, also when it says nothing. */
  readonly stopsWhenIdle: boolean;
  /** The sample rate that the agent assumes for the caller's audio, whatever its real one, in Hz. */
  readonly assumedHz: number;
  /** The sample rate of the caller's audio when its metadata names none, in Hz. */
  readonly defaultHz: number;
  /** Reads a caller's message; never throws, whatever the message is. */
  read(data: Buffer, isBinary: boolean): CallerMessage;
  /** Audio of this length, frame by frame. */
  audioFrames(durationMs: number, context: ResponseContext): Generator<OutgoingFrame>;
  /**
   * One frame without words, of at most 20 ms: silence, or comfort noise. Without a context it belongs to no response, as what a
   * mixer sends between replies.
   */
  quietFrame(durationMs: number, context: ResponseContext | null): OutgoingFrame;
  /** The messages that tell the caller to drop audio that is not played yet. Empty where the wire has none. */
  stopMessages(): readonly Message[];
  /** What the agent sends first. */
  openingMessages(): readonly Message[];
  /**
   * What the wire carries in place of a message: itself, where it is one of the accelerator's envelopes and the wire has them, or one
   * of the wire's own; another one; or nothing.
   */
  translate(message: Message): readonly Message[];
  /** The messages that end a response's audio. Empty where the wire does not mark the end. */
  audioEndMessages(context: ResponseContext): readonly Message[];
}

/** What a wire is made with. */
export interface WireOptions {
  readonly profile: Profile;
  readonly pipeline: Pipeline;
  /** The shape of the messages of a Realtime API. */
  readonly dialect: Dialect;
  /** Frames without words are faint noise instead of zeros. */
  readonly comfortNoise: boolean;
  readonly reportAnomaly: ReportAnomaly;
}

/** The base of all wires: keeps the options and reports anomalies. */
export abstract class CallWire implements Wire {
  abstract readonly name: Wire["name"];
  readonly greetsOn: Wire["greetsOn"] = null;
  readonly stopsWhenIdle: boolean = false;
  abstract readonly assumedHz: number;
  abstract readonly defaultHz: number;
  protected readonly options: WireOptions;

  constructor(options: WireOptions) {
    this.options = options;
  }

  abstract read(data: Buffer, isBinary: boolean): CallerMessage;
  abstract audioFrames(durationMs: number, context: ResponseContext): Generator<OutgoingFrame>;
  abstract quietFrame(durationMs: number, context: ResponseContext | null): OutgoingFrame;
  abstract stopMessages(): readonly Message[];

  openingMessages(): readonly Message[] {
    return [];
  }

  translate(message: Message): readonly Message[] {
    return [message];
  }

  audioEndMessages(_: ResponseContext): readonly Message[] {
    return [];
  }

  /** What this call sends instead of words. */
  protected get quietSound(): SoundName {
    return this.options.comfortNoise ? "noise" : "silence";
  }

  /** Reports an anomaly and ignores its message. */
  protected ignoreAnomaly(kind: string): CallerMessage {
    this.options.reportAnomaly(kind);
    return { type: "ignored" };
  }
}

/** Copies bytes into samples. A copy is needed because the bytes of a Buffer may not be aligned to 16 bits. */
export function samplesOf(bytes: Buffer): Int16Array {
  return new Int16Array(new Uint8Array(bytes.subarray(0, bytes.length & ~1)).buffer);
}
