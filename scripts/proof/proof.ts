/**
 * Compares what the callers of a run measured (`log.jsonl`) with what the simulator recorded (`truth.jsonl`), turn by
 * turn. A turn of the log and a turn of the truth are partners when they have the same call and ends of speech within
 * 250 ms.
 */

import { join } from "node:path";

import { lineProblems } from "../results/line_counts.ts";
import type { CallLine, TurnLine } from "../results/log_lines.ts";
import { scanLog } from "../results/scan_log.ts";
import {
  type Errors,
  errorsOf,
  minus,
  type Pair,
  type ProvedTurn,
  SAME_EOS_MS,
  type TruthTurn,
  ttfbMs,
} from "./errors.ts";
import { readTruth, type TruthCall } from "./truth_file.ts";

/** A call of the log. */
type ProvedCall = Pick<CallLine, "call" | "closedBy">;

/** The part of a log that a proof needs. */
export interface ProvedLog {
  readonly turns: readonly ProvedTurn[];
  readonly calls: readonly ProvedCall[];
}

/** The result of the comparison. */
export interface Proof {
  /** The number of pairs. */
  readonly joined: number;
  /** Turns of the truth that end inside an utterance: the agent took one utterance for two. */
  readonly split: number;
  /** Turns of the log without a partner, as `call/turn`. */
  readonly missingFromTruth: readonly string[];
  /** Turns of the truth without a partner, although the log has a later turn of the same call; as `call/turn`. */
  readonly missingFromLog: readonly string[];
  /** Turns without a partner that were in progress when their call or the run was cut off. */
  readonly cut: number;
  /** Unexpected messages of the callers, by kind. */
  readonly anomalies: Readonly<Record<string, number>>;
  /** Joined turns around which the simulator itself was late, so that the truth of them is not exact. */
  readonly simulatorLate: number;
  /** Errors of the joined turns, without those of `simulatorLate` and `lateErrorsMs`. */
  readonly errorsMs: Errors;
  /** Errors of the turns that left the metrics because their caller was late. */
  readonly lateErrorsMs: Errors;
  /** Each error of ttfb with the end of speech of its turn, in epoch ms; shows how the error changes during a run. */
  readonly ttfbErrors: readonly { readonly atMs: number; readonly errorMs: number }[];
  /** What is missing from the two files or damaged, in words. */
  readonly gaps: readonly string[];
}

/** Above this lateness, in ms, the simulator received or sent at another instant than the truth says. */
export const SIMULATOR_LATE_MS = 10;

/** Compares a log with a truth. */
export function prove(log: ProvedLog, truths: readonly TruthTurn[], calls: readonly TruthCall[] = []): Proof {
  const spoken = log.turns.filter((turn) => turn.eosAtMs !== null);
  const unmatchedTruths = new Set(truths);
  const lastTurns = lastTurnsOf(log);
  const callLines = new Map(log.calls.map((call) => [call.call, call]));
  const truthsByCall = groupByCall(truths);
  const pairs: Pair[] = [];
  const unmatchedTurns: ProvedTurn[] = [];
  for (const turn of spoken) {
    const truth = (truthsByCall.get(turn.call) ?? [])
      .filter((other) => unmatchedTruths.has(other) && isPartner(turn, other))
      .sort((a, b) => eosDistanceMs(turn, a) - eosDistanceMs(turn, b))[0];
    if (truth === undefined) unmatchedTurns.push(turn);
    else pairs.push({ log: turn, truth });
    if (truth !== undefined) unmatchedTruths.delete(truth);
  }
  const spokenByCall = groupByCall(spoken);
  const turnsOfCall = (truth: TruthTurn) => spokenByCall.get(truth.call) ?? [];
  const isSplit = (truth: TruthTurn) => turnsOfCall(truth).some((turn) => isInside(truth, turn));
  const split = [...unmatchedTruths].filter(isSplit);
  const notSplit = [...unmatchedTruths].filter((truth) => !isSplit(truth));
  const missingFromLog = notSplit.filter((truth) =>
    turnsOfCall(truth).some((turn) => (turn.eosAtMs ?? 0) > truth.eosAtMs),
  );
  // The last turn of a call that the agent closed or that has no record may have been cut off before the reply.
  const wasCut = ({ call, turn }: ProvedTurn) =>
    turn === lastTurns.get(call) && (callLines.get(call)?.closedBy ?? "agent") === "agent";
  const missingFromTruth = unmatchedTurns.filter((turn) => !wasCut(turn));
  const isLate = ({ log: { outcome } }: Pair) => outcome === "generator_late";
  const judged = pairs.filter((pair) => !isLate(pair) && !isSimulatorLate(pair));
  return {
    joined: pairs.length,
    split: split.length,
    missingFromTruth: missingFromTruth.map(turnName),
    missingFromLog: missingFromLog.map(turnName),
    cut: notSplit.length - missingFromLog.length + unmatchedTurns.length - missingFromTruth.length,
    anomalies: addUp(calls.map(({ anomalies }) => anomalies)),
    simulatorLate: pairs.filter(isSimulatorLate).length,
    errorsMs: errorsOf(judged),
    lateErrorsMs: errorsOf(pairs.filter(isLate)),
    ttfbErrors: judged.flatMap(({ log: turn, truth }) => {
      const error = minus(ttfbMs(turn), ttfbMs(truth));
      return error === null ? [] : [{ atMs: truth.eosAtMs, errorMs: Math.abs(error) }];
    }),
    gaps: [],
  };
}

