/**
 * The server events of a Realtime API: today's of OpenAI and Azure OpenAI (`ga`), and those of the beta, which Azure Voice Live kept.
 * Their fields are those of the typed events of OpenAI's own packages.
 */

import type { Message } from "./envelopes.ts";

/** The shape of the events. */
export type Dialect = "ga" | "beta";

/** One response, and its only item. */
export interface ResponseIds {
  readonly responseId: string;
  readonly itemId: string;
}

const PCM = { type: "audio/pcm", rate: 24000 };
const VAD = { type: "server_vad", threshold: 0.5, prefix_padding_ms: 300, silence_duration_ms: 500 };
const INPUT_TOKENS = { text_tokens: 12, audio_tokens: 40, cached_tokens: 0 };
const USAGE = {
  total_tokens: 71,
  input_tokens: 52,
  output_tokens: 19,
  input_token_details: INPUT_TOKENS,
  output_token_details: { text_tokens: 7, audio_tokens: 12 },
};

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

/** Makes the server events of one call. Ids of events have one length, as the real ones have. */
export class RealtimeMessages {
  private readonly dialect: Dialect;
  private session: Message;
  private events = 0;
  private lastItemId: string | null = null;

  constructor(dialect: Dialect) {
    this.dialect = dialect;
    this.session = { ...SESSIONS[dialect], id: "sess_1" };
  }

  sessionCreated(): Message {
    return this.event("session.created", { session: this.session });
  }

  /** Only what the update has changes. */
  sessionUpdated(update: Message): Message {
    this.session = { ...this.session, ...update };
    return this.event("session.updated", { session: this.session });
  }

  speechStarted(itemId: string, atMs: number): Message {
    return this.event("input_audio_buffer.speech_started", { audio_start_ms: Math.round(atMs), item_id: itemId });
  }

  /** The end of the caller's speech: the buffer becomes an item of the conversation. */
  speechStopped(itemId: string, atMs: number): readonly Message[] {
    const item = {
      id: itemId,
      object: "realtime.item",
      type: "message",
      status: "completed",
      role: "user",
      content: [{ type: "input_audio", transcript: null }],
    };
    const previous = { previous_item_id: this.lastItemId, item_id: itemId };
    return [
      this.event("input_audio_buffer.speech_stopped", { audio_end_ms: Math.round(atMs), item_id: itemId }),
      this.event("input_audio_buffer.committed", previous),
      ...this.itemAdded(item),
      ...(this.dialect === "ga" ? [this.event("conversation.item.done", { previous_item_id: null, item })] : []),
    ];
  }

  transcriptDelta(itemId: string, delta: string): Message {
    const type = "conversation.item.input_audio_transcription.delta";
    return this.event(type, { item_id: itemId, content_index: 0, delta });
  }

  transcriptCompleted(itemId: string, transcript: string): Message {
    const type = "conversation.item.input_audio_transcription.completed";
    const usage = { type: "duration", seconds: 2 };
    return this.event(type, { item_id: itemId, content_index: 0, transcript, usage });
  }

  responseCreated(ids: ResponseIds): readonly Message[] {
    const item = assistantItem(ids.itemId, "in_progress", []);
    return [
      this.event("response.created", { response: this.response(ids, "in_progress", null, []) }),
      this.event("response.output_item.added", { response_id: ids.responseId, output_index: 0, item }),
      ...this.itemAdded(item),
      this.event("response.content_part.added", { ...place(ids), part: { type: "audio", transcript: "" } }),
    ];
  }

  textDelta(ids: ResponseIds, delta: string): Message {
    return this.event(this.named("response.output_audio_transcript.delta"), { ...place(ids), delta });
  }

  /** The JSON of an audio delta. */
  audioDelta(ids: ResponseIds, data: string): string {
    return JSON.stringify(this.event(this.named("response.output_audio.delta"), { ...place(ids), delta: data }));
  }

  /** The end of a response: of its parts, then of itself. A cancelled or failed one leaves its item incomplete. */
  responseDone(ids: ResponseIds, status: string, details: Message | null, transcript: string): readonly Message[] {
    const isWhole = status === "completed";
    const content = [{ type: this.dialect === "ga" ? "output_audio" : "audio", transcript }];
    const item = assistantItem(ids.itemId, isWhole ? "completed" : "incomplete", content);
    return [
      this.event(this.named("response.output_audio.done"), place(ids)),
      this.event(this.named("response.output_audio_transcript.done"), { ...place(ids), transcript }),
      this.event("response.content_part.done", { ...place(ids), part: { type: "audio", transcript } }),
      ...(this.dialect === "ga" ? [this.event("conversation.item.done", { previous_item_id: null, item })] : []),
      this.event("response.output_item.done", { response_id: ids.responseId, output_index: 0, item }),
      this.event("response.done", { response: this.response(ids, status, details, [item]) }),
    ];
  }

  /** A response that is a call of a function. */
  functionCall(ids: ResponseIds, name: string, json: string): readonly Message[] {
    const of = { response_id: ids.responseId, output_index: 0 };
    const base = {
      id: ids.itemId,
      object: "realtime.item",
      type: "function_call",
      name,
      call_id: `call_${ids.itemId}`,
    };
    const item = { ...base, status: "completed", arguments: json };
    return [
      this.event("response.created", { response: this.response(ids, "in_progress", null, []) }),
      this.event("response.output_item.added", { ...of, item: { ...base, status: "in_progress", arguments: "" } }),
      this.event("response.function_call_arguments.done", {
        ...of,
        item_id: ids.itemId,
        call_id: base.call_id,
        name,
        arguments: json,
      }),
      this.event("response.output_item.done", { ...of, item }),
      this.event("response.done", { response: this.response(ids, "completed", null, [item]) }),
    ];
  }

  truncated(itemId: string, audioEndMs: number): Message {
    return this.event("conversation.item.truncated", {
      item_id: itemId,
      content_index: 0,
      audio_end_ms: audioEndMs,
    });
  }

  error(code: string, message: string, type = "invalid_request_error"): Message {
    return this.event("error", { error: { type, code, message, param: null, event_id: null } });
  }

  private itemAdded(item: Message): readonly Message[] {
    const previous = this.lastItemId;
    this.lastItemId = String(item.id);
    const type = this.dialect === "ga" ? "conversation.item.added" : "conversation.item.created";
    return [this.event(type, { previous_item_id: previous, item })];
  }

  private response(
    { responseId }: ResponseIds,
    status: string,
    details: Message | null,
    output: readonly Message[],
  ): Message {
    const modalities = this.dialect === "ga" ? { output_modalities: ["audio"] } : { modalities: ["audio", "text"] };
    const usage = status === "in_progress" ? null : USAGE;
    const ids = { object: "realtime.response", id: responseId, conversation_id: "conv_1" };
    return { ...ids, status, status_details: details, output, ...modalities, usage, metadata: null };
  }

  /** The name of an event in this dialect. */
  private named(name: string): string {
    return this.dialect === "ga" ? name : name.replace("output_audio", "audio");
  }

  private event(type: string, content: Message): Message {
    this.events += 1;
    return { type, event_id: `event_${String(this.events).padStart(12, "0")}`, ...content };
  }
}

function place({ itemId, responseId }: ResponseIds): Message {
  return { response_id: responseId, item_id: itemId, output_index: 0, content_index: 0 };
}

function assistantItem(id: string, status: string, content: readonly Message[]): Message {
  return { id, object: "realtime.item", type: "message", status, role: "assistant", content };
}
