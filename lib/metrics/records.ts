/**
 * What one turn and one call leave behind: the lines of `log.jsonl`, and the only source of every sample.
 * Instants end in `AtMs`, durations in `Ms`; what was not observed is null. No transcript and no key is in them.
 */

/**
 * How a turn ended: `ok`, or the reason why it failed or left the metrics. Of the waits that ended without audio,
 * `text_only` saw the reply's text, `unheard` saw no final transcript on a call that shows them (a speech service
 * that throttles looks like one or the other), and `first_audio_timeout` are the rest.
 */
export type TurnOutcome =
  | "ok"
  | "closed"
  | "throttled"
  | "apology"
  | "agent_error"
  | "answered_early"
  | "first_audio_timeout"
  | "text_only"
  | "unheard"
  | "turn_timeout"
  | "barge_timeout"
  | "cut_by_agent"
  | "generator_late";

/**
 * What became of a barge-in: `stopped` and `timeout` have a number, `unobserved` was not owed a stop,
 * `too_soon` saw only a stop that answered something else, `skipped` was planned and not made.
 */
export type BargeOutcome = "stopped" | "timeout" | "unobserved" | "too_soon" | "skipped";

/** The caller's health since its last record. */
export interface HealthRecord {
  /** The worst lateness of a frame in each second that ended since the last record, in ms. */
  readonly lagMs: readonly number[];
  /** The same of seconds in the ramp-up, where that does not count; then a late turn does not either. */
  readonly rampUpLagMs: readonly number[];
  /** Jumps of the wall clock since the last record. */
  readonly clockSteps: number;
}

/** One turn. */
export interface TurnRecord extends HealthRecord {
  readonly turn: number;
  /** Index of the utterance that was spoken. */
  readonly utterance: number;
  readonly speechStartAtMs: number | null;
  readonly eosAtMs: number | null;
  readonly firstAudioAtMs: number | null;
  /** EOS to first audio; the whole deadline where the wait ended without audio. */
  readonly ttfbMs: number | null;
  /** The same of a reply that apologised, was throttled or came with an error. */
  readonly ttfbFailedMs: number | null;
  /** EOS to user final. */
  readonly sttMs: number | null;
  /** EOS to first reply text. */
  readonly textMs: number | null;
  readonly bargeAtMs: number | null;
  readonly stopAtMs: number | null;
  readonly bargeMs: number | null;
  readonly barge: BargeOutcome | null;
  /** Audio of the reply that still arrived after the stop. */
  readonly overrunMs: number | null;
  readonly turnMs: number | null;
  readonly stallMs: number | null;
  /** Audio after EOS that belonged to no reply. */
  readonly lateAudioMs: number;
  /** True when only quiet ended the reply. */
  readonly endInferred: boolean;
  readonly outcome: TurnOutcome;
  /** `kind:code` of what the agent or the network did wrong in this turn, each once. */
  readonly faults: readonly string[];
}

/** How a call ended: `ok`, or why it failed. */
export type CallOutcome = "ok" | "refused" | "rejected" | "closed_early" | "closed" | "gave_up" | "script_error";

/** One call. */
export interface CallRecord extends ConversationRecord {
  /** Calls of this caller in a row that failed before this one: more than 0 makes it a reconnect. */
  readonly retry: number;
}

/** What the conversation of one call leaves. */
export interface ConversationRecord extends HealthRecord {
  readonly connectedAtMs: number | null;
  /** Connected to first audio of the greeting; the whole deadline where none came; null where none was awaited. */
  readonly greetingMs: number | null;
  /** True when the greeting was awaited and did not come. */
  readonly greetingTimedOut: boolean;
  readonly closedAtMs: number;
  readonly code: number | null;
  readonly closedBy: "caller" | "agent";
  /** True once the first utterance began; false when the call failed before; null when the test ended first. */
  readonly reached: boolean | null;
  readonly framesDue: number;
  readonly framesSent: number;
  readonly worstLagMs: number;
  readonly outcome: CallOutcome;
  readonly faults: readonly string[];
}
