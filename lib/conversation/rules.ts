/** The rules of one caller's calls: frames, turns, timeouts and barge-in. Durations in ms. */

/** Close codes of an orderly end (RFC 6455, 7.4.1): normal, going away, and a close frame without a code. */
export const BENIGN_CLOSES: readonly number[] = [1000, 1001, 1005];

/** The rules of one caller's calls. */
export interface Rules {
  readonly frameMs: number;
  /** When the caller's lateness begins to count, on its clock: after the ramp-up where RAMP_UP_COUNTS is false. */
  readonly healthFromMs: number;
  /** When this caller's time is up, on its clock: the current turn is then the last, and ends when its reply has arrived. */
  readonly timeUpAtMs: number;
  readonly turns: number;
  /** Frames of each utterance. */
  readonly utteranceFrames: readonly number[];
  /** Indices of the utterances in which only digits are pressed: an agent need not listen to know that it is interrupted. */
  readonly wordless: readonly number[];
  /** Indices of the utterances that this caller speaks, in order, again and again. */
  readonly utteranceOrder: readonly number[];
  /** 0: the agent has no greeting. */
  readonly greetingTimeoutMs: number;
  /** This caller's own pause after the greeting, so that callers do not speak in step. */
  readonly startDelayMs: number;
  readonly firstByteTimeoutMs: number;
  readonly turnTimeoutMs: number;
  /** Time without audio after which a reply may count as over, or audio as a new reply. */
  readonly quietMs: number;
  readonly pauseMs: number;
  /** Interrupt every k-th turn; 0: never. */
  readonly bargeEvery: number;
  readonly bargeReentryMs: number;
  /** False when the agent sends no stop messages on this wire. */
  readonly agentStops: boolean;
  /** False on a wire where an agent that has sent all of its reply need not answer an interruption. */
  readonly stopOwedAfterEnd: boolean;
  /** True: a close with 1000, 1001 or without a code between turns is no failure. */
  readonly ignoreBenignCloses: boolean;
}
