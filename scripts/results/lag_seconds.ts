/** Computes the instants of the send lag values of a log: records hold the highest send lag of each second without its instant. */

import type { CallLine, Log, TurnLine } from "./run_folder.ts";

/** One second of one call. */
export interface LagSecond {
  /** The begin of the second, epoch ms. */
  readonly atMs: number;
  /** The highest send lag of a frame in that second. */
  readonly lagMs: number;
}

/**
 * The seconds of all calls that count for the verdict. The seconds of a call are consecutive from its connection on.
 * For a call without a call line, as in a killed run, the seconds of a turn are assumed to end with its speech.
 */
export function lagSeconds({ calls, turns }: Pick<Log, "calls" | "turns">): LagSecond[] {
  const turnsOf = new Map<string, TurnLine[]>();
  for (const turn of turns) {
    const known = turnsOf.get(turn.call);
    if (known === undefined) turnsOf.set(turn.call, [turn]);
    else known.push(turn);
  }
  const dated = calls.flatMap((call) => {
    const own = turnsOf.get(call.call) ?? [];
    turnsOf.delete(call.call);
    return secondsOfCall(call, own);
  });
  return [...dated, ...[...turnsOf.values()].flat().flatMap(secondsBeforeEndOfSpeech)];
}

function secondsOfCall(call: CallLine, turns: readonly TurnLine[]): LagSecond[] {
  const records = [...turns].sort((a, b) => a.turn - b.turn);
  let atMs = call.connectedAtMs ?? call.dialAtMs;
  const seconds: LagSecond[] = [];
  for (const { lagMs: counted, rampUpLagMs } of [...records, call]) {
    // Of consecutive seconds without a tick, only the first has an entry.
    const lastsMs = (lagMs: number) => 1000 * (1 + Math.floor(lagMs / 1000));
    for (const lagMs of rampUpLagMs) atMs += lastsMs(lagMs);
    for (const lagMs of counted) {
      seconds.push({ atMs, lagMs });
      atMs += lastsMs(lagMs);
    }
  }
  return seconds;
}

function secondsBeforeEndOfSpeech({ eosAtMs, lagMs, speechStartAtMs }: TurnLine): LagSecond[] {
  const endedAtMs = eosAtMs ?? speechStartAtMs;
  if (endedAtMs === null) return [];
  return lagMs.map((worstMs, index) => ({ atMs: endedAtMs - (lagMs.length - index) * 1000, lagMs: worstMs }));
}
