/**
 * Injected against counted: `make faults` lets every fault hit a fifth of the turns of twenty callers and compares
 * what the simulator did (its truth) with what the run counted (its log), fault by fault.
 */

import { SAME_EOS_MS } from "../proof/proof.ts";
import type { CallLine, TurnLine } from "../results/results.ts";
import { fail } from "../run/terminal.ts";
import { type Load, load, loadOnce, proofOf } from "./load.ts";
import setup from "./setup.ts";

/** What a fault must be counted as. */
interface Expected {
  readonly outcome: TurnLine["outcome"];
  /** The outcome on a call that has shown no final yet, where that is another one. */
  readonly unshown?: TurnLine["outcome"];
  /** A fault of the turn, as `kind:code`, where it must have one. */
  readonly fault?: string;
  /** The codes that its close may have. */
  readonly codes?: readonly number[];
  /** True where it keeps the generator so long that the turn may leave the metrics for that, and says so. */
  readonly mayBeLate?: boolean;
}

const closed = (codes: readonly number[], fault?: string): Expected =>
  fault === undefined ? { outcome: "closed", codes } : { outcome: "closed", codes, fault };

/** What each fault of a turn is counted as on g5. */
export const EXPECTED: Readonly<Record<string, Expected>> = {
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
  // A socket that is dropped while frames are on their way to it answers them with a reset.
  drop: closed([1006, 1001]),
  reset: closed([1006, 1001], "ws_error:reset"),
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

/** What is counted otherwise by an agent of g3, which tells no errors. */
export const EXPECTED_ON_G3: typeof EXPECTED = {
  llm_429: { outcome: "apology", fault: "apology:llm_error" },
  stt_throttle: { outcome: "unheard", unshown: "first_audio_timeout" },
  tts_throttle: { outcome: "text_only" },
};

/** What is counted otherwise on VoiceLive, whose service tells its errors itself; on the phone it says all twice. */
export const EXPECTED_ON_VOICELIVE: typeof EXPECTED = {
  llm_429: { outcome: "throttled", fault: "rate_limit:openai" },
  llm_error: { outcome: "agent_error", fault: "server_error:ContentFiltered" },
  null_code: { outcome: "agent_error", fault: "server_error:unknown" },
  twins_swapped: { outcome: "ok" },
};

/** What each fault of a whole call makes of its record; half-open and endless ones have turns, and tests of their own. */
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

/** What a run made of the faults that were injected into it. */
export interface Tally {
  /** Turns of the truth that were hit and have a partner in the log, by fault. */
  readonly injected: Readonly<Record<string, number>>;
  /** Those of them that were counted as they must be. */
  readonly counted: Readonly<Record<string, number>>;
  /** Turns that were not hit and are not ok, and hit turns that were counted otherwise; each with words for it. */
  readonly unexplained: readonly { readonly turn: TurnLine; readonly said: string }[];
}

/** Compares the truth of a run with its log. */
export function tally({ log, truth }: Load, expected = EXPECTED): Tally {
  const injected: Record<string, number> = {};
  const counted: Record<string, number> = {};
  const unexplained: { turn: TurnLine; said: string }[] = [];
  for (const turn of log.turns) {
    const fault = (partnerIn(truth, turn)?.fault ?? null) as string | null;
    if (turn.outcome === "generator_late" && !expected[fault ?? ""]?.mayBeLate) continue;
    const said = `${turn.call}/${turn.turn} ${fault}: ${turn.outcome} ${turn.faults.join(" ")}`;
    if (fault === null) {
      if (turn.outcome !== "ok" && turn.eosAtMs !== null) unexplained.push({ turn, said });
      continue;
    }
    addOne(injected, fault);
    if (isAs(expected[fault], turn, log)) addOne(counted, fault);
    else unexplained.push({ turn, said });
  }
  return { injected, counted, unexplained };
}

function addOne(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** What the truth tells of a turn. */
export function partnerIn(truth: Load["truth"], { call, eosAtMs }: TurnLine): Load["truth"][number] | undefined {
  return truth.find((of) => of.call === call && Math.abs(Number(of.eosAtMs) - (eosAtMs ?? 0)) <= SAME_EOS_MS);
}

function isAs(expected: Expected | undefined, turn: TurnLine, { calls, turns }: Load["log"]): boolean {
  if (expected === undefined) return false;
  if (turn.outcome === "generator_late") return expected.mayBeLate === true;
  const before = turns.filter((other) => other.call === turn.call && other.turn < turn.turn);
  const shown = before.some(({ sttMs }) => sttMs !== null);
  if (turn.outcome !== (shown ? expected.outcome : (expected.unshown ?? expected.outcome))) return false;
  const call = calls.find((line) => line.call === turn.call);
  const faults = [...turn.faults, ...(call?.faults ?? [])];
  if (expected.fault !== undefined && !faults.includes(expected.fault)) return false;
  return expected.codes === undefined || expected.codes.includes(call?.code ?? 0);
}

/** An agent that is quick, so that many turns are hit in little time. */
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
    // 15 MB for every fifth turn of twenty callers would leave no turn in the metrics: one such message takes 0.2 s.
    const { users, make } = EXPECTED[name]?.mayBeLate ? { users: "2", make: loadOnce } : { users: "20", make: load };
    const run = await make(flags, { USERS: users, SPAWN_RATE: "20", TIME: "16s", BARGE_EVERY: "0" });
    const { injected, counted, unexplained } = tally(run);
    const { missing, untold } = await proofOf(run);
    const equal = injected[name] === counted[name] && unexplained.length + missing.length + untold.length === 0;
    row([name, String(injected[name] ?? 0), String(counted[name] ?? 0), run.summary.verdict, String(run.exitCode)]);
    for (const { said } of unexplained.slice(0, 3)) console.log(`  ${said}`);
    for (const turn of [...missing, ...untold].slice(0, 3)) console.log(`  ${turn}: on one side only`);
    good &&= equal && (injected[name] ?? 0) > 0;
  }
  return good;
}

if (import.meta.filename === process.argv[1]) {
  const asked = process.argv.slice(2);
  await faults(asked.length > 0 ? asked : Object.keys(EXPECTED))
    .then((good) => {
      if (!good) process.exitCode = 1;
    })
    .catch(fail);
}
