/**
 * Every metric: its kind, its distinguishing tag, how it is printed and what it means.
 * A metric's meaning is API; changing one is a major version.
 */

/** What a metric is. */
interface MetricSpec {
  readonly kind: "trend" | "counter" | "rate";
  /** The tag that tells its series apart. */
  readonly tag?: "turn" | "stage" | "code" | "kind" | "reason" | "source" | "of";
  /** The tag's values where they are known; `turn` numbers come from the settings. */
  readonly values?: readonly string[];
  /** How a series is printed: the seed's name before `/value`. */
  readonly printed: string;
  readonly help: string;
  /** False for metrics that thresholds.json may not name: they judge the generator, not the agent. */
  readonly gateable?: boolean;
}

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

/** The metrics, in the order in which reports print them. */
export const METRICS = {
  ttfb: { kind: "trend", tag: "turn", printed: "ttfb", help: "end of speech to the first audio of its reply" },
  barge: { kind: "trend", tag: "turn", printed: "barge", help: "first interrupting speech frame to the agent's stop" },
  turn: {
    kind: "trend",
    tag: "turn",
    printed: "turn",
    help: "first speech frame to the reply being complete, or stopped",
  },
  greeting: { kind: "trend", printed: "greeting", help: "connected to the first audio of the greeting" },
  first_event: {
    kind: "trend",
    tag: "stage",
    values: ["stt", "llm"],
    printed: "stage",
    help: "end of speech to the user final (stt), to the first reply text (llm, VoiceLive only)",
  },
  stall: { kind: "trend", printed: "stall", help: "how long a caller's player ran dry within a reply" },
  barge_overrun: { kind: "trend", printed: "overrun", help: "audio of the old reply that arrived after the stop" },
  ttfb_failed: {
    kind: "trend",
    printed: "ttfb_failed",
    help: "time to the first audio of a reply that apologised, was throttled or came with an error",
  },
  ttfb_clean: { kind: "trend", printed: "ttfb/clean", help: "ttfb of turns without any throttling" },
  ttfb_throttled: {
    kind: "trend",
    printed: "ttfb/throttled",
    help: "end of speech to the first audio, or the whole deadline, of turns in which throttling was seen",
  },
  ttfb_warmup: { kind: "trend", printed: "warmup/ttfb", help: "ttfb of warm-up turns" },
  barge_warmup: { kind: "trend", printed: "warmup/barge", help: "barge of warm-up turns" },
  turn_warmup: { kind: "trend", printed: "warmup/turn", help: "turn of warm-up turns" },
  connection_success: { kind: "rate", printed: "connection_success", help: "calls that reached their first utterance" },
  turn_success: { kind: "rate", printed: "turn_success", help: "turns with outcome ok" },
  ttfb_fails: {
    kind: "counter",
    tag: "turn",
    printed: "ttfb fails",
    help: "waits for a reply that ended without a gated sample of one",
  },
  barge_fails: { kind: "counter", tag: "turn", printed: "barge fails", help: "stops that were owed and did not come" },
  turn_fails: { kind: "counter", tag: "turn", printed: "turn fails", help: "turns whose outcome is not ok" },
  greeting_fails: { kind: "counter", printed: "greeting fails", help: "greetings that did not come" },
  calls: { kind: "counter", printed: "calls", help: "dials" },
  reconnects: { kind: "counter", printed: "reconnects", help: "calls of a caller whose last call failed" },
  turns: { kind: "counter", printed: "turns", help: "turns that were spoken or cut, warm-up included" },
  ws_close: {
    kind: "counter",
    tag: "code",
    values: CLOSE_CODES,
    printed: "ws/close",
    help: "closes that the caller did not ask for",
  },
  ws_error: {
    kind: "counter",
    tag: "kind",
    values: WS_ERRORS,
    printed: "ws/error",
    help: "dials and connections that failed",
  },
  turn_error: { kind: "counter", tag: "reason", values: TURN_ERRORS, printed: "turn/error", help: "failed turns" },
  rate_limit: {
    kind: "counter",
    tag: "source",
    values: ["openai", "speech", "unknown"],
    printed: "rate",
    help: "throttling, once per turn and source",
  },
  throttled_turns: {
    kind: "counter",
    tag: "source",
    values: ["openai", "speech", "unknown"],
    printed: "throttled",
    help: "turns in which throttling was seen",
  },
  server_error: {
    kind: "counter",
    tag: "code",
    values: ERROR_CODES,
    printed: "err",
    help: "other coded errors of the agent, once per turn and code",
  },
  odd_message: {
    kind: "counter",
    tag: "kind",
    values: ["bad_json", "unknown_message", "other"],
    printed: "odd",
    help: "turns in which messages came that nobody can read or knows",
  },
  late_audio: { kind: "counter", printed: "late_audio", help: "turns in which audio came that belonged to no reply" },
  barge_skipped: {
    kind: "counter",
    tag: "reason",
    values: ["short_reply"],
    printed: "barge_skipped",
    help: "planned barge-ins that were not made",
  },
  barge_timeout: { kind: "counter", printed: "barge_timeout", help: "stops that were owed and did not come" },
  barge_unobserved: {
    kind: "counter",
    tag: "reason",
    values: ["not_owed", "too_soon"],
    printed: "barge_unobserved",
    help: "barge-ins without a stop that counts",
  },
  end_inferred: { kind: "counter", printed: "end_inferred", help: "replies that only quiet ended" },
  send_lag: {
    kind: "trend",
    printed: "send_lag",
    help: "worst frame lateness in each second of each call",
    gateable: false,
  },
  send_lag_seconds: {
    kind: "counter",
    printed: "send_lag_seconds",
    help: "seconds of calls that send_lag judged",
    gateable: false,
  },
  send_lag_ramp_up: {
    kind: "trend",
    printed: "send_lag/ramp_up",
    help: "the same in the ramp-up, where RAMP_UP_COUNTS=false leaves that out of the verdict",
    gateable: false,
  },
  on_time: { kind: "rate", printed: "on_time", help: "turns during which the generator was on time", gateable: false },
  generator_late: {
    kind: "counter",
    printed: "generator_late",
    help: "turns that left the metrics because the generator was late",
    gateable: false,
  },
  clock_step: { kind: "counter", printed: "clock_step", help: "jumps of the wall clock", gateable: false },
  script_error: { kind: "counter", printed: "script_error", help: "bugs of this tool", gateable: false },
  gave_up: { kind: "counter", printed: "gave_up", help: "callers that stopped trying", gateable: false },
  log_lines: { kind: "counter", printed: "log_lines", help: "lines written to the run's log", gateable: false },
} as const satisfies Readonly<Record<string, MetricSpec>>;

/** The name of a metric, as k6 knows it. */
export type MetricName = keyof typeof METRICS;

/** One sample of one metric. */
export interface Sample {
  readonly metric: MetricName;
  readonly value: number;
  /** The distinguishing tag, where the metric has one. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** A metric's specification, without the narrowness of its literal. */
export function metricSpec(name: MetricName): MetricSpec {
  return METRICS[name];
}

/** The metrics that a threshold may gate: over no samples k6 calls a Trend or Rate green, so each has a companion. */
export const GATEABLE: readonly MetricName[] = (Object.keys(METRICS) as MetricName[]).filter((name) => {
  const spec = metricSpec(name);
  return spec.gateable !== false && spec.kind !== "counter";
});

/** The Counter that counts a gateable metric's samples: `count>0` fails a run that measured nothing. */
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
