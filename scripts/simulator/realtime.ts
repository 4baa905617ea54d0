/**
 * The server's side of a Realtime API. The VoiceLive agent speaks as on the accelerator's wires; what it says in envelopes becomes
 * the events of the API. The caller owns the playout: the agent is told what was heard.
 */

import { VoiceLiveAudio } from "./audio_frames.ts";
import type { Message } from "./envelopes.ts";
import { RealtimeMessages, type ResponseIds } from "./realtime_messages.ts";
import {
  type CallerMessage,
  CallWire,
  type OutgoingFrame,
  type ResponseContext,
  samplesOf,
  type WireOptions,
} from "./wire.ts";

const REALTIME_HZ = 24000;

/** Bytes of a caller's frame. */
const FRAME_BYTES = 960;

/** How a response ends when its model failed, by the code of the accelerator's error, as OpenAI's types have it. */
const MODEL_FAILURES: Readonly<
  Record<string, (text: string) => { readonly status: string; readonly details: Message }>
> = {
  RateLimitExceeded: (message) => ({
    status: "failed",
    details: { error: { type: "tokens", code: "rate_limit_exceeded", message } },
  }),
  ContentFiltered: () => ({ status: "incomplete", details: { reason: "content_filter" } }),
};

/** An accelerator's envelope, as far as it is translated. */
interface Envelope {
  readonly type?: unknown;
  readonly kind?: unknown;
  readonly errorData?: { readonly code: string | null; readonly message: string };
  readonly payload?: Readonly<Record<string, unknown>>;
}

/** The wire of a Realtime API on one call. */
export class RealtimeWire extends CallWire {
  readonly name = "realtime";
  override readonly greetsOn = "request";
  override readonly stopsWhenIdle = true;
  readonly assumedHz = REALTIME_HZ;
  readonly defaultHz = REALTIME_HZ;
  private readonly messages: RealtimeMessages;
  private readonly source = new VoiceLiveAudio(REALTIME_HZ, this.quietSound);
  /** The caller's audio so far, in ms: the clock of its speech. */
  private heardMs = 0;
  private utterances = 0;
  private responses = 0;
  /** The response that is open, and that of the agent which it stands for. */
  private open: (ResponseIds & { readonly of: string }) | null = null;
  private transcript = "";
  /** The audio that was sent of each item, in ms. */
  private readonly sentMs = new Map<string, number>();
  private hasGreeted = false;

  constructor(options: WireOptions) {
    super(options);
    this.messages = new RealtimeMessages(options.dialect);
  }

  override openingMessages(): readonly Message[] {
    return [this.messages.sessionCreated()];
  }

  read(data: Buffer, isBinary: boolean): CallerMessage {
    if (isBinary) return this.ignoreAnomaly("binary_frame");
    let message: Message;
    try {
      message = JSON.parse(data.toString("utf8")) ?? {};
    } catch {
      return this.ignoreAnomaly("not_json");
    }
    switch (message.type) {
      case "input_audio_buffer.append":
        return this.readAudio(Buffer.from(String(message.audio), "base64"));
      case "session.update":
        return this.readSession((message.session ?? {}) as Message);
      case "response.create":
        if (this.hasGreeted || this.utterances > 0) return { type: "ignored" };
        this.hasGreeted = true;
        return { type: "greetingAsked" };
      case "conversation.item.truncate":
        return this.readTruncate(String(message.item_id), Number(message.audio_end_ms));
      case "conversation.item.create":
        return { type: "ignored" };
      default:
        return this.ignoreAnomaly("unknown_event");
    }
  }

  *audioFrames(durationMs: number, context: ResponseContext): Generator<OutgoingFrame> {
    for (const { data, durationMs: ms, pauseMs } of this.source.chunks(durationMs, context))
      yield { texts: this.audioTexts(data, ms, context.responseId), durationMs: ms, pauseMs };
  }

  /** All audio belongs to a response: between responses nothing is sent. */
  quietFrame(durationMs: number, context: ResponseContext | null): OutgoingFrame {
    const { data, durationMs: ms, pauseMs } = this.source.quietChunk(durationMs, context);
    return { texts: context === null ? [] : this.audioTexts(data, ms, context.responseId), durationMs: ms, pauseMs };
  }

  /** Speech has started: what waits to be played is dropped. */
  stopMessages(): readonly Message[] {
    return [this.messages.speechStarted(this.nextUserItem(), this.heardMs)];
  }

  /** What the wire has no event for is left out; its own events are what they are. */
  override translate(message: Message): readonly Message[] {
    const { errorData, kind, payload = {}, type } = message as Envelope;
    if (kind === "ErrorData" && errorData !== undefined) return this.serviceError(errorData);
    if (type === "error" && message.event_id === undefined) return this.backendError(payload);
    if (type === "assistant_streaming") return this.replyText(String(payload.response_id), String(payload.content));
    if (type === "tool_start") return this.functionCall();
    if (type === "event") return this.translateEvent(payload);
    return message.event_id === undefined ? [] : [message];
  }