/** True when there is at least one pair, no turn is missing on either side, and both files are whole. */
export function isProven({ gaps, joined, missingFromLog, missingFromTruth }: Proof): boolean {
  return joined > 0 && missingFromTruth.length === 0 && missingFromLog.length === 0 && gaps.length === 0;
}

/**
 * Reads the log and the truth of a run's folder and compares them. Rejects when the truth has no turns but the log has.
 */
export async function verifyRun(folder: string): Promise<Proof> {
  const truth = await readTruth(join(folder, "truth.jsonl"));
  const turns: ProvedTurn[] = [];
  const calls: ProvedCall[] = [];
  const { lines } = await scanLog(folder, {
    turn: (line) => turns.push(provedTurn(line)),
    call: ({ call, closedBy }) => calls.push({ call, closedBy }),
  });
  if (truth.turns.length === 0 && turns.length > 0) {
    throw new Error(
      `${folder}: expected turns in truth.jsonl, got none; only runs against the simulator can be verified`,
    );
  }
  const torn = truth.damaged > 0 ? [`${truth.damaged} lines of truth.jsonl are damaged`] : [];
  return { ...prove({ turns, calls }, truth.turns, truth.calls), gaps: [...lineProblems(lines), ...torn] };
}

/** Keeps of a turn what a proof needs: a long log does not fit into memory whole. */
function provedTurn(line: TurnLine): ProvedTurn {
  const { call, leadSilenceMs, outcome, turn, ttfbBytesMs, turnMs } = line;
  const { bargeAtMs, eosAtMs, firstAudioAtMs, speechStartAtMs, stopAtMs } = line;
  const instants = { bargeAtMs, eosAtMs, firstAudioAtMs, speechStartAtMs, stopAtMs };
  return { call, turn, outcome, leadSilenceMs, ttfbBytesMs, turnMs, ...instants };
}

function turnName({ call, turn }: { readonly call: string; readonly turn: number }): string {
  return `${call}/${turn}`;
}

/** Groups turns by call, so that a turn is compared with those of its call only: a long run has many turns. */
function groupByCall<T extends { readonly call: string }>(turns: readonly T[]): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const turn of turns) {
    const group = groups.get(turn.call);
    if (group === undefined) groups.set(turn.call, [turn]);
    else group.push(turn);
  }
  return groups;
}

function isSimulatorLate({ truth }: Pair): boolean {
  return (truth.lateMs ?? 0) > SIMULATOR_LATE_MS;
}

function isPartner(turn: ProvedTurn, truth: TruthTurn): boolean {
  return turn.call === truth.call && eosDistanceMs(turn, truth) <= SAME_EOS_MS;
}

function eosDistanceMs(turn: ProvedTurn, truth: TruthTurn): number {
  return Math.abs((turn.eosAtMs ?? Number.POSITIVE_INFINITY) - truth.eosAtMs);
}

function isInside(truth: TruthTurn, turn: ProvedTurn): boolean {
  const { call, speechStartAtMs, eosAtMs } = turn;
  return call === truth.call && truth.eosAtMs >= (speechStartAtMs ?? 0) && truth.eosAtMs < (eosAtMs ?? 0);
}

/** The number of the last turn of each call. */
function lastTurnsOf({ turns }: ProvedLog): ReadonlyMap<string, number> {
  const last = new Map<string, number>();
  for (const { call, turn } of turns) last.set(call, Math.max(last.get(call) ?? 0, turn));
  return last;
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [kind, count] of counts.flatMap((one) => Object.entries(one))) total[kind] = (total[kind] ?? 0) + count;
  return total;
}
