/**
 * Decodes an agent's messages that report a failure: errors, failed replies, tools and sessions, and status messages
 * with a warning or an error.
 */

import type { Event } from "../conversation/event.ts";
import { codeOf, type ErrorFields, faultOf } from "./faults.ts";
import { asObject, type Json } from "./json.ts";
import { loadSpelling } from "./spelling.lazy.ts";

/** The messages that report a failure, by their `type`, `kind` or event on the wire. */
type ErrorMessageType =
  | "error"
  | "errordata"
  | "orchestration_error"
  | "assistant"
  | "tool_end"
  | "tts_error"
  | "session_end"
  | "status";

/** Returns the faults that a message reports. A failed tool is a fault of the agent only when it was throttled. */
export function errorEvents(kind: ErrorMessageType, spelt: Json): readonly Event[] {
  const message = loadSpelling().withUsualKeys(spelt);
  const payload = asObject(message.payload);
  switch (kind) {
    case "error":
      return [fault(payload)];
    case "errordata":
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

/** Returns the fault that an error of a Realtime API reports: the quota of its session and of its model is OpenAI's. */
export function realtimeFault({ code, message, type }: Json): readonly Event[] {
  return [fault({ code: code ?? type, message, source: "llm" })];
}

/**
 * Returns the error of a failed reply, which its final message carries as a JSON string. It may be the only report,
 * because agents do not repeat an error envelope.
 */
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