  private translateEvent(payload: Readonly<Record<string, unknown>>): readonly Message[] {
    switch (payload.type) {
      case "user":
        if (payload.streaming === false) return this.userFinal(String(payload.content));
        return payload.message === "..." ? [this.messages.transcriptDelta(this.nextUserItem(), "know more ")] : [];
      case "assistant":
        return this.done(String(payload.response_id), "completed", null);
      case "assistant_cancelled":
        return this.open === null ? [] : this.done(this.open.of, "cancelled", { reason: "turn_detected" });
      default:
        return [];
    }
  }

  /** An error of the model ends its response; another one is an `error` and ends nothing. */
  private serviceError({ code, message }: NonNullable<Envelope["errorData"]>): readonly Message[] {
    const failure = MODEL_FAILURES[code ?? ""]?.(message);
    if (failure === undefined) return [this.messages.error(code, message)];
    return this.done(this.open?.of ?? `failed_${this.utterances}`, failure.status, failure.details);
  }

  /** The accelerator repeats what its service said; the service itself does not. */
  private backendError({ details, source }: Readonly<Record<string, unknown>>): readonly Message[] {
    return source === "voicelive" ? [] : [this.messages.error("rate_limit_exceeded", String(details))];
  }

  private readAudio(bytes: Buffer): CallerMessage {
    if (bytes.length !== FRAME_BYTES) this.options.reportAnomaly("frame_size");
    this.heardMs += (bytes.length / 2 / REALTIME_HZ) * 1000;
    return { type: "audio", samples: samplesOf(bytes) };
  }

  /** Today's API refuses a session that does not say its type; the beta has none. */
  private readSession(session: Message): CallerMessage {
    if (this.options.dialect === "beta" || session.type === "realtime")
      return { type: "answered", messages: [this.messages.sessionUpdated(session)] };
    this.options.reportAnomaly("session_type");
    const text = "Missing required parameter: 'session.type'.";
    return { type: "answered", messages: [this.messages.error("missing_required_parameter", text, "session.type")] };
  }

  private readTruncate(itemId: string, audioEndMs: number): CallerMessage {
    const sentMs = this.sentMs.get(itemId);
    if (sentMs !== undefined && audioEndMs <= sentMs)
      return { type: "answered", messages: [this.messages.truncated(itemId, audioEndMs)] };
    this.options.reportAnomaly("truncate");
    const text = `Audio content of ${sentMs ?? 0}ms is already shorter than ${audioEndMs}ms`;
    return { type: "answered", messages: [this.messages.error("invalid_value", text, "audio_end_ms")] };
  }

  private audioTexts(data: string, ms: number, responseId: string): readonly string[] {
    const opening = this.openResponse(responseId).map((message) => JSON.stringify(message));
    const { open } = this;
    if (open === null) return opening;
    this.sentMs.set(open.itemId, (this.sentMs.get(open.itemId) ?? 0) + ms);
    return [...opening, this.messages.audioDelta(open, data)];
  }

  private replyText(responseId: string, text: string): readonly Message[] {
    const opening = this.openResponse(responseId);
    this.transcript = text;
    return this.open === null ? opening : [...opening, this.messages.textDelta(this.open, text)];
  }

  /** The events that open a response, where it is not open. */
  private openResponse(of: string): readonly Message[] {
    if (this.open?.of === of) return [];
    this.open = { ...this.nextResponse(), of };
    this.transcript = "";
    return this.messages.responseCreated(this.open);
  }

  /** Ends a response; opens it before, where nothing of it was sent. */
  private done(of: string, status: string, details: Message | null): readonly Message[] {
    const opening = this.openResponse(of);
    const { open } = this;
    if (open === null) return opening;
    this.open = null;
    const typed = details === null ? null : { type: status, ...details };
    return [...opening, ...this.messages.responseDone(open, status, typed, this.transcript)];
  }

  private functionCall(): readonly Message[] {
    const before = this.open === null ? [] : this.messages.responseDone(this.open, "completed", null, this.transcript);
    this.open = null;
    return [...before, ...this.messages.functionCall(this.nextResponse(), "get_claim_status", '{"claim":"A-4177"}')];
  }

  private userFinal(transcript: string): readonly Message[] {
    const itemId = this.nextUserItem();
    this.utterances += 1;
    return [
      ...this.messages.speechStopped(itemId, this.heardMs),
      this.messages.transcriptCompleted(itemId, transcript),
    ];
  }

  private nextUserItem(): string {
    return `item_user_${this.utterances + 1}`;
  }

  private nextResponse(): ResponseIds {
    this.responses += 1;
    return { responseId: `resp_${this.responses}`, itemId: `item_${this.responses}` };
  }
}
