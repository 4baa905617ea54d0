/** Microsoft's own client of Azure Voice Live, which kept the message shapes of the Realtime API's beta. */

import type { Peer } from "./peer.ts";
import { holdSessions } from "./realtime_session.ts";

/** Events that the conversation must have had. */
const WANTED = [
  ...["session.created", "session.updated", "error"],
  ...["input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped", "input_audio_buffer.committed"],
  ...["conversation.item.created", "conversation.item.truncated"],
  "conversation.item.input_audio_transcription.completed",
  ...["response.created", "response.done", "response.output_item.added", "response.output_item.done"],
  ...["response.audio.delta", "response.audio.done", "response.content_part.added", "response.content_part.done"],
  ...["response.audio_transcript.delta", "response.audio_transcript.done"],
  ...["response.function_call_arguments.delta", "response.function_call_arguments.done"],
];

/** PyPI `azure-ai-voicelive`. It adds the path /voice-live/realtime itself. */
export const voiceLive: Peer = {
  name: "azure-ai-voicelive 1.3.1",
  requirements: "scripts/conformance/requirements.txt",
  check: (python) => holdSessions(python, "scripts/conformance/voice_live.py", "", WANTED),
};
