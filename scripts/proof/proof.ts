/**
 * The proof: joins what callers measured (`log.jsonl`) with what the simulator knows (`truth.jsonl`), turn by turn. Partners
 * have the same call and ends of speech within 250 ms of each other.
 */

import { join } from "node:path";

import { type Log, readJsonLines, readLog, type TurnLine } from "../results/results.ts";

/** A turn as the simulator's truth file tells it; instants are epoch ms. */
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
  /** How late the simulator itself was around these instants, at worst; not there in older files. */
  readonly lateMs?: number;
}

/** What the truth file says of a call: what was odd about the caller's messages, by kind. */
interface TruthCall {
  readonly anomalies: Readonly<Record<string, number>>;
}

/** A client turn and its partner. */
interface Pair {
  readonly log: TurnLine;
  readonly truth: TruthTurn;
}

/** Absolute errors in ms, ascending, by metric; `simulator` is the simulator's own |happened - programmed|. */
export type Errors = Readonly<Record<"ttfb" | "barge" | "turn" | "simulator", readonly number[]>>;

/** What the two files say of each other. */
export interface Proof {
  readonly joined: number;
  /** Turns of the truth that end inside an utterance: the agent heard one utterance as two. */
  readonly split: number;
  /** Client turns without a partner, by `call/turn`. */
  readonly missing: readonly string[];
  /** Turns of the truth that no client turn tells of, though later ones are told of. */
  readonly untold: readonly string[];
  /** Turns that were in progress when their call or the run was cut. */
  readonly cut: number;
  /** Messages of the callers that the agent found odd, by kind. */
  readonly anomalies: Readonly<Record<string, number>>;
  /** Joined turns around which the simulator itself was late: what it wrote down is not the truth of them. */
  readonly simulatorLate: number;
  /** Of the turns that count. */
  readonly errorsMs: Errors;
  /** The same of the turns that left the metrics because their caller was late: what they would have been wrong by. */
  readonly lateErrorsMs: Errors;
  /** Each error of ttfb with the end of speech that it belongs to, in epoch ms; for looking at a run over time. */
  readonly ttfbErrors: readonly { readonly atMs: number; readonly errorMs: number }[];
}

/** A simulator that was later than this heard or spoke at another instant than it wrote down, in ms. */
export const SIMULATOR_LATE_MS = 10;

/** Ends of speech further apart than this, in ms, are not one. */
export const SAME_EOS_MS = 250;

/** Joins log and truth. */
export function prove(log: Log, truths: readonly TruthTurn[], calls: readonly TruthCall[] = []): Proof {
  const spoken = log.turns.filter((turn) => turn.eosAtMs !== null);
  const left = new Set(truths);
  const ofCall = grouped(truths);
  const pairs: Pair[] = [];
  const alone: TurnLine[] = [];
  for (const turn of spoken) {
    const truth = (ofCall.get(turn.call) ?? [])
      .filter((other) => left.has(other) && isPartner(turn, other))
      .sort((a, b) => apart(turn, a) - apart(turn, b))[0];
    if (truth === undefined) alone.push(turn);
    else pairs.push({ log: turn, truth });
    if (truth !== undefined) left.delete(truth);
  }
  const spokenOf = grouped(spoken);
  const said = (truth: TruthTurn) => spokenOf.get(truth.call) ?? [];
  const split = [...left].filter((truth) => said(truth).some((turn) => isInside(truth, turn)));
  const others = [...left].filter((truth) => !split.includes(truth));
  const untold = others.filter((truth) => said(truth).some((turn) => (turn.eosAtMs ?? 0) > truth.eosAtMs));
  const missing = alone.filter((turn) => !wasCut(turn, log));
  const isLate = ({ log: { outcome } }: Pair) => outcome === "generator_late";
  const judged = pairs.filter((pair) => !isLate(pair) && !isSimulatorLate(pair));
  return {
    joined: pairs.length,
    split: split.length,
    missing: missing.map((turn) => `${turn.call}/${turn.turn}`),
    untold: untold.map((truth) => `${truth.call}/${truth.turn}`),
    cut: others.length - untold.length + alone.length - missing.length,
    anomalies: sum(calls.map(({ anomalies }) => anomalies)),
    simulatorLate: pairs.filter(isSimulatorLate).length,
    errorsMs: errorsOf(judged),
    lateErrorsMs: errorsOf(pairs.filter(isLate)),
    ttfbErrors: judged.flatMap(({ log: turn, truth }) => {
      const error = minus(heardMs(turn), heardMs(truth));
      return error === null ? [] : [{ atMs: truth.eosAtMs, errorMs: Math.abs(error) }];
    }),
  };
}

