/**
 * Turns the state of a turn into its record: the outcome and the numbers. It is the only place that does. A lazy module: a
 * caller loads it when a turn is written, and keeps nothing of it in between.
 */

import type { TurnOutcome, TurnRecord } from "../metrics/records.ts";
import type { FrameClock } from "./frame_clock.ts";
import type { Rules } from "./rules.ts";
import type { Turn } from "./turn.ts";

/** The times that are recorded for waits that ended without an answer. */
type Timeouts = Pick<Rules, "firstByteTimeoutMs" | "turnTimeoutMs">;

/** The part of the record that is about the reply's first audio. */
type ReplyTimes = Pick<TurnRecord, "firstAudioAtMs" | "ttfbMs" | "ttfbBytesMs" | "leadSilenceMs" | "ttfbFailedMs">;

/** Loads the module. */
export function loadTurnRecord() {
  return { turnRecord };
}

/** Makes the record of a turn; the frame clock adds whether the caller was late, and its health. */
function turnRecord(turn: Turn, timeouts: Timeouts, frameClock: FrameClock): TurnRecord {
  const { eosAtMs, reply } = turn;
  const barge = turn.barge?.result ?? null;
  return {
    turn: turn.number,
    utterance: turn.utterance,
    speechStartAtMs: turn.speechStartAtMs,
    eosAtMs,
    ...replyTimes(turn, timeouts),
    sttMs: since(eosAtMs, reply.finalAtMs),
    textMs: since(eosAtMs, reply.textAtMs),
    bargeAtMs: turn.barge?.atMs ?? null,
    stopAtMs: barge?.stopAtMs ?? null,
    bargeMs: barge?.ms ?? null,
    barge: turn.bargeSkipped ? "skipped" : (barge?.outcome ?? null),
    overrunMs: barge?.outcome === "stopped" ? (turn.barge?.overrunMs ?? null) : null,
    turnMs: isSpoiled(turn) ? null : since(turn.speechStartAtMs, endOf(turn, timeouts)),
    stallMs: reply.begun ? reply.stallMs : null,
    lateAudioMs: reply.lateAudioMs + turn.lateAfterEndMs,
    endInferred: turn.endInferred,
    outcome: generatorWasLate(turn, frameClock) ? "generator_late" : outcomeOf(turn),
    faults: Object.keys(turn.faults),
    ...frameClock.takeHealth(),
  };
}

/** The times of the reply's first audio. Those of a reply that came with a fault are kept apart. */
function replyTimes(turn: Turn, timeouts: Timeouts): ReplyTimes {
  const { eosAtMs, reply } = turn;
  const { first } = reply;
  const firstAudioAtMs = first?.audibleAtMs ?? null;
  const ttfbMs = ttfbOf(turn, timeouts);
  if (isSpoiled(turn))
    return { firstAudioAtMs, ttfbMs: null, ttfbBytesMs: null, leadSilenceMs: null, ttfbFailedMs: ttfbMs };
  const ttfbBytesMs = since(eosAtMs, first?.bytesAtMs ?? null);
  return { firstAudioAtMs, ttfbMs, ttfbBytesMs, leadSilenceMs: first?.silenceMs ?? null, ttfbFailedMs: null };
}

/** True when the reply came with a fault of the agent. */
function isSpoiled({ faultOutcome, reply }: Turn): boolean {
  return reply.begun && faultOutcome !== null;
}

function generatorWasLate(turn: Turn, frameClock: FrameClock): boolean {
  return (
    waitsOf(turn).some(([fromMs, toMs]) => frameClock.wasLateBetween(fromMs, toMs)) ||
    observationsOf(turn).some(([readFromMs, seenAtMs]) => frameClock.mayHaveWaited(readFromMs, seenAtMs))
  );
}

/**
 * The waits of a turn, from when to when. A caller that was late in one of them may have caused the wait itself: an agent that
 * receives no silence does not answer, and one that receives no speech does not stop.
 */
function waitsOf({ barge, completeAtMs, eosAtMs, overAtMs, reply }: Turn): [fromMs: number, toMs: number][] {
  const waits: [number, number][] = [];
  if (eosAtMs !== null) waits.push([eosAtMs, reply.first?.atMs ?? overAtMs ?? eosAtMs]);
  if (barge !== null) waits.push([barge.atMs, barge.result?.stopAtMs ?? barge.atMs + (barge.result?.ms ?? 0)]);
  if (completeAtMs !== null) waits.push([completeAtMs, completeAtMs]);
  return waits;
}

/** When the first audio, the stop and the last message of the reply were seen, and when the burst of each began to be read. */
function observationsOf({ barge, completeAtMs, reply }: Turn): [readFromMs: number, seenAtMs: number][] {
  const firsts = [reply.first?.atMs ?? null, barge?.result?.stopAtMs ?? null].filter((atMs) => atMs !== null);
  const observations = firsts.map((atMs): [number, number] => [atMs, atMs]);
  if (completeAtMs !== null) observations.push([reply.lastReadFromMs, completeAtMs]);
  return observations;
}

function outcomeOf(turn: Turn): TurnOutcome {
  if (turn.closed) return "closed";
  if (turn.faultOutcome !== null) return turn.faultOutcome;
  if (turn.missed === "first_audio_timeout") return noAudio(turn);
  if (turn.missed !== null) return turn.missed;
  if (turn.barge?.result?.outcome === "timeout") return "barge_timeout";
  return turn.reply.cutByAgent ? "cut_by_agent" : "ok";
}

/** The outcome of a wait that ended without audio. */
function noAudio({ finalsShown, reply }: Turn): TurnOutcome {
  if (reply.answeredEarly) return "answered_early";
  if (reply.textAtMs !== null) return "text_only";
  return finalsShown && reply.finalAtMs === null && !reply.finalWasEarly ? "unheard" : "first_audio_timeout";
}

/** Right-censored: a wait without an answer is recorded as the whole timeout, or a worse agent would look faster. */
function ttfbOf({ closed, eosAtMs, reply }: Turn, timeouts: Timeouts): number | null {
  if (eosAtMs === null) return null;
  if (reply.first !== null) return reply.first.audibleAtMs - eosAtMs;
  return reply.answeredEarly && !closed ? null : timeouts.firstByteTimeoutMs;
}

/** When the reply was complete or stopped, else the deadline of the wait; null where there is no evidence. */
function endOf(turn: Turn, timeouts: Timeouts): number | null {
  const { barge, completeAtMs, eosAtMs, missed, reply } = turn;
  const ttfbMs = ttfbOf(turn, timeouts);
  if (eosAtMs === null || ttfbMs === null) return null;
  const answeredAtMs = eosAtMs + ttfbMs;
  if (!reply.begun) return answeredAtMs;
  if (completeAtMs !== null) return completeAtMs;
  if (missed !== null || turn.closed) return answeredAtMs + timeouts.turnTimeoutMs;
  const waitedMs = barge?.result?.ms ?? null;
  return barge === null || waitedMs === null ? null : barge.atMs + waitedMs;
}

function since(fromMs: number | null, toMs: number | null): number | null {
  return fromMs === null || toMs === null ? null : toMs - fromMs;
}
