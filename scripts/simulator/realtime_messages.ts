/**
 * The server events of a Realtime API: today's of OpenAI and Azure OpenAI (`ga`), and those of the beta, which Azure Voice Live kept.
 * Their fields are those of the typed events of OpenAI's own packages.
 */

import type { Message } from "./envelopes.ts";
import { newSession, updatedSession } from "./realtime_sessions.ts";
import type { Dialect } from "./wire.ts";

/** One response, and its only item. */
export interface ResponseIds {
  readonly responseId: string;
  readonly itemId: string;
}

const NO_TOKENS = { text_tokens: 0, audio_tokens: 0, image_tokens: 0 };
const INPUT_TOKENS = {
  text_tokens: 12,
  audio_tokens: 40,
  image_tokens: 0,
  cached_tokens: 0,
  cached_tokens_details: NO_TOKENS,
};
const USAGE = {
  total_tokens: 71,
  input_tokens: 52,
  output_tokens: 19,
  input_token_details: INPUT_TOKENS,
  output_token_details: { text_tokens: 7, audio_tokens: 12 },
};

/** Makes the server events of one call. Ids of events have one length, as the real ones have. */
export class RealtimeMessages {
  private readonly dialect: Dialect;
  private session: Message;
  private events = 0;
  private lastItemId: string | null = null;
  /** The item before each one. */
  private readonly previousIds = new Map<string, string | null>();

  constructor(dialect: Dialect) {
    this.dialect = dialect;
    this.session = newSession(dialect);
  }

  sessionCreated(): Message {
    return this.event("session.created", { session: this.session });
  }

  /** Only what the update has changes. */
  sessionUpdated(update: Message): Message {
    this.session = updatedSession(this.session, update);
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
      ...this.itemDone(item),
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
      ...this.itemDone(item),
      this.event("response.output_item.done", { response_id: ids.responseId, output_index: 0, item }),
      this.event("response.done", { response: this.response(ids, status, details, [item]) }),
      ...this.rateLimits(),
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
    const started = { ...base, status: "in_progress", arguments: "" };
    const call = { ...of, item_id: ids.itemId, call_id: base.call_id };
    return [
      this.event("response.created", { response: this.response(ids, "in_progress", null, []) }),
      this.event("response.output_item.added", { ...of, item: started }),
      ...this.itemAdded(started),
      this.event("response.function_call_arguments.delta", { ...call, delta: json }),
      this.event("response.function_call_arguments.done", { ...call, name, arguments: json }),
      ...this.itemDone(item),
      this.event("response.output_item.done", { ...of, item }),
      this.event("response.done", { response: this.response(ids, "completed", null, [item]) }),
    ];
  }

  /** OpenAI tells what is left of the quota after a response; Voice Live never does. */
  private rateLimits(): readonly Message[] {
    if (this.dialect === "beta") return [];
    const limit = { name: "tokens", limit: 15_000_000, remaining: 14_999_716, reset_seconds: 0.001 };
    return [this.event("rate_limits.updated", { rate_limits: [limit] })];
  }

  truncated(itemId: string, audioEndMs: number): Message {
    return this.event("conversation.item.truncated", {
      item_id: itemId,
      content_index: 0,
      audio_end_ms: audioEndMs,
    });
  }

  /** `param`: the field of the caller's event that was wrong. */
  error(code: string | null, message: string, param: string | null = null): Message {
    const type = code === null ? "server_error" : "invalid_request_error";
    return this.event("error", { error: { type, code, message, param, event_id: null } });
  }

  private itemAdded(item: Message): readonly Message[] {
    const id = String(item.id);
    this.previousIds.set(id, this.lastItemId);
    this.lastItemId = id;
    const type = this.dialect === "ga" ? "conversation.item.added" : "conversation.item.created";
    return [this.event(type, { previous_item_id: this.previousIds.get(id), item })];
  }

  /** Only today's API says that an item is whole. */
  private itemDone(item: Message): readonly Message[] {
    if (this.dialect === "beta") return [];
    const previous = this.previousIds.get(String(item.id)) ?? null;
    return [this.event("conversation.item.done", { previous_item_id: previous, item })];
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
