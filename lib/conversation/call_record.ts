/** How a call ended: collects what belongs to no turn and writes that part of the call's record. */

import type { ConversationRecord } from "../metrics/records.ts";
import type { Fault } from "./event.ts";
import { faultName } from "./turn.ts";

/** The part of the call's record that says how the call ended. */
type Ending = Pick<ConversationRecord, "closedAtMs" | "code" | "closedBy" | "reached" | "outcome" | "faults">;

/** Collects the end of one call. */
export class CallRecordBuilder {
  private readonly faults: Record<string, true> = {};
  /** True once the first utterance began. */
  reached = false;

  /** Adds a fault that belongs to no turn. */
  addFault(fault: Fault): void {
    this.faults[faultName(fault)] = true;
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
    };
  }
}
