/**
 * Every metric: its kind, and the tag that tells its series apart. What the metrics mean to a reader is in the glossary.
 * Flat, because callers keep the kinds. A metric's meaning is API; changing one is a major version.
 */

/** The metrics and their kinds, in the order in which reports print them. */
export const KINDS = {
  ttfb: "trend",
  barge: "trend",
  turn: "trend",
  greeting: "trend",
  first_event: "trend",
  stall: "trend",
  barge_overrun: "trend",
  ttfb_failed: "trend",
  ttfb_clean: "trend",
  ttfb_throttled: "trend",
  ttfb_warmup: "trend",
  barge_warmup: "trend",
  turn_warmup: "trend",
  connection_success: "rate",
  turn_success: "rate",
  ttfb_fails: "counter",
  barge_fails: "counter",
  turn_fails: "counter",
  greeting_fails: "counter",
  calls: "counter",
  reconnects: "counter",
  turns: "counter",
  ws_close: "counter",
  ws_error: "counter",
  turn_error: "counter",
  rate_limit: "counter",
  throttled_turns: "counter",
  server_error: "counter",
  odd_message: "counter",
  late_audio: "counter",
  barge_skipped: "counter",
  barge_timeout: "counter",
  barge_unobserved: "counter",
  end_inferred: "counter",
  send_lag: "trend",
  send_lag_seconds: "counter",
  send_lag_ramp_up: "trend",
  on_time: "rate",
  generator_late: "counter",
  clock_step: "counter",
  script_error: "counter",
  gave_up: "counter",
  log_lines: "counter",
} as const satisfies Readonly<Record<string, "trend" | "counter" | "rate">>;

/** A frame that goes out later than this, in ms, makes what was measured around it invalid: the limit of `send_lag`. */
export const LATE_MS = 40;

/** The name of a metric, as k6 knows it. */
export type MetricName = keyof typeof KINDS;

/** A tag that tells the series of a metric apart. */
export type Tag = "turn" | "stage" | "code" | "kind" | "reason" | "source";

/** One sample of one metric. */
export interface Sample {
  readonly metric: MetricName;
  readonly value: number;
  /** The distinguishing tag, where the metric has one. */
  readonly tags?: Readonly<Record<string, string>>;
}

const TAGS: Readonly<Partial<Record<MetricName, Tag>>> = {
  ttfb: "turn",
  barge: "turn",
  turn: "turn",
  first_event: "stage",
  ttfb_fails: "turn",
  barge_fails: "turn",
  turn_fails: "turn",
  ws_close: "code",
  ws_error: "kind",
  turn_error: "reason",
  rate_limit: "source",
  throttled_turns: "source",
  server_error: "code",
  odd_message: "kind",
  barge_skipped: "reason",
  barge_unobserved: "reason",
};

/** Values of tags that are open on the wire: what is not listed is tagged `other`. */
const CLOSE_CODES = ["1000", "1001", "1006", "1008", "1009", "1011", "1013", "4500", "4501", "other"];
const ERROR_CODES = [
  "RateLimitExceeded",
  "DeploymentNotFound",
  "ModelUnavailableInRegion",
  "AuthenticationError",
  "ContentFiltered",
  "ContextLengthExceeded",
  "UnsupportedParameter",
  "VoiceNotAvailable",
  "ConnectionError",
  "InvalidRequest",
  "UnknownError",
  "SpeechSynthesisFailed",
  "SpeechRecognitionFailed",
  "Cancelled",
  "VoiceLiveError",
  "tts_error",
  "orchestration_error",
  "status_warning",
  "status_error",
  "session_end_ERROR",
  "llm_error",
  "response_cancel_not_active",
  "unknown",
  "other",
];

/** Why a turn failed; the words of TurnOutcome but `ok` and `generator_late`. */
const TURN_ERRORS = [
  "closed",
  "throttled",
  "apology",
  "agent_error",
  "answered_early",
  "first_audio_timeout",
  "text_only",
  "unheard",
  "turn_timeout",
  "barge_timeout",
  "cut_by_agent",
];

/** How a dial or a connection failed. */
const WS_ERRORS = [
  "refused",
  "dns",
  "tls",
  "connect_timeout",
  "http_400",
  "http_401",
  "http_403",
  "http_404",
  "http_429",
  "http_500",
  "http_502",
  "http_503",
  "reset",
  "other",
];

const VALUES: Readonly<Partial<Record<MetricName, readonly string[]>>> = {
  first_event: ["stt", "llm"],
  ws_close: CLOSE_CODES,
  ws_error: WS_ERRORS,
  turn_error: TURN_ERRORS,
  rate_limit: ["openai", "speech", "unknown"],
  throttled_turns: ["openai", "speech", "unknown"],
  server_error: ERROR_CODES,
  odd_message: ["bad_json", "unknown_message", "other"],
  barge_skipped: ["short_reply"],
  barge_unobserved: ["not_owed", "too_soon"],
};

/** Metrics that judge the generator, not the agent: thresholds.json has no use for them. */
const OF_THE_GENERATOR: readonly MetricName[] = [
  "send_lag",
  "send_lag_seconds",
  "send_lag_ramp_up",
  "on_time",
  "generator_late",
  "clock_step",
  "script_error",
  "gave_up",
  "log_lines",
];

/** The names of all metrics. */
export const METRIC_NAMES = /* @__PURE__ */ Object.keys(KINDS) as readonly MetricName[];

/** The distinguishing tag of a metric, if it has one. */
export function tagOf(name: MetricName): Tag | undefined {
  return TAGS[name];
}

/** The values of a metric's tag, where they are known; the numbers of turns come from the settings. */
export function tagValuesOf(name: MetricName): readonly string[] | undefined {
  return VALUES[name];
}

/** True when thresholds.json has a use for the metric. */
export function isGateable(name: MetricName): boolean {
  return !OF_THE_GENERATOR.includes(name);
}

/** The metrics that have a companion: over no samples k6 calls a threshold on a Trend or a Rate green. */
export const ACCOMPANIED: readonly MetricName[] = /* @__PURE__ */ METRIC_NAMES.filter(
  (name) => isGateable(name) && KINDS[name] !== "counter",
);

/** The Counter that counts an accompanied metric's samples: `count>0` fails a run that measured nothing. */
export function companionOf(name: MetricName): string {
  return `${name}_samples`;
}

/** A turn number as a tag: `01`. */
export function turnTag(turn: number): string {
  return String(turn).padStart(2, "0");
}

/** The name of a series as k6 keys it: `ttfb{turn:01}`. */
export function seriesName(metric: string, tag: string, value: string): string {
  return `${metric}{${tag}:${value}}`;
}
