/**
 * `make faults`: injects each fault into a fifth of the turns of twenty callers, and compares how often the simulator
 * injected it (truth) with how often the run counted it correctly (log). The tables of expected outcomes are also for
 * the tests.
 */

import { SAME_EOS_MS } from "../proof/errors.ts";
import type { CallLine, TurnLine } from "../results/log_lines.ts";
import { fail } from "../run/terminal.ts";
import { type Load, load, loadOnce, verifyLoad } from "./load.ts";
import setup from "./setup.ts";

/** How a turn with a fault must be counted. */
interface ExpectedTurn {
  readonly outcome: TurnLine["outcome"];
  /** The outcome before the first user final of the call, where it differs. */
  readonly beforeFirstFinal?: TurnLine["outcome"];
  /** The fault, as `kind:code`, that the turn or its call must have. */
  readonly fault?: string;
  /** The close codes that the call may have. */
  readonly codes?: readonly number[];
  /**
   * True: the fault takes so much time of the generator that the turn may have the outcome `generator_late` instead.
   */
  readonly mayBeLate?: boolean;
}

const closed = (codes: readonly number[], fault?: string): ExpectedTurn =>
  fault === undefined ? { outcome: "closed", codes } : { outcome: "closed", codes, fault };

/** How each fault of a turn is counted with profile g5. */
export const EXPECTED: Readonly<Record<string, ExpectedTurn>> = {
  llm_429: { outcome: "throttled", fault: "rate_limit:openai" },
  llm_error: { outcome: "apology", fault: "server_error:ContentFiltered" },
  stt_throttle: { outcome: "throttled", fault: "rate_limit:speech" },
  tts_throttle: { outcome: "throttled", fault: "rate_limit:speech" },
  router_crash: { outcome: "agent_error", fault: "server_error:status_error" },
  null_code: { outcome: "agent_error", fault: "server_error:unknown" },
  session_error: closed([1000], "server_error:session_end_ERROR"),
  idle_timeout: closed([1000], "notice:session_end_IDLE_TIMEOUT"),
  close_1000: closed([1000]),
  close_1001: closed([1001]),
  close_1011: closed([1011]),
  close_1013: closed([1013]),
  close_4500: closed([4500], "server_error:DeploymentNotFound"),
  close_4501: closed([4501], "rate_limit:openai"),
  // A socket that is dropped answers frames that arrive afterwards with a reset.
  drop: closed([1006]),
  reset: closed([1006], "ws_error:reset"),
  close_empty: closed([1005]),
  close_forbidden: closed([1006], "ws_error:protocol"),
  silence: { outcome: "first_audio_timeout" },
  stop_without_reply: { outcome: "first_audio_timeout" },
  no_end: { outcome: "ok" },
  bad_json: { outcome: "ok", fault: "notice:bad_json" },
  unknown_message: { outcome: "ok", fault: "notice:unknown_message" },
  invalid_utf8: { outcome: "ok" },
  deep_json: { outcome: "ok" },
  binary: { outcome: "ok" },
  tiny: { outcome: "ok", fault: "notice:unknown_message" },
  huge: { outcome: "ok", mayBeLate: true },
  fragmented: { outcome: "ok" },
  flood: { outcome: "ok" },
  skewed_clock: { outcome: "ok" },
  slow_writer: { outcome: "ok" },
  duplicated: { outcome: "ok" },
};

/** The faults that are counted differently with profile g3, whose agent sends no error messages. */
export const EXPECTED_ON_G3: typeof EXPECTED = {
  llm_429: { outcome: "apology", fault: "apology:llm_error" },
  stt_throttle: { outcome: "unheard", beforeFirstFinal: "first_audio_timeout" },
  tts_throttle: { outcome: "text_only" },
};

/**
 * The faults that are counted differently with VoiceLive: the service sends its own errors, and each message twice on
 * the phone.
 */
export const EXPECTED_ON_VOICELIVE: typeof EXPECTED = {
  llm_429: { outcome: "throttled", fault: "rate_limit:openai" },
  llm_error: { outcome: "agent_error", fault: "server_error:ContentFiltered" },
  null_code: { outcome: "agent_error", fault: "server_error:unknown" },
  twins_swapped: { outcome: "ok" },
};

/** The faults of turns on Twilio's wire, on which an agent says only what it speaks: its apology is a reply. */
export const EXPECTED_ON_TWILIO: typeof EXPECTED = {
  llm_429: { outcome: "ok" },
  stt_throttle: { outcome: "first_audio_timeout" },
  silence: { outcome: "first_audio_timeout" },
  close_1011: closed([1011]),
  drop: closed([1006]),
};

/** The faults of turns on the wire of a Realtime API, whose responses fail. */
export const EXPECTED_ON_REALTIME: typeof EXPECTED = {
  llm_429: { outcome: "throttled", fault: "rate_limit:openai" },
  llm_error: { outcome: "agent_error", fault: "server_error:incomplete_content_filter" },
  null_code: { outcome: "agent_error", fault: "server_error:server_error" },
  silence: { outcome: "first_audio_timeout" },
  close_1011: closed([1011]),
  drop: closed([1006]),
};

/**
 * The record of a call with each fault of a whole call. `half_open` and `endless_greeting` have turns, and separate
 * tests.
 */
