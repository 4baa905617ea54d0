/**
 * The types of the records of a turn and of a call: each record is a line of `log.jsonl`, and records are the only
 * source of metric samples. Instants end in `AtMs`, durations in `Ms`; what was not observed is null. No record
 * contains a transcript or a key. Types only.
 */

/**
 * How a turn ended: `ok`, or the reason why it failed or is excluded from the metrics (`generator_late`). Three of them
 * are waits that ended without audio: `text_only` when the reply's text came, `unheard` when no user final came on a
 * call that shows user finals, and else `first_audio_timeout`. A throttled synthesis looks like the first, a throttled
 * recognizer like the second.
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
 * The result of a barge-in. Only `stopped` and `timeout` have a duration. `unobserved`: no stop was owed, and none
 * came. `too_soon`: the only stop came so soon after words that it answered something else. `skipped`: it was planned and not made.
 */
export type BargeOutcome = "stopped" | "timeout" | "unobserved" | "too_soon" | "skipped";

/** How punctual the caller was since its last record. */
export interface HealthRecord {
  /** The send lag of the worst frame in each second that ended since the last record, in ms. */
  readonly lagMs: readonly number[];
  /**
   * The same for seconds of the ramp-up where RAMP_UP_COUNTS=false, else empty; then a late turn does not count either.
   */
  readonly rampUpLagMs: readonly number[];
  /** Jumps of the wall clock since the last record. */
  readonly clockSteps: number;
}

/** The record of one turn. */
export interface TurnRecord extends HealthRecord {
  /** Number of the turn in its call, from 1. */
  readonly turn: number;
  /** Index of the utterance that was spoken. */
  readonly utterance: number;
  readonly speechStartAtMs: number | null;
  readonly eosAtMs: number | null;
  /** When the first audible sample of the reply was heard. */
  readonly firstAudioAtMs: number | null;
  /** End of speech (EOS) to the first audible sample; the whole deadline where the wait ended without one. */
  readonly ttfbMs: number | null;
  /** EOS to the first audio message, audible or not. */
  readonly ttfbBytesMs: number | null;
  /** Length of the silence that was sent between EOS and the first audible sample. */
  readonly leadSilenceMs: number | null;
  /** The same for a reply that apologised, was throttled or came with an error; `ttfbMs` is then null. */
  readonly ttfbFailedMs: number | null;
  /** EOS to user final. */
  readonly sttMs: number | null;
  /** EOS to first reply text. */
  readonly textMs: number | null;
  /** When the caller interrupted the reply of this turn. */
  readonly bargeAtMs: number | null;
  readonly stopAtMs: number | null;
  /** First interrupting frame to the stop; for a stop that timed out, the wait (docs/metrics.md, Barge-in). */
  readonly bargeMs: number | null;
  readonly barge: BargeOutcome | null;
  /** Length of the audio of the reply that still arrived after the stop. */
  readonly overrunMs: number | null;
  /** First speech frame to the reply being complete, or stopped. */
  readonly turnMs: number | null;
  /** How long a player had nothing to play between the reply's first and last audio. */
  readonly stallMs: number | null;
  /** Length of the audio after EOS that belonged to no reply. */
  readonly lateAudioMs: number;
  /** True when the reply ended without a structured end, by quiet alone. */
  readonly endInferred: boolean;
  readonly outcome: TurnOutcome;
  /** `kind:code` of each fault of the agent or the network in this turn, each once. */
  readonly faults: readonly string[];
}

/** How a call ended: `ok`, or why it failed. `generator_limit`: it could not be dialled for want of a resource here. */
export type CallOutcome =
  | "ok"
  | "refused"
  | "rejected"
  | "closed_early"
  | "closed"
  | "gave_up"
  | "generator_limit"
  | "script_error";

/** The record of one call. */
export interface CallRecord extends ConversationRecord {
  /** Number of calls of this caller that failed in a row just before this one; above 0, this call is a reconnect. */
  readonly retry: number;
}

/** The conversation's part of the record of a call. */
export interface ConversationRecord extends HealthRecord {
  readonly connectedAtMs: number | null;
  /** Connected to first audio of the greeting; the whole deadline where none came; null where none was expected. */
  readonly greetingMs: number | null;
  /** True when a greeting was expected and did not come. */
  readonly greetingTimedOut: boolean;
  readonly closedAtMs: number;
  /** The close code. */
  readonly code: number | null;
  readonly closedBy: "caller" | "agent";
  /**
   * True when the first utterance began; false when the call failed before it; null when the test ended before it, or
   * when the load machine could not dial.
   */
  readonly reached: boolean | null;
  /** Frames that a caller that was never late would have sent. */
  readonly framesDue: number;
  readonly framesSent: number;
  /** The send lag of the worst frame of the call. */
  readonly worstLagMs: number;
  readonly outcome: CallOutcome;
  readonly faults: readonly string[];
  /** The messages of the call that nobody could read; null where all could be read. */
  readonly unread: UnreadRecord | null;
  /** Where the answer to the upgrade redirects to; credentials are masked. Only there where it does. */
  readonly location?: string;
}

/** The messages of a call that nobody could read: how many, and what the first one was, without its content. */
export interface UnreadRecord {
  readonly count: number;
  /** The type that the first one gives itself. */
  readonly name: string;
  /** Its keys, and the types and lengths of their values. */
  readonly shape: string;
}
