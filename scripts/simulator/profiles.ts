/**
 * The generations of the real backend that the simulator can be: what each of them does differently on the wire.
 * g2 was seen running; g3 is a fork that sends bursts and no stop on the phone; g5 is the newest.
 */

/** What one generation does. */
export interface Profile {
  /** Bytes of a phone frame, and how long the agent waits after each; null: as fast as the socket takes them. */
  readonly phoneFrame: { readonly bytes: number; readonly everyMs: number | null };
  /** The casing of the phone's cascade stop; null: none is sent. */
  readonly phoneStop: "Kind" | "kind" | null;
  /** The actions of the browser's cascade stop, in order. */
  readonly browserStop: readonly ("tts_cancelled" | "audio_stop")[];
  /** When cascade sends stops: on every partial, on every partial of words, or only when there is something to stop. */
  readonly stopsOn: "every partial" | "a reply";
  /** Whether partials are sent, and whether they are numbered. */
  readonly partials: "none" | "plain" | "numbered";
  /** What the phone's greeting waits for. */
  readonly greetsOn: "metadata" | "connect";
  /** What a JSON text of the browser is in cascade. */
  readonly browserText: "a user turn" | "ignored";
  /** Whether the browser is told when the session is ready, in cascade. */
  readonly saysReady: boolean;
  /** Whether phone audio that does not say that it is not silent is dropped, in cascade. */
  readonly dropsUnsaidSilence: boolean;
  /** Whether an interrupted cascade reply still sends its text and its end, if it had them. */
  readonly endsInterrupted: boolean;
  /** Whether cascade says that a reply was cancelled. */
  readonly saysCancelled: boolean;
  /** What VoiceLive's text envelopes hold. */
  readonly text: "delta" | "snapshot";
  /** Whether VoiceLive relays what the service still sends of a cancelled reply. */
  readonly relaysTrailing: boolean;
  /** Whether VoiceLive tells of cancels that had nothing to cancel. */
  readonly tellsIdleCancel: boolean;
  /** Whether VoiceLive tells a browser to stop at every speech start, or only while audio is being forwarded. */
  readonly liveStopsIdle: boolean;
  /** Stops per VoiceLive speech start on the phone. */
  readonly voiceliveStops: number;
  /** How long after the guessed end of playing an interruption still counts on the phone, in ms. */
  readonly graceMs: number;
  /** Whether failures are told: an apology that is spoken, an `error` envelope, a failed end; else text at most. */
  readonly tellsErrors: boolean;
  /** Whether cascade's browser frames are numbered within their sentence, or streamed without knowing its length. */
  readonly cascadeFrames: "counted" | "streamed";
}

/** The profiles, by name. */
export const PROFILES = {
  g2: {
    phoneFrame: { bytes: 640, everyMs: 40.7 },
    phoneStop: "Kind",
    browserStop: ["tts_cancelled", "audio_stop"],
    stopsOn: "every partial",
    partials: "plain",
    greetsOn: "metadata",
    browserText: "a user turn",
    saysReady: false,
    dropsUnsaidSilence: true,
    endsInterrupted: true,
    saysCancelled: false,
    text: "delta",
    relaysTrailing: true,
    tellsIdleCancel: true,
    liveStopsIdle: true,
    voiceliveStops: 2,
    tellsErrors: false,
    graceMs: 0,
    cascadeFrames: "counted",
  },
  g3: {
    phoneFrame: { bytes: 1280, everyMs: null },
    phoneStop: null,
    browserStop: ["audio_stop"],
    stopsOn: "every partial",
    partials: "none",
    greetsOn: "connect",
    browserText: "ignored",
    saysReady: true,
    dropsUnsaidSilence: false,
    endsInterrupted: false,
    saysCancelled: false,
    text: "delta",
    relaysTrailing: true,
    tellsIdleCancel: true,
    liveStopsIdle: false,
    voiceliveStops: 1,
    tellsErrors: false,
    graceMs: 0,
    cascadeFrames: "counted",
  },
  g5: {
    phoneFrame: { bytes: 1280, everyMs: null },
    phoneStop: "kind",
    browserStop: ["audio_stop"],
    stopsOn: "a reply",
    partials: "numbered",
    greetsOn: "connect",
    browserText: "ignored",
    saysReady: true,
    dropsUnsaidSilence: false,
    endsInterrupted: false,
    saysCancelled: true,
    text: "snapshot",
    relaysTrailing: false,
    tellsIdleCancel: false,
    liveStopsIdle: false,
    voiceliveStops: 1,
    tellsErrors: true,
    graceMs: 2000,
    cascadeFrames: "streamed",
  },
} as const satisfies Readonly<Record<string, Profile>>;

/** The name of a profile. */
export type ProfileName = keyof typeof PROFILES;
