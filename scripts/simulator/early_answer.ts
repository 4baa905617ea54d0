/** The answer that an agent with `--answer-early` gives to an utterance before its end. */

import type { Utterance } from "./recognizer.ts";
import type { TruthTurn } from "./truth.ts";
import type { Segment } from "./vad.ts";

/** Speech after which the agent answers. */
const EARLY_MS = 400;

/** The early answers of one call. */
export class EarlyAnswer {
  private last: { readonly utterance: Utterance; readonly turn: TruthTurn } | null = null;

  /** Takes a loud window of an utterance. `answer` answers it and returns its turn. */
  onLoudWindow(segment: Segment, utterance: Utterance, answer: () => TruthTurn): void {
    if (this.last?.utterance !== utterance && segment.durationMs >= EARLY_MS) {
      this.last = { utterance, turn: answer() };
    }
    if (this.last?.utterance === utterance) this.last.turn.eosAtMs = segment.endAtMs;
  }

  /** The turn of an utterance that was answered early, or null. */
  turnOf(utterance: Utterance): TruthTurn | null {
    return this.last?.utterance === utterance ? this.last.turn : null;
  }
}
