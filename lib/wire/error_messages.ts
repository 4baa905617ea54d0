/** What the messages that report trouble mean: errors, failed replies, tools and sessions, and alarming status. */

import type { Event } from "../conversation/event.ts";
import { codeOf, type ErrorFields, faultOf } from "./faults.ts";
import { asObject, type Json } from "./json.ts";

/** The messages that report trouble, by what the wire calls them. */
type ErrorMessageType =
  | "error"
  | "ErrorData"
  | "orchestration_error"
  | "assistant"
  | "tool_end"
  | "tts_error"
  | "session_end"
  | "status";

/** Says what trouble a message reports; of a tool's, only throttling is the agent's own. */
export function errorEvents(kind: ErrorMessageType, message: Json, payload: Json): readonly Event[] {
  switch (kind) {
    case "error":
      return [fault(payload)];
    case "ErrorData":
      return [fault(asObject(message.errorData))];
    case "orchestration_error":
      return [fault({ code: "orchestration_error", ...asObject(payload.data) })];
    case "assistant":
      return [fault(errorOf(payload.error))];
    case "tool_end":
      return [fault({ code: "tool_error", message: message.error })].filter(isThrottling);
    case "tts_error":
      return [fault({ code: "tts_error", message: message.error, source: "tts" })];
    case "session_end":
      return [sessionEnd(message)];
    case "status":
      return [
        fault({ code: `status_${payload.statusTone}`, message: payload.message, details: payload.statusCaption }),
      ];
  }
}

/** The final of a failed reply carries its error as a JSON string; repeats of an error envelope are not sent. */
function errorOf(error: unknown): ErrorFields {
  if (typeof error !== "string") return asObject(error);
  try {
    return asObject(JSON.parse(error));
  } catch {
    return { code: "unknown", message: error };
  }
}

function sessionEnd(message: Json): Event {
  const code = `session_end_${codeOf(message.reason)}`;
  return { type: "fault", fault: { kind: message.reason === "ERROR" ? "server_error" : "notice", code } };
}

function isThrottling(event: Event): boolean {
  return event.type === "fault" && event.fault.kind === "rate_limit";
}

function fault(fields: ErrorFields): Event {
  return { type: "fault", fault: faultOf(fields) };
}
