/**
 * The table of all metrics: the kind of each, and the tag that distinguishes its series. Their meanings are in
 * glossary.ts. A metric's meaning is API; changing one is a major version. What runs in every caller imports types of it
 * only, because a caller would keep all tables in memory.
 */

/** The metrics and their kinds, in the order in which reports print them. */
export const KINDS = {
  ttfb: "trend",
  barge: "trend",
  turn: "trend",
  greeting: "trend",
  first_event: "trend",
  lead_silence: "trend",
  ttfb_bytes: "trend",
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
  unread_messages: "counter",
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
  generator_limit: "counter",
  clock_step: "counter",
  script_error: "counter",
  gave_up: "counter",
  log_lines: "counter",
} as const satisfies Readonly<Record<string, "trend" | "counter" | "rate">>;

/** The name of a metric in k6. */
export type MetricName = keyof typeof KINDS;

/** A tag that distinguishes the series of a metric. */
export type Tag = "turn" | "stage" | "code" | "kind" | "reason" | "source";

/** One sample of one metric. */
export interface Sample {
  readonly metric: MetricName;
  /** In ms for a Trend, 0 or 1 for a Rate, a count for a Counter. */
  readonly value: number;
  /** The value of the distinguishing tag, by its name, where the metric has one. */
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
  generator_limit: "kind",
};

/** Tag values for codes that come from the wire and may be anything: one that is not listed is tagged `other`. */
const CLOSE_CODES =
  "1000 1001 1002 1003 1005 1006 1007 1008 1009 1010 1011 1012 1013 1014 3000 3003 3008 4500 4501 other".split(" ");
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

/** Why a turn failed: every TurnOutcome except `ok` and `generator_late`. */
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

/** Statuses that answer an upgrade, each with a series of its own; any other is counted with its class, `http_4xx`. */
const HTTP_STATUSES =
  "101 200 301 302 303 307 308 400 401 403 404 405 407 408 410 414 426 429 431 500 501 502 503 504 505 530";
const HTTP_CLASSES = "1xx 2xx 3xx 4xx 5xx";
const PROXY_KINDS = "refused dns timeout 400 401 403 404 405 407 408 429 500 502 503 504 other";

/** How a dial or a connection failed. `http_...`: the answer to the upgrade; `proxy_...`: what a proxy did or said. */
const WS_ERRORS = [
  ...["refused", "dns", "unreachable", "tls", "connect_timeout"],
  ...[...HTTP_STATUSES.split(" "), ...HTTP_CLASSES.split(" ")].map((status) => `http_${status}`),
  ...PROXY_KINDS.split(" ").map((kind) => `proxy_${kind}`),
  ...["session_timeout", "not_http", "reset", "protocol", "other"],
];

/** What the load machine ran out of: file descriptors, local ports, memory. */
const GENERATOR_LIMITS = ["open_files", "local_ports", "memory"];

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
  generator_limit: GENERATOR_LIMITS,
};

/** Metrics of the load generator, not of the agent: thresholds.json cannot gate them. */
const GENERATOR_METRICS: readonly MetricName[] = [
  "send_lag",
  "send_lag_seconds",
  "send_lag_ramp_up",
  "on_time",
  "generator_late",
  "generator_limit",
  "clock_step",
  "script_error",
  "gave_up",
  "log_lines",
];

/** The names of all metrics. */
export const METRIC_NAMES = /* @__PURE__ */ Object.keys(KINDS) as readonly MetricName[];

/** Returns the distinguishing tag of a metric; undefined when it has none. */
export function tagOf(name: MetricName): Tag | undefined {
  return TAGS[name];
}

/**
 * Returns the values of a metric's tag; undefined without a tag, and for `turn`, whose values come from the settings.
 */
export function tagValuesOf(name: MetricName): readonly string[] | undefined {
  return VALUES[name];
}

/** True when thresholds.json can gate the metric. */
export function isGateable(name: MetricName): boolean {
  return !GENERATOR_METRICS.includes(name);
}

/**
 * The metrics that have a companion Counter of their samples (`companionOf`), which is needed because k6 passes a
 * threshold on a Trend or a Rate that has no samples.
 */
export const ACCOMPANIED: readonly MetricName[] = /* @__PURE__ */ METRIC_NAMES.filter(
  (name) => isGateable(name) && KINDS[name] !== "counter",
);

/** Formats a turn number as a tag value: `01`. */
export function turnTag(turn: number): string {
  return String(turn).padStart(2, "0");
}

/** Returns the name of a series in k6: `ttfb{turn:01}`. */
export function seriesName(metric: string, tag: string, value: string): string {
  return `${metric}{${tag}:${value}}`;
}
