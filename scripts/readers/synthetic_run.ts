/** A fixture for tests: writes the folder of a run of any size (`run.json`, `log.jsonl`) without making calls. */

import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { GoVariables } from "../../lib/report/go_variables.ts";
import { readSettings } from "../../lib/settings/read_settings.ts";
import { readTiers } from "../../lib/settings/thresholds.ts";
import type { CallLine, TurnLine } from "../results/log_lines.ts";
import { writeRunFile } from "../results/run_folder.ts";

/** What to write. */
export interface SyntheticRunOptions {
  readonly turns: number;
  /** Every n-th turn fails, throttled; 0: none. */
  readonly failsEvery?: number;
  /** False: the log has no end line, as after a killed run. */
  readonly ends?: boolean;
  readonly utterance?: string;
  /** The VU number of the first caller. */
  readonly firstVu?: number;
  /** The prefix of session ids; `k6va-` and `firstVu` by default. */
  readonly prefix?: string;
  readonly settings?: Readonly<Record<string, string>>;
  /** Go's variables of its k6; not known by default. */
  readonly go?: GoVariables;
  /** Changes a turn before it is written. */
  readonly change?: (turn: TurnLine, index: number) => TurnLine;
  /** False: no call has a line of its own, as when k6 is killed. */
  readonly callLines?: boolean;
}

const TURNS_PER_CALL = 10;
const STARTED_AT_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/**
 * Writes `run.json` and `log.jsonl` into a new folder below the system's folder for temporary files; returns its
 * path.
 */
export async function makeSyntheticRun(options: SyntheticRunOptions): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "synthetic-run-"));
  const { tiers } = readTiers(await readFile("thresholds.json", "utf8"));
  const { settings } = readSettings({ HOST: "agent.example.com", ...options.settings });
  const startedAt = new Date(STARTED_AT_MS);
  const go = options.go ?? null;
  const file = { scenario: "acs_media", k6: "2.2.0", settings, tiers, remarks: [], startedAt, go } as const;
  await writeRunFile(folder, file);
  const lines = Array.from({ length: options.turns }, (_, index) => turnLine(index, options));
  const firstTurns = lines.filter((_, index) => index % TURNS_PER_CALL === 0 && options.callLines !== false);
  const { change = (turn) => turn } = options;
  const records = numbered([...lines.map(change), ...firstTurns.map(callLine)]);
  const end = { type: "end", lines: records.length, interrupted: false, droppedIterations: 0, remarks: [] };
  const all = [...records, ...(options.ends === false ? [] : [end])];
  await writeFile(join(folder, "log.jsonl"), all.map((line) => `${JSON.stringify(line)}\n`).join(""));
  return folder;
}

/** Numbers the lines of each caller, as k6 does. */
function numbered(lines: readonly (TurnLine | CallLine)[]): (TurnLine | CallLine)[] {
  const last = new Map<number, number>();
  return lines.map((line) => {
    const number = (last.get(line.vu) ?? 0) + 1;
    last.set(line.vu, number);
    return { ...line, line: number };
  });
}

function turnLine(
  index: number,
  { failsEvery = 0, firstVu = 1, prefix, utterance = "turn_001.pcm" }: SyntheticRunOptions,
): TurnLine {
  const call = Math.floor(index / TURNS_PER_CALL);
  const failed = failsEvery > 0 && index % failsEvery === failsEvery - 1;
  // A low-discrepancy sequence in [0, 1): varied, and the same in each run.
  const spread = (index * 0.618034) % 1;
  const ttfbMs = 600 + 1200 * spread ** 3;
  const speechStartAtMs =
    STARTED_AT_MS + 1000 + Math.floor(call / 50) * 60_000 + (index % TURNS_PER_CALL) * 6000 + call;
  const eosAtMs = speechStartAtMs + 2000;
  const firstAudioAtMs = eosAtMs + ttfbMs;
  return {
    type: "turn",
    vu: firstVu + (call % 50),
    line: 0,
    call: `${prefix ?? `k6va-${firstVu}`}-${String(call).padStart(6, "0")}`,
    turn: (index % TURNS_PER_CALL) + 1,
    utterance,
    speechStartAtMs,
    eosAtMs,
    firstAudioAtMs,
    ttfbMs: failed ? null : ttfbMs,
    ttfbBytesMs: failed ? null : ttfbMs - 10,
    leadSilenceMs: failed ? null : 10,
    ttfbFailedMs: failed ? ttfbMs : null,
    sttMs: 400,
    textMs: null,
    bargeAtMs: firstAudioAtMs + 1000,
    stopAtMs: firstAudioAtMs + 1300,
    bargeMs: 300 + 100 * spread,
    barge: "stopped",
    overrunMs: 0,
    turnMs: 4000,
    stallMs: index % 7 === 0 ? 250 * spread : 0,
    lateAudioMs: 0,
    endInferred: false,
    outcome: failed ? "throttled" : "ok",
    faults: failed ? ["rate_limit:openai"] : [],
    lagMs: [2, 3, 2],
    rampUpLagMs: [],
    clockSteps: 0,
  };
}

function callLine({ call, speechStartAtMs, vu }: TurnLine): CallLine {
  const dialAtMs = (speechStartAtMs ?? 0) - 1000;
  return {
    type: "call",
    vu,
    line: 0,
    call,
    dialAtMs,
    connectedAtMs: dialAtMs + 20,
    greetingMs: 150,
    greetingTimedOut: false,
    closedAtMs: dialAtMs + TURNS_PER_CALL * 6000,
    code: 1000,
    closedBy: "caller",
    reached: true,
    retry: 0,
    framesDue: 3000,
    framesSent: 3000,
    worstLagMs: 3,
    outcome: "ok",
    faults: [],
    unread: null,
    lagMs: [2],
    rampUpLagMs: [],
    clockSteps: 0,
  };
}
