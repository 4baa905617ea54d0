/**
 * Makes the agent's JSON messages: session envelopes and errors. They are as large as the real ones of g5 and have the same
 * ids, time stamps, `sender` and `is_final`. When they are sent is decided elsewhere.
 */

/** A message to the caller. */
export type Message = Readonly<Record<string, unknown>>;

const AGENT = "Concierge";
const LABEL = "Insurance Concierge";

const SENTENCES = [
  "Of course, I can help you with that right away.",
  "Your claim is with our assessor and should be decided by the end of the week.",
  "I have sent the confirmation to the address that we have on file.",
  "Is there anything else that I can do for you today?",
];

/** Apologies that agents give instead of an answer: before g5 as text without audio, since g5 as speech. */
export const APOLOGIES = {
  silent: "I apologize, I encountered an error processing your request.",
  overloaded: "I'm sorry, I'm a little overloaded right now. Could you try again?",
} as const;

/** The error texts of providers that throttle: of a language model and of a speech service. */
export const PROVIDER_TEXTS = {
  model:
    "HTTP 429 (429) Requests to the ChatCompletions_Create Operation under Azure OpenAI API have exceeded token rate limit of your current OpenAI S0 pricing tier. Please retry after 20 seconds.",
  speech:
    "Error code: 4429. Error details: The request is throttled because you have exceeded the concurrent request limit allowed for your sub USP state: TurnStarted.",
} as const;

/** The text of the agent's `index`-th sentence. */
export function sentence(index: number): string {
  return SENTENCES[index % SENTENCES.length] ?? "";
}

/** Makes the messages of one session. */
export class Envelopes {
  private readonly sessionId: string;
  private sequence = 0;

  constructor(sessionId: string) {
    this.sessionId = sessionId;
  }

  inventory(): Message {
    const agents = ["Concierge", "AuthAgent", "FNOLAgent", "ClaimsSpecialist", "PolicyAdvisor", "SubroAgent"];
    const described = agents.map((name, index) => ({
      name,
      description: `${name} handles its part of the caller's request and hands off with handoff_${name.toLowerCase()}.`,
      greeting: true,
      return_greeting: true,
      tool_count: 5 + index,
      tools_preview: ["search_knowledge_base", "get_claim_status", "send_email_confirmation", "escalate_human"],
      handoff_trigger: `handoff_${name.toLowerCase()}`,
      model: "gpt-4o",
      voice: "en-US-AvaMultilingualNeural",
    }));
    const handoffs = Object.fromEntries(agents.map((name) => [`handoff_${name.toLowerCase()}`, name]));
    const type = "agent_inventory";
    const payload = { type, event_type: type, source: "unified", scenario: null, start_agent: AGENT, agent_count: 6 };
    return this.wrap("event", "System", { ...payload, agents: described, handoff_map: handoffs }, "dashboard");
  }

  greeting(): Message {
    const text = "Hello, you have reached your insurance. How can I help you today?";
    const body = { content: text, message: text, streaming: false };
    return { ...this.wrap("assistant", AGENT, body), speaker: AGENT, message: text };
  }

  cascadeReady(): Message {
    const message = "Custom cascade orchestration connected";
    return this.ready("speech_cascade_connected", { message, streaming_type: "speech_cascade", timestamp: isoTime() });
  }

  /** `asEvent`: the form of the generations after g2. */
  voiceLiveReady(asEvent: boolean): Message {
    const data = { message: "Voice Live orchestration connected", timestamp: isoTime() };
    if (!asEvent) return this.wrap("status", "System", data);
    return this.ready("voice_live_connected", { ...data, streaming_type: "voice_live" });
  }

  agentChange(): Message {
    const names = {
      agent_name: AGENT,
      agent_label: LABEL,
      previous_agent: null,
      voice_name: "en-US-AvaMultilingualNeural",
    };
    const payload = { event_type: "agent_change", ...names, voice_style: "chat", voice_rate: "+0%" };
    return this.wrap("event", "System", { ...payload, message: `Switched to ${AGENT}` });
  }

  /** As large as the real one: it carries the agent's whole instructions, with words such as "speech limit" and "429". */
  sessionUpdated(transport: "acs" | "realtime"): Message {
    const rule = "Never exceed the speech limit of two sentences; at 429 or throttled requests apologise and end. ";
    const session = { instructions: rule.repeat(60), input_audio_transcription: { model: "azure-speech" } };
    const detection = { type: "azure_semantic_vad", threshold: 0.5, silence_duration_ms: 700 };
    const payload = { event_type: "session_updated", agent_label: LABEL, agent_name: AGENT, transport, session };
    return this.wrap("event", "System", { ...payload, message: `Active agent: ${AGENT}`, turn_detection: detection });
  }

  /** A user message without text: VoiceLive sends it at the start of speech. */
  userOpened(turnId: string): Message {
    const body = { type: "user", message: "", content: "", streaming: true, turn_id: turnId, response_id: turnId };
    return this.wrap("event", "User", { ...body, status: "streaming" });
  }

  voiceLivePartial(turnId: string, words: number, mode: "delta" | "snapshot"): Message {
    const content = mode === "delta" ? "know more " : `I would like to ${"know more ".repeat(words)}`.trim();
    const body = { type: "user", message: "...", content, streaming: true, turn_id: turnId, response_id: turnId };
    if (mode === "delta") return this.wrap("event", "User", body);
    const textMode = {
      streaming_type: "stt_partial",
      content_mode: mode,
      sequence: this.nextSequence(),
      is_final: false,
    };
    return this.wrap("event", "User", { ...body, ...textMode, source: "voicelive" });
  }

