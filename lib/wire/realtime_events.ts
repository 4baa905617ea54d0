/**
 * Decodes the server events of a Realtime API, but for audio: by their type and status fields. The API of 2025 and its beta name
 * some of them differently (OpenAI's reference, "Realtime server events", and the beta's).
 */

import type { Event } from "../conversation/event.ts";
import { loadFaults } from "./faults.lazy.ts";
import { asObject, type Json } from "./json.ts";
import { loadUnread } from "./unread.lazy.ts";

const NOTHING: readonly Event[] = [];
const REPLY_TEXT: readonly Event[] = [{ type: "replyText" }];

/** Events that say nothing of a turn. */
const IGNORED: readonly string[] = [
  ...["session.created", "session.updated", "conversation.created", "rate_limits.updated", "warning"],
  ...["input_audio_buffer.speech_stopped", "input_audio_buffer.committed", "input_audio_buffer.cleared"],
  ...["conversation.item.created", "conversation.item.added", "conversation.item.done", "conversation.item.truncated"],
  ...["conversation.item.deleted", "conversation.item.retrieved"],
  ...["conversation.item.input_audio_transcription.delta", "conversation.item.input_audio_transcription.segment"],
  ...["response.created", "response.output_item.added", "response.output_item.done"],
  ...["response.content_part.added", "response.content_part.done"],
  ...["response.output_audio.done", "response.audio.done", "response.output_text.done", "response.text.done"],
  ...["response.output_audio_transcript.done", "response.audio_transcript.done"],
  ...["response.function_call_arguments.delta", "response.function_call_arguments.done"],
  ...["output_audio_buffer.started", "output_audio_buffer.stopped", "output_audio_buffer.cleared"],
];

/** Returns the events of a server event that is no audio; a type that is not known is a notice. */
export function decodeServerEvent(message: Json): readonly Event[] {
  switch (message.type) {
    case "input_audio_buffer.speech_started":
      return [{ type: "stop" }];
    case "conversation.item.input_audio_transcription.completed":
      return [{ type: "userFinal" }];
    case "response.output_audio_transcript.delta":
    case "response.audio_transcript.delta":
    case "response.output_text.delta":
    case "response.text.delta":
      return REPLY_TEXT;
    case "response.done":
      return responseDone(asObject(message.response));
    case "error":
    case "conversation.item.input_audio_transcription.failed":
      return loadFaults().realtimeFault(asObject(message.error));
    default:
      return IGNORED.includes(String(message.type)) ? NOTHING : loadUnread().unreadEvents(message);
  }
}

/** The items of a response that are function calls: the ids under which their outputs are expected. */
export function functionCalls(response: Json): readonly string[] {
  const output = Array.isArray(response.output) ? response.output.map(asObject) : [];
  return output.filter(({ type }) => type === "function_call").map(({ call_id: id }) => String(id));
}

/** A cancelled response has no end of its own: the caller has interrupted it. Any other end is that of the reply. */
function responseDone(response: Json): readonly Event[] {
  const details = asObject(response.status_details);
  switch (response.status) {
    case "cancelled":
      return [{ type: "cancelled" }];
    case "failed":
      return [...loadFaults().realtimeFault(asObject(details.error)), { type: "replyEnd" }];
    case "incomplete":
      return [...loadFaults().realtimeFault({ code: `incomplete_${details.reason}` }), { type: "replyEnd" }];
    default:
      return [{ type: "replyEnd" }];
  }
}
