/**
 * Keeps the truth of one call's turns. A turn is opened when its utterance is recognised, and written when it can no longer
 * change.
 */

import type { TruthLine, TruthTurn } from "./truth.ts";

/** The last turns stay open, because a reply can be interrupted while the next utterance is recognised. */
const MAX_OPEN_TURNS = 2;

/** What is known of a turn when it is opened: its speech, its programmed delays, its waits so far and its fault. */
type NewTurn = Pick<TruthTurn, "speechStartAtMs" | "eosAtMs" | "dtmf" | "programmed" | "queued" | "fault">;

/** The turns of one call. */
export class TruthTurns {
  private readonly callOf: () => string;
  private readonly write: (line: TruthLine) => void;
  private readonly openTurns: TruthTurn[] = [];
  private count = 0;

  /** `callOf`: the id of the call, which may come after its connection. */
  constructor(callOf: () => string, write: (line: TruthLine) => void) {
    this.callOf = callOf;
    this.write = write;
  }

  /** Opens a turn. Writes the oldest open turn when there are too many. */
  open(newTurn: NewTurn): TruthTurn {
    this.count += 1;
    const turn: TruthTurn = {
      type: "turn",
      call: this.callOf(),
      turn: this.count,
      ...newTurn,
      finalAtMs: null,
      firstTextAtMs: null,
      firstByteAtMs: null,
      firstAudioAtMs: null,
      leadSilenceMs: null,
      replyEndAtMs: null,
      replyAudioMs: 0,
      bargeAtMs: null,
      stopAtMs: null,
      cancelledAtMs: null,
      lastAudioAtMs: null,
    };
    this.openTurns.push(turn);
    const oldest = this.openTurns.length > MAX_OPEN_TURNS ? this.openTurns.shift() : undefined;
    if (oldest !== undefined) this.write(oldest);
    return turn;
  }

  /** Writes the open turns as they are. */
  close(): void {
    for (const turn of this.openTurns.splice(0)) this.write(turn);
  }
}
