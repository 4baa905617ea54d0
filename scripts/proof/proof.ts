/**
 * Compares what the callers of a run measured (`log.jsonl`) with what the simulator recorded (`truth.jsonl`), turn by
 * turn. A turn of the log and a turn of the truth are partners when they have the same call and ends of speech within
 * 250 ms.
 */

import { join } from "node:path";

import { type Log, readJsonLines, readLog, type TurnLine } from "../results/run_folder.ts";

/** A turn of the truth file; instants are epoch ms. */
interface TruthTurn {
  readonly call: string;
  readonly turn: number;
  readonly speechStartAtMs: number;
  readonly eosAtMs: number;
  readonly firstAudioAtMs: number | null;
  readonly replyEndAtMs: number | null;
  readonly bargeAtMs: number | null;
  readonly stopAtMs: number | null;
  readonly cancelledAtMs: number | null;
  readonly lastAudioAtMs: number | null;
  readonly programmed: { readonly sttMs: number; readonly llmMs: number; readonly ttsMs: number };
  /** The simulator's worst lateness around these instants; older files lack it. */
  readonly lateMs?: number;
}

/** A call of the truth file: the numbers of the caller's unexpected messages, by kind. */
interface TruthCall {
  readonly anomalies: Readonly<Record<string, number>>;
}

/** A turn of the log and its partner in the truth. */
interface Pair {
  readonly log: TurnLine;
  readonly truth: TruthTurn;
}

/** Absolute errors in ms, ascending, by metric; `simulator` is the simulator's own |happened - programmed|. */
export type Errors = Readonly<Record<"ttfb" | "barge" | "turn" | "simulator", readonly number[]>>;

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

/** Ends of speech that are further apart than this, in ms, belong to different turns. */
export const SAME_EOS_MS = 250;

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

function errorsOf(pairs: readonly Pair[]): Errors {
  const sorted = (errors: (number | null)[]) =>
    errors.flatMap((error) => (error === null ? [] : [Math.abs(error)])).sort((a, b) => a - b);
  return {
    ttfb: sorted(pairs.map(({ log, truth }) => minus(ttfbMs(log), ttfbMs(truth)))),
    barge: sorted(pairs.map(({ log, truth }) => minus(minus(log.stopAtMs, log.bargeAtMs), bargeMs(truth)))),
    turn: sorted(pairs.map((pair) => (hasTurn(pair) ? minus(pair.log.turnMs, turnMs(pair.truth)) : null))),
    simulator: sorted(pairs.map(({ truth }) => minus(ttfbMs(truth), programmedMs(truth)))),
  };
}

/**
 * False for a turn that failed, which has no end, and for an utterance that the agent took for two, which has two
 * starts.
 */
function hasTurn({ log, truth }: Pair): boolean {
  return log.outcome === "ok" && Math.abs(truth.speechStartAtMs - (log.speechStartAtMs ?? 0)) <= SAME_EOS_MS;
}

function ttfbMs(turn: TurnLine | TruthTurn): number | null {
  return minus(turn.firstAudioAtMs, turn.eosAtMs);
}

function bargeMs(truth: TruthTurn): number | null {
  return minus(stoppedAtMs(truth), truth.bargeAtMs);
}

/**
 * The stop; where none was sent, the cancellation of the reply; where that is missing too, the last audio after the
 * barge-in.
 */
function stoppedAtMs({ bargeAtMs, cancelledAtMs, lastAudioAtMs, stopAtMs }: TruthTurn): number | null {
  const lastAudioAfterBargeAtMs = bargeAtMs !== null && (lastAudioAtMs ?? 0) > bargeAtMs ? lastAudioAtMs : null;
  return stopAtMs ?? cancelledAtMs ?? lastAudioAfterBargeAtMs;
}

/** A turn ends when its reply is complete, or when it was stopped before it was. */
function turnMs(truth: TruthTurn): number | null {
  const { bargeAtMs, lastAudioAtMs, replyEndAtMs, speechStartAtMs } = truth;
  const complete = replyEndAtMs !== null && (bargeAtMs === null || replyEndAtMs <= bargeAtMs);
  return minus(complete ? Math.max(replyEndAtMs, lastAudioAtMs ?? 0) : stoppedAtMs(truth), speechStartAtMs);
}

function addUp(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total: Record<string, number> = {};
  for (const [kind, count] of counts.flatMap((one) => Object.entries(one))) total[kind] = (total[kind] ?? 0) + count;
  return total;
}

function programmedMs({ programmed }: TruthTurn): number {
  return programmed.sttMs + programmed.llmMs + programmed.ttsMs;
}

function minus(to: number | null, from: number | null): number | null {
  return to === null || from === null ? null : to - from;
}
