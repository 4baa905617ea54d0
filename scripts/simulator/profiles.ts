/**
 * The generations of the real backend that the simulator can be, and how they differ on the wire. g2 was observed while it
 * ran; g3 is a fork that sends its audio in bursts and no stop on the phone; g5 is the newest.
 */

/** What one generation does. */
export interface Profile {
  /** Cascade's phone frame in bytes, and how long the agent waits after each. Null: as fast as the socket takes them. */
  readonly cascadePhoneFrame: { readonly bytes: number; readonly everyMs: number | null };
  /** The key that names cascade's stop on the phone. Null: no stop is sent. */
  readonly cascadePhoneStop: "Kind" | "kind" | null;
  /** The actions of cascade's stop in a browser, in order. */
  readonly cascadeBrowserStop: readonly ("tts_cancelled" | "audio_stop")[];
  /** When cascade sends a stop: on every partial, even without a reply to stop, or only when there is a reply to stop. */
  readonly cascadeStopsOn: "every partial" | "a reply";
  /** Whether cascade sends partials, and whether they are numbered and user finals have an id. */
  readonly cascadePartials: "none" | "plain" | "numbered";
  /** What cascade's greeting on the phone waits for. */
  readonly cascadeGreetsOn: "metadata" | "connect";
  /** What a JSON text from a browser means to cascade. */
  readonly cascadeBrowserText: "a user turn" | "ignored";
  /** Whether a browser gets an event when the session is ready. Without it, VoiceLive sends a status and cascade nothing. */
  readonly sendsReadyEvent: boolean;
  /** Whether cascade drops phone audio without `silent: false`. Then it also reads audio from `AudioData`. */
  readonly dropsUnlessNotSilent: boolean;
  /**
   * Whether cascade still sends the text of an interrupted reply, and its end if the model had finished. Then the audio of a
   * reply that a single partial interrupted can go on, too.
   */
  readonly endsInterruptedReplies: boolean;
  /** Whether cascade sends a message that a reply was cancelled. */
  readonly sendsCascadeCancelled: boolean;
  /** Whether VoiceLive's partials and reply texts are deltas or snapshots. */
  readonly voiceLiveText: "delta" | "snapshot";
  /** Whether VoiceLive relays audio that the service still sends of a cancelled response. */
  readonly relaysTrailingAudio: boolean;
  /** Whether VoiceLive relays errors of cancels that had nothing to cancel, and an `agent_change` at the start. */
  readonly relaysIdleCancelErrors: boolean;
  /** Whether VoiceLive sends a stop to a browser at every speech start, or only while it forwards audio. */
  readonly stopsBrowserWhenIdle: boolean;
  /** VoiceLive's stops on the phone per speech start. */
  readonly voiceLivePhoneStops: number;
  /** How long after the estimated end of playout an interruption still counts in cascade on the phone. */
  readonly bargeGraceMs: number;
  /** Whether failures give a spoken apology, an `error` envelope and a failed end. If not, they give text at most. */
  readonly sendsErrors: boolean;
  /** Whether cascade's browser frames carry their number within the sentence, or are streamed without a known total. */
  readonly cascadeBrowserFrames: "counted" | "streamed";
}

/** The profiles, by name. */
export const PROFILES = {
  g2: {
    cascadePhoneFrame: { bytes: 640, everyMs: 40.7 },
    cascadePhoneStop: "Kind",
    cascadeBrowserStop: ["tts_cancelled", "audio_stop"],
    cascadeStopsOn: "every partial",
    cascadePartials: "plain",
    cascadeGreetsOn: "metadata",
    cascadeBrowserText: "a user turn",
    sendsReadyEvent: false,
    dropsUnlessNotSilent: true,
    endsInterruptedReplies: true,
    sendsCascadeCancelled: false,
    voiceLiveText: "delta",
    relaysTrailingAudio: true,
    relaysIdleCancelErrors: true,
    stopsBrowserWhenIdle: true,
    voiceLivePhoneStops: 2,
    sendsErrors: false,
    bargeGraceMs: 0,
    cascadeBrowserFrames: "counted",
  },
  g3: {
    cascadePhoneFrame: { bytes: 1280, everyMs: null },
    cascadePhoneStop: null,
    cascadeBrowserStop: ["audio_stop"],
    cascadeStopsOn: "every partial",
    cascadePartials: "none",
    cascadeGreetsOn: "connect",
    cascadeBrowserText: "ignored",
    sendsReadyEvent: true,
    dropsUnlessNotSilent: false,
    endsInterruptedReplies: false,
    sendsCascadeCancelled: false,
    voiceLiveText: "delta",
    relaysTrailingAudio: true,
    relaysIdleCancelErrors: true,
    stopsBrowserWhenIdle: false,
    voiceLivePhoneStops: 1,
    sendsErrors: false,
    bargeGraceMs: 0,
    cascadeBrowserFrames: "counted",
  },
  g5: {
    cascadePhoneFrame: { bytes: 1280, everyMs: null },
    cascadePhoneStop: "kind",
    cascadeBrowserStop: ["audio_stop"],
    cascadeStopsOn: "a reply",
    cascadePartials: "numbered",
    cascadeGreetsOn: "connect",
    cascadeBrowserText: "ignored",
    sendsReadyEvent: true,
    dropsUnlessNotSilent: false,
    endsInterruptedReplies: false,
    sendsCascadeCancelled: true,
    voiceLiveText: "snapshot",
    relaysTrailingAudio: false,
    relaysIdleCancelErrors: false,
    stopsBrowserWhenIdle: false,
    voiceLivePhoneStops: 1,
    sendsErrors: true,
    bargeGraceMs: 2000,
    cascadeBrowserFrames: "streamed",
  },
} as const satisfies Readonly<Record<string, Profile>>;

/** The name of a profile. */
export type ProfileName = keyof typeof PROFILES;