/** True when every turn has its partner and there was at least one. */
export function isProven(proof: Proof): boolean {
  return proof.joined > 0 && proof.missing.length === 0 && proof.untold.length === 0;
}

/** Reads both files of a run and joins them. Throws when there is no truth to compare with. */
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

/** Turns by their call: a long run has too many to look at all of them for each. */
function grouped<T extends { readonly call: string }>(turns: readonly T[]): ReadonlyMap<string, readonly T[]> {
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
  return turn.call === truth.call && apart(turn, truth) <= SAME_EOS_MS;
}

function apart(turn: TurnLine, truth: TruthTurn): number {
  return Math.abs((turn.eosAtMs ?? Number.POSITIVE_INFINITY) - truth.eosAtMs);
}

function isInside(truth: TruthTurn, turn: TurnLine): boolean {
  const { call, speechStartAtMs, eosAtMs } = turn;
  return call === truth.call && truth.eosAtMs >= (speechStartAtMs ?? 0) && truth.eosAtMs < (eosAtMs ?? 0);
}

/** A call that did not come to its own end may have been cut before the agent could answer. */
function wasCut(turn: TurnLine, log: Log): boolean {
  const call = log.calls.find((line) => line.call === turn.call);
  const isLast = log.turns.every((other) => other.call !== turn.call || other.turn <= turn.turn);
  return isLast && (call === undefined || call.closedBy === "agent");
}

function errorsOf(pairs: readonly Pair[]): Errors {
  const sorted = (errors: (number | null)[]) =>
    errors.flatMap((error) => (error === null ? [] : [Math.abs(error)])).sort((a, b) => a - b);
  return {
    ttfb: sorted(pairs.map(({ log, truth }) => minus(heardMs(log), heardMs(truth)))),
    barge: sorted(pairs.map(({ log, truth }) => minus(minus(log.stopAtMs, log.bargeAtMs), stopMs(truth)))),
    turn: sorted(pairs.map((pair) => (hasTurn(pair) ? minus(pair.log.turnMs, turnMs(pair.truth)) : null))),
    simulator: sorted(pairs.map(({ truth }) => minus(heardMs(truth), programmedMs(truth)))),
  };
}

/** A turn that failed has no end, and an utterance that the agent heard as two has two beginnings. */
function hasTurn({ log, truth }: Pair): boolean {
  return log.outcome === "ok" && Math.abs(truth.speechStartAtMs - (log.speechStartAtMs ?? 0)) <= SAME_EOS_MS;
}

function heardMs(turn: TurnLine | TruthTurn): number | null {
  return minus(turn.firstAudioAtMs, turn.eosAtMs);
}

function stopMs(truth: TruthTurn): number | null {
  return minus(stoppedAtMs(truth), truth.bargeAtMs);
}

/** The stop; where none was sent, the word that the reply was cancelled; where that was not either, its last audio. */
function stoppedAtMs({ bargeAtMs, cancelledAtMs, lastAudioAtMs, stopAtMs }: TruthTurn): number | null {
  const fellSilentAtMs = bargeAtMs !== null && (lastAudioAtMs ?? 0) > bargeAtMs ? lastAudioAtMs : null;
  return stopAtMs ?? cancelledAtMs ?? fellSilentAtMs;
}

/** A turn ends when its reply is complete, or when it was stopped before it was. */
function turnMs(truth: TruthTurn): number | null {
  const { bargeAtMs, lastAudioAtMs, replyEndAtMs, speechStartAtMs } = truth;
  const complete = replyEndAtMs !== null && (bargeAtMs === null || replyEndAtMs <= bargeAtMs);
  return minus(complete ? Math.max(replyEndAtMs, lastAudioAtMs ?? 0) : stoppedAtMs(truth), speechStartAtMs);
}

function sum(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
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