  /** The text of the `index`-th sentence; a snapshot also has those before it. */
  voiceLiveReplyText(responseId: string, index: number, mode: "delta" | "snapshot"): Message {
    const first = mode === "delta" ? index : 0;
    const content = Array.from({ length: index - first + 1 }, (_, at) => sentence(first + at)).join(" ");
    const body = { content, streaming: true, message: content, ...this.reply(responseId, "streaming") };
    const textMode = mode === "delta" ? {} : { content_mode: mode, is_final: false };
    return { ...this.wrap("assistant_streaming", AGENT, { ...body, ...textMode }), message: content, speaker: AGENT };
  }

  /** VoiceLive's error for a cancel that had nothing to cancel. */
  nothingToCancel(): Message {
    return this.errorData("response_cancel_not_active", "Cancellation failed: no active response found");
  }

  /** An error of the VoiceLive service, as the backend relays it. */
  errorData(code: string | null, message: string): Message {
    return { kind: "ErrorData", errorData: { code, message } };
  }

  /** The structured error of g5. */
  error(code: string, source: string, details: string): Message {
    const message =
      code === "RateLimitExceeded" ? "The request was throttled or the deployment is out of quota." : code;
    const body = { error_message: message, error_type: code, code, message, content: message, details };
    return this.wrap("error", "System", {
      ...body,
      remediation: "Try again.",
      source,
      fatal: false,
      timestamp: isoTime(),
    });
  }

  /** The status message of a crash in the turn router before g5. */
  crash(): Message {
    const message = "\u274c Assistant ran into an unexpected error";
    return this.wrap("status", "System", { message, statusTone: "error", statusCaption: "KeyError: 'choices'" });
  }

  /** Cascade's partial. It is numbered when it has a turn id. */
  partial(turnId: string | null, words: number): Message {
    const content = `I would like to ${"know more ".repeat(words)}`.trim();
    const type = "stt_partial";
    const context = { speaker_id: null, session_id: this.sessionId, is_final: false, timestamp: isoTime() };
    const data = { type: "streaming", streaming_type: type, content, language: "en-US", ...context };
    const numbers = turnId === null ? {} : { turn_id: turnId, sequence: this.nextSequence() };
    return this.wrap("event", "STT", { event_type: type, data: { ...data, ...numbers } });
  }

  /** The user final. Before g5, cascade's finals have no id. */
  userFinal(turnId: string | null): Message {
    const content = "I would like to know more about my claim.";
    const ids = { turn_id: turnId, response_id: turnId };
    const body = { type: "user", sender: "User", message: content, content, streaming: false, status: "completed" };
    return this.wrap("event", "User", { ...body, ...ids });
  }

  assistantStreaming(turnId: string, content: string): Message {
    const body = {
      content,
      streaming: true,
      message: content,
      ...this.reply(turnId, "streaming"),
      content_mode: "delta",
    };
    return { ...this.wrap("assistant_streaming", AGENT, body), message: content, speaker: AGENT };
  }

  /** The structured end of a reply. */
  assistantFinal(turnId: string, content: string): Message {
    const body = { type: "assistant", message: content, content, streaming: false, ...this.reply(turnId, "completed") };
    return this.wrap("event", AGENT, { ...body, content_mode: "final_turn" });
  }

  /** The structured end of a reply that failed. */
  assistantFailed(turnId: string, content: string, code: string): Message {
    const body = { type: "assistant", message: content, content, streaming: false, ...this.reply(turnId, "error") };
    return this.wrap("event", AGENT, { ...body, error: JSON.stringify({ code, source: "llm" }) });
  }

  assistantCancelled(turnId: string, reason: "barge_in" | "user_barge_in"): Message {
    const body = { type: "assistant_cancelled", message: "", content: "", streaming: false };
    return this.wrap("event", AGENT, { ...body, ...this.reply(turnId, "cancelled"), cancel_reason: reason });
  }

  toolStart(callId: string): Message {
    const run = { tool: "get_claim_status", call_id: callId, arguments: { claim: "A-4177" } };
    return { type: "tool_start", ...run, timestamp: Date.now() / 1000, session_id: this.sessionId };
  }

  toolEnd(callId: string, durationMs: number): Message {
    const run = { tool: "get_claim_status", call_id: callId, status: "success", result: { state: "in review" } };
    const times = { timestamp: Date.now() / 1000, duration_ms: durationMs };
    return { type: "tool_end", ...run, ...times, session_id: this.sessionId };
  }

  private ready(type: string, data: Message): Message {
    return this.wrap("event", "System", { event_type: type, data });
  }

  private reply(turnId: string, status: string): Message {
    const ids = {
      turn_id: turnId,
      response_id: turnId,
      status,
      segment_id: `${turnId}-0`,
      sequence: this.nextSequence(),
    };
    const who = { sender: AGENT, active_agent: AGENT, active_agent_label: LABEL, speaker: AGENT };
    return { ...ids, ...who, run_id: turnId.replaceAll("-", "") };
  }

  private wrap(type: string, sender: string, payload: Message, topic = "session"): Message {
    const ids = { session_id: this.sessionId, call_id: null, user_id: null };
    const context = { session_id: this.sessionId, restricted_to_session: true, timestamp: Date.now() / 1000 };
    return { type, topic, ...ids, sender, ts: isoTime(), payload, speaker_id: sender, session_context: context };
  }

  private nextSequence(): number {
    this.sequence += 1;
    return this.sequence;
  }
}

function isoTime(): string {
  return new Date().toISOString().replace("Z", "123+00:00");
}
