/** When the seconds of a run were whose worst lateness its log tells. */

import type { CallLine, Log, TurnLine } from "./run_folder.ts";

/** One second of one call. */
export interface LagSecond {
  /** Its begin, epoch ms. */
  readonly atMs: number;
  /** How late the latest frame in it was. */
  readonly lagMs: number;
}

/**
 * The seconds of all calls that the verdict counts. A call's seconds follow each other from its connection on; those
 * of a call that left no record, as in a killed run, are taken to end with the speech of their turn.
 */
export function lagSeconds({ calls, turns }: Pick<Log, "calls" | "turns">): LagSecond[] {
  const turnsOf = new Map<string, TurnLine[]>();
  for (const turn of turns) {
    const known = turnsOf.get(turn.call);
    if (known === undefined) turnsOf.set(turn.call, [turn]);
    else known.push(turn);
  }
  const told = calls.flatMap((call) => {
    const own = turnsOf.get(call.call) ?? [];
    turnsOf.delete(call.call);
    return secondsOfCall(call, own);
  });
  return [...told, ...[...turnsOf.values()].flat().flatMap(secondsBefore)];
}

function secondsOfCall(call: CallLine, turns: readonly TurnLine[]): LagSecond[] {
  const records = [...turns].sort((a, b) => a.turn - b.turn);
  let atMs = call.connectedAtMs ?? call.dialAtMs;
  const seconds: LagSecond[] = [];
  for (const { lagMs: counted, rampUpLagMs } of [...records, call]) {
    // Of seconds that passed without a single tick, only the first has an entry.
    const lastsMs = (lagMs: number) => 1000 * (1 + Math.floor(lagMs / 1000));
    for (const lagMs of rampUpLagMs) atMs += lastsMs(lagMs);
    for (const lagMs of counted) {
      seconds.push({ atMs, lagMs });
      atMs += lastsMs(lagMs);
    }
  }
  return seconds;
}

function secondsBefore({ eosAtMs, lagMs, speechStartAtMs }: TurnLine): LagSecond[] {
  const endedAtMs = eosAtMs ?? speechStartAtMs;
  if (endedAtMs === null) return [];
  return lagMs.map((worstMs, index) => ({ atMs: endedAtMs - (lagMs.length - index) * 1000, lagMs: worstMs }));
}
