/** The truth of one call's turns: made when speech was heard, written when nothing more can happen to them. */

import type { TruthLine, TruthTurn } from "./truth.ts";

/** The last turns stay open: a reply can be interrupted while the next utterance is being heard. */
const OPEN_TURNS = 2;

/** What was heard and what was planned for it. */
type NewTurn = Pick<TruthTurn, "speechStartAtMs" | "eosAtMs" | "programmed" | "fault">;

/** Keeps the turns of one call. */
export class TruthTurns {
  private readonly call: string;
  private readonly write: (line: TruthLine) => void;
  private readonly open: TruthTurn[] = [];
  private count = 0;

  constructor(call: string, write: (line: TruthLine) => void) {
    this.call = call;
    this.write = write;
  }

  /** Opens a turn. */
  begin(heard: NewTurn): TruthTurn {
    this.count += 1;
    const turn: TruthTurn = {
      type: "turn",
      call: this.call,
      turn: this.count,
      ...heard,
      finalAtMs: null,
      firstTextAtMs: null,
      firstAudioAtMs: null,
      replyEndAtMs: null,
      replyAudioMs: 0,
      bargeAtMs: null,
      stopAtMs: null,
      cancelledAtMs: null,
      lastAudioAtMs: null,
    };
    this.open.push(turn);
    const settled = this.open.length > OPEN_TURNS ? this.open.shift() : undefined;
    if (settled !== undefined) this.write(settled);
    return turn;
  }

  /** Writes what is open, as far as it came. */
  close(): void {
    for (const turn of this.open.splice(0)) this.write(turn);
  }
}
