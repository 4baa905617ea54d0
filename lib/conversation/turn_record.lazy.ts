/**
 * The scribe: the one place where what is known of a turn becomes an outcome and numbers. The machine sends for one when a turn
 * is to be written; callers carry none of it in between, as with the office (scripts/build.ts).
 */

import type { TurnOutcome, TurnRecord } from "../metrics/records.ts";
import type { Line } from "./frame_clock.ts";
import type { Rules } from "./rules.ts";
import type { Turn } from "./turn.ts";

/** What a wait is recorded as when it ends without an answer. */
type Deadlines = Pick<Rules, "firstByteTimeoutMs" | "turnTimeoutMs">;

/** Sends for the scribe. */
export function openScribe() {
  return { turnRecord };
}

/** Writes a turn down; the line says whether the caller was late, and hands over its health. */
function turnRecord(turn: Turn, deadlines: Deadlines, line: Line): TurnRecord {
  const { eosAtMs, reply } = turn;
  const barge = turn.barge?.result ?? null;
  const { firstAudioAtMs } = reply;
  const spoiled = firstAudioAtMs !== null && turn.faultOutcome !== null;
  const ttfbMs = ttfbOf(turn, deadlines);
  return {
    turn: turn.number,
    utterance: turn.utterance,
    speechStartAtMs: turn.speechStartAtMs,
    eosAtMs,
    firstAudioAtMs,
    ttfbMs: spoiled ? null : ttfbMs,
    ttfbFailedMs: spoiled ? ttfbMs : null,
    sttMs: since(eosAtMs, reply.finalAtMs),
    textMs: since(eosAtMs, reply.textAtMs),
    bargeAtMs: turn.barge?.atMs ?? null,
    stopAtMs: barge?.stopAtMs ?? null,
    bargeMs: barge?.ms ?? null,
    barge: turn.bargeSkipped ? "skipped" : (barge?.outcome ?? null),
    overrunMs: barge?.outcome === "stopped" ? (turn.barge?.overrunMs ?? null) : null,
    turnMs: spoiled ? null : since(turn.speechStartAtMs, endOf(turn, deadlines)),
    stallMs: firstAudioAtMs === null ? null : reply.stallMs,
    lateAudioMs: reply.lateAudioMs + turn.lateAfterEndMs,
    endInferred: turn.endInferred,
    outcome: wasLate(turn, line) ? "generator_late" : outcomeOf(turn),
    faults: Object.keys(turn.faults),
    ...line.takeHealth(),
  };
}

function wasLate(turn: Turn, line: Line): boolean {
  return (
    waitsOf(turn).some(([fromMs, toMs]) => line.wasLateBetween(fromMs, toMs)) ||
    sightingsOf(turn).some(([readFromMs, seenAtMs]) => line.mayHaveWaited(readFromMs, seenAtMs))
  );
}

/**
 * What was waited for, from when to when: a caller who was late in between may have caused the wait, for an agent that
 * hears no silence does not answer, and one that hears no words does not stop.
 */
function waitsOf({ barge, completeAtMs, eosAtMs, overAtMs, reply }: Turn): [fromMs: number, toMs: number][] {
  const waits: [number, number][] = [];
  if (eosAtMs !== null) waits.push([eosAtMs, reply.firstAudioAtMs ?? overAtMs ?? eosAtMs]);
  if (barge !== null) waits.push([barge.atMs, barge.result?.stopAtMs ?? barge.atMs + (barge.result?.ms ?? 0)]);
  if (completeAtMs !== null) waits.push([completeAtMs, completeAtMs]);
  return waits;
}

/** When the first audio, the stop and the last sign of the reply were seen, and since when each was read without a pause. */
function sightingsOf({ barge, completeAtMs, reply }: Turn): [readFromMs: number, seenAtMs: number][] {
  const firsts = [reply.firstAudioAtMs, barge?.result?.stopAtMs ?? null].filter((atMs) => atMs !== null);
  const sightings = firsts.map((atMs): [number, number] => [atMs, atMs]);
  if (completeAtMs !== null) sightings.push([reply.lastReadFromMs, completeAtMs]);
  return sightings;
}

function outcomeOf(turn: Turn): TurnOutcome {
  if (turn.closed) return "closed";
  if (turn.faultOutcome !== null) return turn.faultOutcome;
  if (turn.missed === "first_audio_timeout") return noAudio(turn);
  if (turn.missed !== null) return turn.missed;
  if (turn.barge?.result?.outcome === "timeout") return "barge_timeout";
  return turn.reply.cutByAgent ? "cut_by_agent" : "ok";
}

/** What a wait without audio looked like. */
function noAudio({ finalsShown, reply }: Turn): TurnOutcome {
  if (reply.answeredEarly) return "answered_early";
  if (reply.textAtMs !== null) return "text_only";
  return finalsShown && reply.finalAtMs === null && !reply.finalWasEarly ? "unheard" : "first_audio_timeout";
}

/** Right-censored: a wait without an answer is the whole deadline, or a worse agent would look faster. */
function ttfbOf({ closed, eosAtMs, reply }: Turn, deadlines: Deadlines): number | null {
  if (eosAtMs === null) return null;
  if (reply.firstAudioAtMs !== null) return reply.firstAudioAtMs - eosAtMs;
  return reply.answeredEarly && !closed ? null : deadlines.firstByteTimeoutMs;
}

/** When the reply was complete or stopped, else the deadline of what was waited for; null where nothing tells. */
function endOf(turn: Turn, deadlines: Deadlines): number | null {
  const { barge, completeAtMs, eosAtMs, missed, reply } = turn;
  const ttfbMs = ttfbOf(turn, deadlines);
  if (eosAtMs === null || ttfbMs === null) return null;
  const heardAtMs = eosAtMs + ttfbMs;
  if (!reply.begun) return heardAtMs;
  if (completeAtMs !== null) return completeAtMs;
  if (missed !== null || turn.closed) return heardAtMs + deadlines.turnTimeoutMs;
  const waitedMs = barge?.result?.ms ?? null;
  return barge === null || waitedMs === null ? null : barge.atMs + waitedMs;
}

function since(fromMs: number | null, toMs: number | null): number | null {
  return fromMs === null || toMs === null ? null : toMs - fromMs;
}
