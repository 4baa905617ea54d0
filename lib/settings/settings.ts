/** Defines all settings of a load test: names, defaults, meanings and types in one table, from which the README's is generated. */

import {
  duration,
  flag,
  folder,
  headers,
  matching,
  namedTexts,
  nonNegative,
  oneOf,
  positive,
  type Setting,
  wholeNumber,
  withSecret,
  wordList,
} from "./setting_kinds.ts";

/** A host with an optional scheme and port; IPv6 in square brackets. */
const HOST_PATTERN = /^(?:(?:wss?|https?):\/\/)?(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

/** Older spellings of `voicelive`. */
const VOICELIVE_ALIASES = { voice_live: "voicelive", live: "voicelive", realtime: "voicelive" } as const;

/** Every setting, in the order in which the README shows them. CAPACITY comes before the settings that its presets give. */
export const SETTINGS = {
  HOST: withSecret(
    "url",
    matching(
      "localhost:8010",
      "the agent's host and port; `wss://` unless it is loopback",
      "host[:port] without a path",
      HOST_PATTERN,
    ),
  ),
  WS_URL: withSecret(
    "url",
    matching("", "the whole URL to dial, instead of HOST", "a ws:// or wss:// URL", /^wss?:\/\/[^\s/]+\S*$/i),
  ),
  WS_PATH: withSecret(
    "path",
    matching("", "the path to dial on HOST, instead of the wire's own", "a path that begins with /", /^\/\S*$/),
  ),
  WS_HEADERS: headers("headers added to every upgrade, as a JSON object; never shown"),
  PIPELINE: oneOf("cascade", ["cascade", "voicelive"], "the pipeline that the agent runs", VOICELIVE_ALIASES),
  CAPACITY: oneOf(
    "",
    ["", "development", "staging", "production"],
    "presets for USERS, SPAWN_RATE, TIME and the success rate; a setting that is set itself takes precedence",
  ),
  USERS: wholeNumber(15, 1, "callers at the same time"),
  SPAWN_RATE: positive(2, "callers that start per second"),
  TIME: duration(90, "how long the load lasts; then callers leave one by one"),
  CALLS_PER_SEC: nonNegative(
    0,
    "calls that start per second, each by a free caller (open model); 0: USERS callers call again and again",
  ),
  CALLS_RAMP_SEC: nonNegative(0, "seconds in which CALLS_PER_SEC is reached, from none; 0: at once"),
  RAMP_UP_COUNTS: flag(true, "false: late frames in the ramp-up do not make a run INVALID"),
  TURNS_PER_USER: wholeNumber(60, 1, "turns of one call"),
  WARMUP_TURNS: wholeNumber(0, 0, "first turns of each call that are reported separately and not gated"),
  PCM_DIR: matching("", "the folder of the utterances, relative to the working directory; the shipped ones unless set"),
  CONVERSATION: wordList([], "the conversations that callers hold, by name, separated by commas; all unless set"),
  SAMPLE_RATE: oneOf("", ["", "16000", "24000"], "the rate of the callers' audio in Hz; the wire's own unless set"),
  CHUNKS_PER_TURN: wholeNumber(0, 0, "frames of a file that are sent at most; 0: the whole utterance"),
  CHUNK_MS: wholeNumber(20, 10, "length of a frame, in ms", 200),
  GREETING_TIMEOUT_SEC: nonNegative(10, "longest wait for the agent's greeting; 0: it has none"),
  FIRST_BYTE_TIMEOUT_SEC: positive(5, "longest wait for the first audio of a reply, from the end of speech"),
  TURN_TIMEOUT_SEC: positive(15, "longest wait for a reply to be complete, from its first audio"),
  BARGE_QUIET_MS: positive(400, "time without audio after which a reply may count as over"),
  PAUSE_BETWEEN_TURNS_SEC: nonNegative(1.5, "pause after a reply that was not interrupted"),
  BARGE_EVERY: wholeNumber(1, 0, "interrupt every k-th turn of a call, but not the last; 0: never"),
  BARGE_REENTRY_MS: positive(1000, "how much of a reply has played when the caller interrupts"),
  AGENT_STOPS: flag(
    true,
    "false: the agent sends no stop message; the last audio of an interrupted reply counts as its stop",
  ),
  CONNECT_TIMEOUT_SEC: positive(10, "a call that took longer to connect is counted as failed"),
  WS_IGNORE_CLOSE_EXCEPTIONS: flag(true, "a close with 1000, 1001 or no code (1005) between turns is no failure"),
  WS_MAX_SSL_FAILS: wholeNumber(4, 1, "TLS failures in a row after which a caller gives up"),
  WS_RECONNECT_BACKOFF_BASE_SEC: positive(0.2, "pause after the first failed dial"),
  WS_RECONNECT_BACKOFF_FACTOR: positive(1.8, "how much longer each further pause is"),
  WS_RECONNECT_BACKOFF_MAX_SEC: positive(3, "longest pause between dials"),
  RESPONSE_TOKENS: wordList(
    ["recognizer", "greeting", "response", "transcript", "result"],
    "words in the type of an unknown message that make it reply text",
  ),
  END_TOKENS: wordList(
    ["final", "end", "completed", "stopped", "barge"],
    "words in the type or status of an unknown message that end a reply",
  ),
  SESSION_PREFIX: matching(
    "k6va-",
    "what every call's session id begins with",
    "letters, digits, _ . or -",
    /^[\w.-]*$/,
  ),
  TWILIO_ACCOUNT_SID: matching(
    `AC${"0".repeat(32)}`,
    "the account that twilio_media calls from",
    "AC and 32 hexadecimal digits",
    /^AC[\da-f]{32}$/i,
  ),
  TWILIO_AUTH_TOKEN: withSecret(
    "all",
    matching("", "the account's token, with which twilio_media signs its upgrade (`X-Twilio-Signature`); never shown"),
  ),
  STREAM_PARAMETERS: namedTexts("custom parameters of twilio_media's `start`, as a JSON object; never shown"),
  REALTIME_API: oneOf(
    "openai",
    ["openai", "azure_openai", "voice_live"],
    "whose API openai_realtime dials: the path, the credentials and the shape of its messages",
  ),
  REALTIME_MODEL: matching("gpt-realtime", "the model, or the deployment, that openai_realtime asks for"),
  REALTIME_API_KEY: withSecret(
    "all",
    matching("", "the key of that API; a bearer token goes into WS_HEADERS; never shown"),
  ),
  REALTIME_API_VERSION: matching("", "its `api-version`; one that is known to work unless set"),
  SESSION: matching(
    "",
    "a JSON file with the `session` of openai_realtime's `session.update`; a shipped one unless set",
  ),
  REALTIME_GREETING: flag(false, "true: openai_realtime asks the agent to greet, with a first `response.create`"),
  TOOL_OUTPUT: matching("{}", "what openai_realtime answers to every function call"),
  GATE: oneOf("target", ["target", "acceptable", "alert"], "the tier of thresholds.json that fails the run"),
  RESULTS_DIR: folder(
    "with make the folder in which each run gets its folder, `results/` unless set; without make an existing folder for summary.json",
  ),
  TURN_LOG: flag(false, "log one JSON line per turn and per call; the make targets always do"),
  LOAD_ZONES: wordList([], "zones of Grafana Cloud k6 that share the load evenly, such as `amazon:us:ashburn`"),
  REPORT: oneOf("table", ["table", "k6"], "`k6` prints k6's own summary instead of ours; not with make"),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The parsed values of all settings, by name. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> };

/** Returns a setting's default as the text that one would set; empty where there is none. */
export function defaultText(name: SettingName): string {
  const setting: Setting<unknown> = SETTINGS[name];
  return setting.format?.(setting.defaultValue) ?? String(setting.defaultValue);
}
