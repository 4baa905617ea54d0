/** What is known of a call beside its turns, and the one place where that becomes how the call ended. */

import type { ConversationRecord } from "../metrics/records.ts";
import type { Fault } from "./event.ts";
import { faultName } from "./turn.ts";

/** What the sheet leaves in the call's record. */
type Ending = Pick<ConversationRecord, "closedAtMs" | "code" | "closedBy" | "reached" | "outcome" | "faults">;

/** The sheet of one call. */
export class CallSheet {
  private readonly faults: Record<string, true> = {};
  /** True once the first utterance began. */
  reached = false;

  /** Takes a fault that no turn is to blame for. */
  addFault(fault: Fault): void {
    this.faults[faultName(fault)] = true;
  }

  /** How the call ended; `asked`: the caller had hung up, so that a call without an utterance met the test's end. */
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
