/** Reads single turns from the page data, which holds them as one array per field. */

import type { PageData } from "./data.ts";

/** A turn's number as reports print it: `01`. */
export function turnName(data: PageData, index: number): string {
  return String(data.turns.turn[index] ?? 0).padStart(2, "0");
}

/** True when the outcome of a turn is not `ok`. */
export function isFailed(data: PageData, index: number): boolean {
  return data.outcomes[data.turns.outcome[index] ?? -1] !== "ok";
}

/** The session id of a turn's call. */
export function callIdOf(data: PageData, index: number): string {
  return data.calls[data.turns.call[index] ?? -1] ?? "";
}

/** A turn's record as in `log.jsonl`: instants are epoch ms, and fields that were not observed are null. */
export function turnRecord(data: PageData, index: number): Readonly<Record<string, unknown>> {
  const { turns } = data;
  const numbers = Object.entries(turns.numbers).map(([name, column]) => {
    const value = column[index] ?? null;
    return [name, value !== null && name.endsWith("AtMs") ? value + data.startedAtMs : value];
  });
  return {
    call: callIdOf(data, index),
    turn: turns.turn[index],
    outcome: data.outcomes[turns.outcome[index] ?? -1],
    faults: data.faultSets[turns.faults[index] ?? -1],
    utterance: data.utterances[turns.utterance[index] ?? -1],
    vu: turns.vu[index],
    ...Object.fromEntries(numbers),
    barge: data.bargeOutcomes[turns.barge[index] ?? -1] ?? null,
  };
}
