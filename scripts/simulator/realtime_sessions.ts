/** The sessions of a Realtime API, in today's shape and in that of the beta. */

import type { Message } from "./envelopes.ts";
import type { Dialect } from "./wire.ts";

const PCM = { type: "audio/pcm", rate: 24000 };
const VAD = { type: "server_vad", threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 500 };

/** What a session has that was never updated. */
const SESSIONS: Readonly<Record<Dialect, Message>> = {
  ga: {
    type: "realtime",
    object: "realtime.session",
    model: "gpt-realtime",
    output_modalities: ["audio"],
    instructions: "Answer in one sentence. Never end a call at 429 or when you are throttled.",
    tools: [],
    tool_choice: "auto",
    max_output_tokens: "inf",
    audio: {
      input: { format: PCM, transcription: null, noise_reduction: null, turn_detection: VAD },
      output: { format: PCM, voice: "alloy", speed: 1 },
    },
  },
  beta: {
    object: "realtime.session",
    model: "gpt-realtime",
    modalities: ["audio", "text"],
    instructions: "Answer in one sentence. Never end a call at 429 or when you are throttled.",
    voice: "alloy",
    turn_detection: VAD,
    input_audio_format: "pcm16",
    output_audio_format: "pcm16",
    input_audio_transcription: null,
    tools: [],
    tool_choice: "auto",
  },
};

/** The session of a call that begins. */
export function newSession(dialect: Dialect): Message {
  return { ...SESSIONS[dialect], id: "sess_1" };
}

/** A session after an update: only what the update has changes. Lists are replaced as a whole. */
export function updatedSession(session: Message, update: Message): Message {
  const changes = Object.entries(update).map(([name, value]) => {
    const before = session[name];
    return [name, isPlain(before) && isPlain(value) ? updatedSession(before, value) : value];
  });
  return { ...session, ...Object.fromEntries(changes) };
}

function isPlain(value: unknown): value is Message {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
