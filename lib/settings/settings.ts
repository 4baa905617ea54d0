/** The settings: names, defaults, meanings and types in one table. The README's table is generated from it. */

import {
  decimal,
  duration,
  flag,
  headers,
  matching,
  oneOf,
  positive,
  type Setting,
  whole,
  words,
} from "./setting_kinds.ts";

const HOST = /^(?:(?:wss?|https?):\/\/)?(?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?$/i;

const VOICELIVE_SPELLINGS = { voice_live: "voicelive", live: "voicelive", realtime: "voicelive" } as const;

/** Every setting, in the order in which people meet them. */
export const SETTINGS = {
  HOST: matching(
    "localhost:8010",
    "the agent's host and port; `wss://` unless it is loopback",
    "host[:port] without a path",
    HOST,
  ),
  WS_URL: matching("", "the whole URL to dial, instead of HOST", "a ws:// or wss:// URL", /^wss?:\/\/[^\s/]+\S*$/i),
  WS_PATH: matching("", "the path to dial on HOST, instead of the wire's own", "a path that begins with /", /^\/\S*$/),
  WS_HEADERS: headers("headers added to every upgrade, as a JSON object; never shown"),
  PIPELINE: oneOf("cascade", ["cascade", "voicelive"], "the pipeline that the agent runs", VOICELIVE_SPELLINGS),
  CAPACITY: oneOf(
    "",
    ["", "development", "staging", "production"],
    "presets for USERS, SPAWN_RATE, TIME and the success rate; any single setting wins",
  ),
  USERS: whole(15, 1, "callers at the same time"),
  SPAWN_RATE: positive(2, "callers that start per second"),
  TIME: duration(90, "how long new turns are started"),
  CALLS_PER_SEC: decimal(0, "calls that start per second, whoever is free; 0: USERS callers call again and again"),
  CALLS_RAMP_SEC: decimal(0, "seconds in which CALLS_PER_SEC is reached, from none; 0: at once"),
  RAMP_UP_COUNTS: flag(
    true,
    "false: frames that go out late while callers are still starting do not make a run INVALID",
  ),
  TURNS_PER_USER: whole(60, 1, "turns of one call"),
  WARMUP_TURNS: whole(0, 0, "first turns of each call that are shown apart and not gated"),
  PCM_DIR: matching("", "the folder of the utterances, from where you stand; the shipped ones unless set"),
  CONVERSATION: words([], "the conversations that callers hold, by name, separated by commas; all unless set"),
  SAMPLE_RATE: oneOf("", ["", "16000", "24000"], "the rate of the callers' audio in Hz; the wire's own unless set"),
  CHUNKS_PER_TURN: whole(0, 0, "frames of a file that are spoken at most; 0: the whole utterance"),
  CHUNK_MS: whole(20, 10, "length of a frame, in ms", 200),
  GREETING_TIMEOUT_SEC: decimal(10, "longest wait for the agent's greeting; 0: it has none"),
  FIRST_BYTE_TIMEOUT_SEC: positive(5, "longest wait for the first audio of a reply, from the end of speech"),
  TURN_TIMEOUT_SEC: positive(15, "longest wait for a reply to be complete, from its first audio"),
  BARGE_QUIET_MS: positive(400, "time without audio after which a reply may count as over"),
  PAUSE_BETWEEN_TURNS_SEC: decimal(1.5, "pause after a reply that was heard to its end"),
  BARGE_EVERY: whole(1, 0, "interrupt every k-th turn; 0: never"),
  BARGE_REENTRY_MS: positive(1000, "how much of a reply has played when the caller interrupts"),
  AGENT_STOPS: flag(true, "false: the agent sends no stop message, falling silent is its answer"),
  CONNECT_TIMEOUT_SEC: positive(10, "a call that took longer to connect is counted as failed"),
  WS_IGNORE_CLOSE_EXCEPTIONS: flag(true, "a close with 1000 or 1001 between turns is no failure"),
  WS_MAX_SSL_FAILS: whole(4, 1, "TLS failures in a row after which a caller gives up"),
  WS_RECONNECT_BACKOFF_BASE_SEC: positive(0.2, "pause after the first failed dial"),
  WS_RECONNECT_BACKOFF_FACTOR: positive(1.8, "how much longer each further pause is"),
  WS_RECONNECT_BACKOFF_MAX_SEC: positive(3, "longest pause between dials"),
  RESPONSE_TOKENS: words(
    ["recognizer", "greeting", "response", "transcript", "result"],
    "words in the type of an unknown message that make it reply text",
  ),
  END_TOKENS: words(
    ["final", "end", "completed", "stopped", "barge"],
    "words in the type or status of an unknown message that end a reply",
  ),
  SESSION_PREFIX: matching(
    "k6va-",
    "what every call's session id begins with",
    "letters, digits, _ . or -",
    /^[\w.-]*$/,
  ),
  GATE: oneOf("target", ["target", "acceptable", "alert"], "the tier of thresholds.json that fails the run"),
  RESULTS_DIR: matching("", "an existing folder for summary.json"),
  TURN_LOG: flag(false, "log one JSON line per turn and per call"),
  LOAD_ZONES: words([], "zones of Grafana Cloud k6 that share the load evenly, such as `amazon:us:ashburn`"),
  REPORT: oneOf("table", ["table", "k6"], "`k6` prints k6's own summary instead of ours"),
} as const satisfies Readonly<Record<string, Setting<unknown>>>;

/** The name of a setting. */
export type SettingName = keyof typeof SETTINGS;

type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** All settings, read. */
export type Settings = { readonly [Name in SettingName]: ValueOf<(typeof SETTINGS)[Name]> };

/** A setting's default as one would type it; empty where there is none. */
export function defaultText(name: SettingName): string {
  const setting: Setting<unknown> = SETTINGS[name];
  return setting.write?.(setting.fallback) ?? String(setting.fallback);
}
