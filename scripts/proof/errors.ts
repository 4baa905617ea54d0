/** The errors of what a caller measured in a turn, against what the simulator recorded of the same turn. */

import type { TurnLine } from "../results/log_lines.ts";

/** The instants of a turn of the log that a proof needs. */
type ProvedInstants = Pick<TurnLine, "speechStartAtMs" | "eosAtMs" | "firstAudioAtMs" | "bargeAtMs" | "stopAtMs">;

/** What a proof needs of a turn of the log. */
export type ProvedTurn = ProvedInstants &
  Pick<TurnLine, "call" | "turn" | "turnMs" | "ttfbBytesMs" | "leadSilenceMs" | "outcome">;

/** A turn of the truth file; instants are epoch ms. */
export interface TruthTurn {
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
  /** The first audio of the reply, audible or not; older files lack it. */
  readonly firstByteAtMs?: number | null;
  /** Silence of the reply before its first audible sample; null where silence is sent all the time; older files lack it. */
  readonly leadSilenceMs?: number | null;
  /** `leadMs` is the silence in front of the words; older files lack it. */
  readonly programmed: {
    readonly sttMs: number;
    readonly llmMs: number;
    readonly ttsMs: number;
    readonly leadMs?: number;
  };
  /** How long the turn waited for servers of the agent; null: the job was given up. Older files lack it. */
  readonly queued?: { readonly sttMs: number | null; readonly llmMs: number | null };
  /** The simulator's worst lateness around these instants; older files lack it. */
  readonly lateMs?: number;
}

/** A turn of the log and its partner in the truth. */
export interface Pair {
  readonly log: ProvedTurn;
  readonly truth: TruthTurn;
}

/** Absolute errors in ms, ascending, by metric; `simulator` is the simulator's own |happened - programmed|, waits included. */
export type Errors = Readonly<
  Record<"ttfb" | "ttfbBytes" | "leadSilence" | "barge" | "turn" | "simulator", readonly number[]>
>;

/** Ends of speech that are further apart than this, in ms, belong to different turns. */
export const SAME_EOS_MS = 250;

/** The errors of all pairs. Older logs lack `ttfbBytesMs` and `leadSilenceMs`. */
export function errorsOf(pairs: readonly Pair[]): Errors {
  const sorted = (errors: (number | null)[]) =>
    errors.flatMap((error) => (error === null ? [] : [Math.abs(error)])).sort((a, b) => a - b);
  return {
    ttfb: sorted(pairs.map(({ log, truth }) => minus(ttfbMs(log), ttfbMs(truth)))),
    ttfbBytes: sorted(pairs.map(({ log, truth }) => minus(log.ttfbBytesMs ?? null, ttfbBytesMs(truth)))),
    leadSilence: sorted(pairs.map(({ log, truth }) => minus(log.leadSilenceMs ?? null, truth.leadSilenceMs ?? null))),
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

/** End of speech to first audio. */
export function ttfbMs(turn: ProvedTurn | TruthTurn): number | null {
  return minus(turn.firstAudioAtMs, turn.eosAtMs);
}

/** Null where silence is sent all the time: a caller cannot tell its bytes from the first ones of the reply. */
function ttfbBytesMs({ eosAtMs, firstAudioAtMs, firstByteAtMs = null, leadSilenceMs }: TruthTurn): number | null {
  const isAlwaysSilent = leadSilenceMs === null && firstAudioAtMs !== null;
  return isAlwaysSilent ? null : minus(firstByteAtMs, eosAtMs);
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

/** The planned delays, and what waiting for servers of the agent added. */
function programmedMs({ programmed, queued }: TruthTurn): number {
  const waitMs = (queued?.sttMs ?? 0) + (queued?.llmMs ?? 0);
  return programmed.sttMs + programmed.llmMs + programmed.ttsMs + (programmed.leadMs ?? 0) + waitMs;
}

/** The time between two instants; null when one of them is missing. */
export function minus(to: number | null, from: number | null): number | null {
  return to === null || from === null ? null : to - from;
}
