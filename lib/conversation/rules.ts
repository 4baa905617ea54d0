/** How one caller behaves on one call; all durations in ms. Types only. */

/** What the caller knows of the agent, and how long it waits for it. */
export interface Rules {
  readonly frameMs: number;
  /** When the caller's health begins to count, on its clock. */
  readonly healthFromMs: number;
  /** When the test's time is up, on the caller's clock: the turn under way is the last one, and ends when its reply has arrived. */
  readonly timeUpAtMs: number;
  readonly turns: number;
  /** Frames of each utterance. */
  readonly utteranceFrames: readonly number[];
  /** The utterances that this caller says, in order, again and again. */
  readonly walk: readonly number[];
  /** 0: the agent has no greeting. */
  readonly greetingTimeoutMs: number;
  /** How long this caller hesitates after the greeting, so that callers do not speak in step. */
  readonly hesitationMs: number;
  readonly firstByteTimeoutMs: number;
  readonly turnTimeoutMs: number;
  /** How long no audio must have come before a reply counts as over, or as new. */
  readonly quietMs: number;
  readonly pauseMs: number;
  /** Interrupt every k-th turn; 0: never. */
  readonly bargeEvery: number;
  readonly bargeReentryMs: number;
  /** False when the agent sends no stop messages on this wire. */
  readonly agentStops: boolean;
  /** False on a wire where an agent that has sent all of its reply need not answer an interruption. */
  readonly stopOwedAfterEnd: boolean;
  /** True: a close with 1000 or 1001 between turns is no failure. */
  readonly ignoreBenignCloses: boolean;
}
