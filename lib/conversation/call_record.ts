/** How a call ended: collects what belongs to no turn and writes that part of the call's record. */

import type { ConversationRecord, UnreadRecord } from "../metrics/records.ts";
import type { Fault } from "./event.ts";
import { faultName } from "./turn.ts";

/** The part of the call's record that says how the call ended. */
type Ending = Pick<
  ConversationRecord,
  "closedAtMs" | "code" | "closedBy" | "reached" | "outcome" | "faults" | "unread"
>;

/** Collects the end of one call. */
export class CallRecordBuilder {
  private readonly faults: Record<string, true> = {};
  private unread: UnreadRecord | null = null;
  /** True once the first utterance began. */
  reached = false;

  /** Adds a fault; `inTurn`: a turn has it. Messages that nobody could read are counted for the whole call. */
  addFault(fault: Fault, inTurn: boolean): void {
    if (!inTurn) this.faults[faultName(fault)] = true;
    if (fault.kind !== "notice" || fault.unread === undefined) return;
    this.unread = { ...(this.unread ?? fault.unread), count: (this.unread?.count ?? 0) + 1 };
  }

  /**
   * Returns how the call ended. `asked`: the caller had hung up, so a call without an utterance was ended by the end of the
   * test and says nothing about the agent (`reached` is null).
   */
  ending(asked: boolean, reached: boolean, code: number, closedAtMs: number): Ending {
    return {
      closedAtMs,
      code,
      closedBy: asked ? "caller" : "agent",
      reached: reached || (asked ? null : false),
      outcome: asked ? "ok" : reached ? "closed" : "closed_early",
      faults: Object.keys(this.faults),
      unread: this.unread,
    };
  }
}
