/** Reads the settings from environment variables, and collects every problem instead of stopping at the first. */

import { presetValues } from "./capacity.ts";
import { misspeltNames } from "./misspelt_names.ts";
import { readSetting } from "./read_setting.ts";
import type { Setting } from "./setting_kinds.ts";
import { SETTINGS, type Settings } from "./settings.ts";
import { urlProblems } from "./target_url.ts";
import { plannedCalls, RATE_DECIMALS, rampUpSec } from "./workload.ts";

/** The name of a compiler's target, as conda's compilers leave it in HOST: `x86_64-conda-linux-gnu`, `arm64-apple-darwin20.0.0`. */
const COMPILER_TARGET =
  /^(x86_64|i\d86|arm\w*|aarch64|powerpc\w*|ppc\w*|riscv\w*|s390x?)-\w+-(linux|darwin|w64|mingw|freebsd)[\w.-]*$/i;

/** Headers that gorilla/websocket refuses, or that Go does not send. */
const OWN_HEADERS =
  /^(upgrade|connection|sec-websocket-(key|version|extensions|accept)|content-length|transfer-encoding|trailer)$/i;

/** The settings, and everything that is wrong with them. */
export interface SettingsResult {
  /** Where a value is wrong, the default stands in for it. */
  readonly settings: Settings;
  /** Each `NAME: expected ..., got ...` or a misspelt name; a run with any must not start. */
  readonly problems: readonly string[];
  /** Values that were accepted under another spelling. */
  readonly remarks: readonly string[];
}

/** Reads all settings from an environment. An empty value counts as absent; what is absent comes from CAPACITY, or is the default. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): SettingsResult {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, setting] of Object.entries<Setting<unknown>>(SETTINGS)) {
    const { problem, text, value } = readSetting(name, setting, env);
    if (problem !== null) problems.push(problem);
    const preset = text === "" ? presetValues(values.CAPACITY) : undefined;
    values[name] = preset?.[name] ?? value;
  }
  const settings = values as unknown as Settings;
  if (problems.length === 0) problems.push(...urlProblems(settings), ...contradictions(settings));
  const remarks = problems.length > 0 ? [] : aliasRemarks(env.PIPELINE ?? "", settings.PIPELINE);
  problems.push(...misspeltNames(Object.keys(env), Object.keys(SETTINGS)));
  return { settings, problems, remarks };
}

/** A remark where PIPELINE was given as an alias, because an agent's own `streaming_mode=realtime` means cascade. */
function aliasRemarks(text: string, pipeline: string): string[] {
  const alias = text.trim().toLowerCase();
  if (alias === "" || alias === pipeline) return [];
  return [`PIPELINE=${alias} is understood as voicelive (an agent's own streaming_mode=realtime would mean cascade)`];
}

/** Finds settings that are valid each on its own, but not together. */
function contradictions(settings: Settings): string[] {
  const { CALLS_PER_SEC, CALLS_RAMP_SEC, HOST, RAMP_UP_COUNTS, REPORT, RESULTS_DIR, SPAWN_RATE } = settings;
  const { TIME, TURNS_PER_USER, USERS, WARMUP_TURNS, WS_HEADERS, WS_URL } = settings;
  const ownHeaders = Object.keys(WS_HEADERS).filter((name) => OWN_HEADERS.test(name));
  const isOpen = CALLS_PER_SEC > 0;
  const isExact = Number(CALLS_PER_SEC.toFixed(RATE_DECIMALS)) === CALLS_PER_SEC;
  const rows: readonly (readonly [isWrong: boolean, problem: string])[] = [
    [
      WS_URL === "" && COMPILER_TARGET.test(HOST),
      `HOST: expected the agent's host, got ${JSON.stringify(HOST)}, a compiler's target, as conda sets it in HOST; unset HOST or set it to the agent`,
    ],
    [!isExact, `CALLS_PER_SEC: expected at most ${RATE_DECIMALS} decimals, got ${CALLS_PER_SEC}`],
    [
      isOpen && isExact && CALLS_RAMP_SEC <= TIME && plannedCalls(settings) < 1,
      `CALLS_PER_SEC: expected at least one call within TIME = ${TIME}, got ${CALLS_PER_SEC}, which makes ${plannedCalls(settings).toFixed(2)}`,
    ],
    [isOpen && CALLS_RAMP_SEC > TIME, `CALLS_RAMP_SEC: expected at most TIME = ${TIME}, got ${CALLS_RAMP_SEC}`],
    [
      !isOpen && CALLS_RAMP_SEC > 0,
      "CALLS_RAMP_SEC: expected CALLS_PER_SEC beside it, got none; SPAWN_RATE sets the ramp of USERS callers",
    ],
    [
      !isOpen && USERS > SPAWN_RATE * TIME,
      `USERS: expected at most SPAWN_RATE x TIME = ${Math.floor(SPAWN_RATE * TIME)}, got ${USERS}`,
    ],
    [
      !RAMP_UP_COUNTS && rampUpSec(settings) >= TIME,
      `RAMP_UP_COUNTS=false: expected a ramp-up shorter than TIME = ${TIME}, got ${rampUpSec(settings)} s`,
    ],
    [
      RESULTS_DIR !== "" && REPORT === "k6",
      "RESULTS_DIR: expected REPORT=table beside it, as k6's own summary leaves no summary.json, got REPORT=k6",
    ],
    [
      ownHeaders.length > 0,
      `WS_HEADERS: expected no header that the client itself sets in an upgrade, got ${ownHeaders.join(", ")}`,
    ],
    [
      WARMUP_TURNS >= TURNS_PER_USER,
      `WARMUP_TURNS: expected less than TURNS_PER_USER = ${TURNS_PER_USER}, got ${WARMUP_TURNS}`,
    ],
  ];
  return rows.filter(([isWrong]) => isWrong).map(([, problem]) => problem);
}