export const EXPECTED_OF_CALLS: Readonly<Record<string, Pick<CallLine, "outcome" | "code"> & { fault?: string }>> = {
  refuse_403: { outcome: "gave_up", code: null, fault: "ws_error:http_403" },
  refuse_404: { outcome: "gave_up", code: null, fault: "ws_error:http_404" },
  refuse_429: { outcome: "rejected", code: null, fault: "rate_limit:unknown" },
  refuse_500: { outcome: "rejected", code: null, fault: "ws_error:http_500" },
  refuse_502: { outcome: "rejected", code: null, fault: "ws_error:http_502" },
  refuse_503: { outcome: "rejected", code: null, fault: "ws_error:http_503" },
  slow_start: { outcome: "rejected", code: null, fault: "ws_error:connect_timeout" },
  close_at_once: { outcome: "closed_early", code: 1000 },
  capacity_1013: { outcome: "closed_early", code: 1013 },
  pings_unanswered: { outcome: "ok", code: 1000 },
  slow_reader: { outcome: "ok", code: 1000 },
};

/** The faults of a run: how often each was injected, and how often counted correctly. */
export interface FaultCounts {
  /** Turns of the log whose turn in the truth has a fault, by fault. */
  readonly injected: Readonly<Record<string, number>>;
  /** Those of them that were counted as expected, by fault. */
  readonly counted: Readonly<Record<string, number>>;
  /** Turns without a fault that are not ok, and turns with a fault that were not counted as expected. */
  readonly unexplained: readonly { readonly turn: TurnLine; readonly description: string }[];
}

/** Compares the faults in the truth of a run with the outcomes in its log. */
export function countFaults({ log, truth }: Load, expected = EXPECTED): FaultCounts {
  const injected: Record<string, number> = {};
  const counted: Record<string, number> = {};
  const unexplained: { turn: TurnLine; description: string }[] = [];
  for (const turn of log.turns) {
    const fault = (truthOf(truth, turn)?.fault ?? null) as string | null;
    if (turn.outcome === "generator_late" && !expected[fault ?? ""]?.mayBeLate) continue;
    const description = `${turn.call}/${turn.turn} ${fault}: ${turn.outcome} ${turn.faults.join(" ")}`;
    if (fault === null) {
      if (turn.outcome !== "ok" && turn.eosAtMs !== null) unexplained.push({ turn, description });
      continue;
    }
    addOne(injected, fault);
    if (isAsExpected(expected[fault], turn, log)) addOne(counted, fault);
    else unexplained.push({ turn, description });
  }
  return { injected, counted, unexplained };
}

function addOne(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** The turn of the truth that belongs to a turn of the log: the same call and end of speech. */
export function truthOf(truth: Load["truth"], { call, eosAtMs }: TurnLine): Load["truth"][number] | undefined {
  return truth.find((other) => other.call === call && Math.abs(Number(other.eosAtMs) - (eosAtMs ?? 0)) <= SAME_EOS_MS);
}

function isAsExpected(expected: ExpectedTurn | undefined, turn: TurnLine, { calls, turns }: Load["log"]): boolean {
  if (expected === undefined) return false;
  if (turn.outcome === "generator_late") return expected.mayBeLate === true;
  const before = turns.filter((other) => other.call === turn.call && other.turn < turn.turn);
  const hadFinal = before.some(({ sttMs }) => sttMs !== null);
  if (turn.outcome !== (hadFinal ? expected.outcome : (expected.beforeFirstFinal ?? expected.outcome))) return false;
  const call = calls.find((line) => line.call === turn.call);
  const faults = [...turn.faults, ...(call?.faults ?? [])];
  if (expected.fault !== undefined && !faults.includes(expected.fault)) return false;
  return expected.codes === undefined || expected.codes.includes(call?.code ?? 0);
}

/** Flags of a fast agent, so that a short run has many turns with faults. */
export const AGENT = "--silence-ms 300 --stt-ms 320 --llm-ms 100 --tts-ms 80 --reply-ms 800 --greeting-ms 300".split(
  " ",
);

async function faults(names: readonly string[]): Promise<boolean> {
  await setup();
  const row = (cells: readonly string[]) =>
    console.log(cells.map((cell, at) => (at === 0 ? cell.padEnd(22) : cell.padStart(10))).join(""));
  row(["fault", "injected", "counted", "verdict", "gate exit"]);
  let good = true;
  for (const name of names) {
    const flags = [...AGENT, "--faults", `${name}:0.2`];
    // k6 reads a message of 15 MB (fault `huge`) for 0.2 s: with twenty callers every turn would be late.
    const { users, runLoad } = EXPECTED[name]?.mayBeLate
      ? { users: "2", runLoad: loadOnce }
      : { users: "20", runLoad: load };
    const run = await runLoad(flags, { USERS: users, SPAWN_RATE: "20", TIME: "16s", BARGE_EVERY: "0" });
    const { injected, counted, unexplained } = countFaults(run);
    const { missingFromTruth, missingFromLog } = await verifyLoad(run);
    const equal =
      injected[name] === counted[name] && unexplained.length + missingFromTruth.length + missingFromLog.length === 0;
    row([name, String(injected[name] ?? 0), String(counted[name] ?? 0), run.summary.verdict, String(run.exitCode)]);
    for (const { description } of unexplained.slice(0, 3)) console.log(`  ${description}`);
    for (const turn of [...missingFromTruth, ...missingFromLog].slice(0, 3)) console.log(`  ${turn}: on one side only`);
    good &&= equal && (injected[name] ?? 0) > 0;
  }
  return good;
}

if (import.meta.filename === process.argv[1]) {
  const names = process.argv.slice(2);
  await faults(names.length > 0 ? names : Object.keys(EXPECTED))
    .then((good) => {
      if (!good) process.exitCode = 1;
    })
    .catch(fail);
}
