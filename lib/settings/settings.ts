/**
 * The settings: their names, defaults and meanings in one table, read from the environment.
 * It reads text and never acts on it.
 */

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
import { maskUrl } from "./target.ts";
import { rampUpSec } from "./workload.ts";

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

/** What a CAPACITY preset sets, and the success rate that it asks for. CAPACITY stands before what it sets. */
interface Capacity {
  readonly preset: Readonly<Record<string, number>>;
  readonly successRate: number;
}

const CAPACITIES: Readonly<Record<string, Capacity>> = {
  development: { preset: { USERS: 10, SPAWN_RATE: 2, TIME: 300 }, successRate: 0.95 },
  staging: { preset: { USERS: 100, SPAWN_RATE: 10, TIME: 1800 }, successRate: 0.95 },
  production: { preset: { USERS: 500, SPAWN_RATE: 50, TIME: 3600 }, successRate: 0.98 },
};

/** The smallest length of a name whose near-misses are pointed out: k6 passes the whole shell, `USER` included. */
const NEAR_MISS_CHARS = 5;

/** What was read, and everything that is wrong with it. */
export interface Reading {
  readonly settings: Settings;
  /** Each `NAME: expected ..., got ...`; a run with any must not start. */
  readonly problems: readonly string[];
  /** What was understood otherwise than it was written. */
  readonly remarks: readonly string[];
}

/** Reads all settings from an environment; an empty value counts as absent. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Reading {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const text = (env[name] ?? "").trim();
    const value = text === "" ? setting.fallback : setting.read(text);
    if (value === undefined) problems.push(`${name}: expected ${setting.expected}, got ${shownText(setting, text)}`);
    const preset = text === "" ? CAPACITIES[String(values.CAPACITY)]?.preset : undefined;
    values[name] = preset?.[name] ?? value ?? setting.fallback;
  }
  const settings = values as unknown as Settings;
  if (problems.length === 0) problems.push(...contradictions(settings));
  const spelt = env.PIPELINE?.trim().toLowerCase() ?? "";
  const remarks = spelt === "" || spelt === settings.PIPELINE || problems.length > 0 ? [] : [spellingRemark(spelt)];
  return { settings, problems: [...problems, ...nearMisses(Object.keys(env))], remarks };
}

/** An agent's own `streaming_mode=realtime` means cascade, so the spelling is worth a word. */
function spellingRemark(spelt: string): string {
  return `PIPELINE=${spelt} is understood as voicelive (an agent's own streaming_mode=realtime would mean cascade)`;
}

function shownText(setting: Setting<unknown>, text: string): string {
  return setting.secret ? "something else (not shown)" : JSON.stringify(text);
}

/** A setting's default as one would type it; empty where there is none. */
export function defaultText(name: SettingName): string {
  const setting: Setting<unknown> = SETTINGS[name];
  return setting.write?.(setting.fallback) ?? String(setting.fallback);
}

/** The rate of successful turns that a CAPACITY preset asks for, or null. */
export function capacitySuccessRate(settings: Settings): number | null {
  return CAPACITIES[settings.CAPACITY]?.successRate ?? null;
}

/** The settings as they may be shown: secret values and credentials in URLs are masked. */
export function shownSettings(settings: Settings): Readonly<Record<string, unknown>> {
  const shown: Record<string, unknown> = { ...settings, WS_URL: maskUrl(settings.WS_URL) };
  shown.WS_HEADERS = Object.fromEntries(Object.keys(settings.WS_HEADERS).map((name) => [name, "***"]));
  return shown;
}

function contradictions(settings: Settings): string[] {
  const { CALLS_PER_SEC, CALLS_RAMP_SEC, RAMP_UP_COUNTS, USERS, SPAWN_RATE, TIME } = settings;
  const { TURNS_PER_USER, WARMUP_TURNS } = settings;
  const problems: string[] = [];
  if (CALLS_PER_SEC > 0 && CALLS_RAMP_SEC > TIME) {
    problems.push(`CALLS_RAMP_SEC: expected at most TIME = ${TIME}, got ${CALLS_RAMP_SEC}`);
  }
  if (CALLS_PER_SEC === 0 && CALLS_RAMP_SEC > 0) {
    problems.push(
      `CALLS_RAMP_SEC: expected CALLS_PER_SEC beside it, got none; SPAWN_RATE sets the ramp of USERS callers`,
    );
  }
  if (CALLS_PER_SEC === 0 && USERS > SPAWN_RATE * TIME) {
    problems.push(`USERS: expected at most SPAWN_RATE x TIME = ${Math.floor(SPAWN_RATE * TIME)}, got ${USERS}`);
  }
  if (!RAMP_UP_COUNTS && rampUpSec(settings) >= TIME) {
    problems.push(`RAMP_UP_COUNTS=false: expected a ramp-up shorter than TIME = ${TIME}, got ${rampUpSec(settings)} s`);
  }
  if (WARMUP_TURNS >= TURNS_PER_USER) {
    problems.push(`WARMUP_TURNS: expected less than TURNS_PER_USER = ${TURNS_PER_USER}, got ${WARMUP_TURNS}`);
  }
  return problems;
}

function nearMisses(names: readonly string[]): string[] {
  return names.flatMap((name) => {
    if (name.length < NEAR_MISS_CHARS || Object.hasOwn(SETTINGS, name)) return [];
    const meant = Object.keys(SETTINGS).find((known) => known.length >= NEAR_MISS_CHARS && oneEditApart(name, known));
    return meant === undefined ? [] : [`${name} is not a setting; did you mean ${meant}?`];
  });
}

/** True when one insertion, deletion, replacement or swap of neighbours turns one word into the other. */
function oneEditApart(a: string, b: string): boolean {
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let ends = 0;
  while (ends < Math.min(a.length, b.length) - start && a[a.length - 1 - ends] === b[b.length - 1 - ends]) ends += 1;
  const restA = a.slice(start, a.length - ends);
  const restB = b.slice(start, b.length - ends);
  const swapped = restA.length === 2 && restA === [...restB].reverse().join("");
  return swapped || Math.max(restA.length, restB.length) === 1;
}
