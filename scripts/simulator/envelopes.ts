/**
 * The session envelopes of profile g5, as large and as full of ids, time stamps, `sender` and `is_final` as the
 * real ones. They are shapes: nothing here knows when they are sent.
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

/** What the agent says in its `index`-th sentence. */
export function sentence(index: number): string {
  return SENTENCES[index % SENTENCES.length] ?? "";
}

/** Makes the envelopes of one session. */
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

  partial(turnId: string, words: number): Message {
    const content = `I would like to ${"know more ".repeat(words)}`.trim();
    const type = "stt_partial";
    const context = { speaker_id: null, session_id: this.sessionId, is_final: false, timestamp: stamp() };
    const data = { type: "streaming", streaming_type: type, content, language: "en-US", ...context, turn_id: turnId };
    return this.wrap("event", "STT", { event_type: type, data: { ...data, sequence: this.next() } });
  }

  userFinal(turnId: string): Message {
    const content = "I would like to know more about my claim.";
    const ids = { turn_id: null, response_id: null, sequence: this.next() };
    const body = { type: "user", sender: "User", message: content, content, streaming: false, status: "completed" };
    return this.wrap("event", "User", { ...body, ...ids, segment_id: turnId });
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

  assistantFinal(turnId: string, content: string): Message {
    const body = { type: "assistant", message: content, content, streaming: false, ...this.reply(turnId, "completed") };
    return this.wrap("event", AGENT, { ...body, content_mode: "final_turn" });
  }

  assistantCancelled(turnId: string): Message {
    const body = { type: "assistant_cancelled", message: "", content: "", streaming: false };
    return this.wrap("event", AGENT, { ...body, ...this.reply(turnId, "cancelled"), cancel_reason: "barge_in" });
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

  private reply(turnId: string, status: string): Message {
    const ids = { turn_id: turnId, response_id: turnId, status, segment_id: `${turnId}-0`, sequence: this.next() };
    const who = { sender: AGENT, active_agent: AGENT, active_agent_label: LABEL, speaker: AGENT };
    return { ...ids, ...who, run_id: turnId.replaceAll("-", "") };
  }

  private wrap(type: string, sender: string, payload: Message, topic = "session"): Message {
    const ids = { session_id: this.sessionId, call_id: null, user_id: null };
    const context = { session_id: this.sessionId, restricted_to_session: true, timestamp: Date.now() / 1000 };
    return { type, topic, ...ids, sender, ts: stamp(), payload, speaker_id: sender, session_context: context };
  }

  private next(): number {
    this.sequence += 1;
    return this.sequence;
  }
}

function stamp(): string {
  return new Date().toISOString().replace("Z", "123+00:00");
}
