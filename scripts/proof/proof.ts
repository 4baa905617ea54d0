/**
 * Compares what the callers of a run measured (`log.jsonl`) with what the simulator recorded (`truth.jsonl`), turn by
 * turn. A turn of the log and a turn of the truth are partners when they have the same call and ends of speech within
 * 250 ms.
 */

import { join } from "node:path";

import { type Log, readJsonLines, readLog, type TurnLine } from "../results/run_folder.ts";
import { type Errors, errorsOf, minus, type Pair, SAME_EOS_MS, type TruthTurn, ttfbMs } from "./errors.ts";

/** A call of the truth file: the numbers of the caller's unexpected messages, by kind. */
interface TruthCall {
  readonly anomalies: Readonly<Record<string, number>>;
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
}

/** Above this lateness, in ms, the simulator received or sent at another instant than the truth says. */
export const SIMULATOR_LATE_MS = 10;

/** Compares a log with a truth. */
export function prove(log: Log, truths: readonly TruthTurn[], calls: readonly TruthCall[] = []): Proof {
  const spoken = log.turns.filter((turn) => turn.eosAtMs !== null);
  const unmatchedTruths = new Set(truths);
  const truthsByCall = groupByCall(truths);
  const pairs: Pair[] = [];
  const unmatchedTurns: TurnLine[] = [];
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
  const split = [...unmatchedTruths].filter((truth) => turnsOfCall(truth).some((turn) => isInside(truth, turn)));
  const notSplit = [...unmatchedTruths].filter((truth) => !split.includes(truth));
  const missingFromLog = notSplit.filter((truth) =>
    turnsOfCall(truth).some((turn) => (turn.eosAtMs ?? 0) > truth.eosAtMs),
  );
  const missingFromTruth = unmatchedTurns.filter((turn) => !wasCut(turn, log));
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
  };
}

/** True when there is at least one pair and no turn is missing on either side. */
export function isProven({ joined, missingFromLog, missingFromTruth }: Proof): boolean {
  return joined > 0 && missingFromTruth.length === 0 && missingFromLog.length === 0;
}

/**
 * Reads the log and the truth of a run's folder and compares them. Rejects when the truth has no turns but the log has.
 */
export async function verifyRun(folder: string): Promise<Proof> {
  const lines = await readJsonLines(join(folder, "truth.jsonl"));
  const truth = lines.filter((line) => line?.type === "turn");
  const calls = lines.filter((line) => line?.type === "call");
  const log = await readLog(folder);
  if (truth.length === 0 && log.turns.length > 0) {
    throw new Error(
      `${folder}: expected turns in truth.jsonl, got none; only runs against the simulator can be verified`,
    );
  }
  return prove(log, truth as unknown as TruthTurn[], calls as unknown as TruthCall[]);
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

function isPartner(turn: TurnLine, truth: TruthTurn): boolean {
  return turn.call === truth.call && eosDistanceMs(turn, truth) <= SAME_EOS_MS;
}

function eosDistanceMs(turn: TurnLine, truth: TruthTurn): number {
  return Math.abs((turn.eosAtMs ?? Number.POSITIVE_INFINITY) - truth.eosAtMs);
}

function isInside(truth: TruthTurn, turn: TurnLine): boolean {
  const { call, speechStartAtMs, eosAtMs } = turn;
  return call === truth.call && truth.eosAtMs >= (speechStartAtMs ?? 0) && truth.eosAtMs < (eosAtMs ?? 0);
}

/**
 * True for the last turn of a call that the agent closed or that has no record: it may have been cut off before the
 * reply.
 */
function wasCut(turn: TurnLine, log: Log): boolean {
  const call = log.calls.find((line) => line.call === turn.call);
  const isLast = log.turns.every((other) => other.call !== turn.call || other.turn <= turn.turn);
  return isLast && (call === undefined || call.closedBy === "agent");
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [kind, count] of counts.flatMap((one) => Object.entries(one))) total[kind] = (total[kind] ?? 0) + count;
  return total;
}
