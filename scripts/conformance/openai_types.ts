/** The types of OpenAI's Python package, as validators of today's Realtime API. */

import type { Peer } from "./peer.ts";
import { holdSessions } from "./realtime_session.ts";

/** Events that the conversation must have had. */
const WANTED = [
  ...["session.created", "session.updated", "error", "rate_limits.updated"],
  ...["input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed"],
  ...["conversation.item.added", "conversation.item.done", "conversation.item.truncated"],
  "conversation.item.input_audio_transcription.completed",
  ...["response.created", "response.done", "response.output_item.added", "response.output_item.done"],
  ...["response.output_audio.delta", "response.output_audio.done", "response.content_part.added"],
  ...["response.output_audio_transcript.delta", "response.output_audio_transcript.done", "response.content_part.done"],
  ...["response.function_call_arguments.delta", "response.function_call_arguments.done"],
];

/** PyPI `openai`. */
export const openaiTypes: Peer = {
  name: "openai 3.57.0",
  requirements: "scripts/conformance/requirements.txt",
  check: (python) => holdSessions(python, "scripts/conformance/openai_types.py", "/v1/realtime", WANTED),
};
