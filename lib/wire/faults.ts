/**
 * Names what went wrong from the fields that bear errors: codes, messages, close reasons, handshake answers.
 * It is never handed audio, ids or whole messages, where `429` and `end` turn up by chance.
 */

import type { Fault, RateSource } from "../conversation/event.ts";

/** The error-bearing fields of one message; any of them may be missing or null on the wire. */
export interface ErrorFields {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly details?: unknown;
  /** Which part of the agent failed: llm, voicelive, stt, tts, config, connection. */
  readonly source?: unknown;
}

/** Whose quota an error text speaks of; null when it speaks of no throttling. */
export function rateSource(text: string): RateSource | null {
  const evidence =
    /\b429\b|\b4429\b|rate.?limit|too many requests|throttl|quota|tokens per min|requests per (min|day)|retry after \d|try again in \d|concurrent request limit|peak load|resourceexhausted|speech\b.*\blimit/i;
  const speech =
    /\b4429\b|speech|recognizer|synthesi|concurrent request limit|usp state|quota exceeded|websocket upgrade failed|throttled due to too many requests|resourceexhausted/i;
  const openai =
    /rate.?limit|chatcompletions|embeddings_create|chat message operation|pricing tier|\btpm\b|\brpm\b|tokens per min|requests per (min|day)|peak load|gpt-|openai|aoai|deployment|insufficient_quota|current quota|realtime/i;
  if (!evidence.test(text)) return null;
  if (speech.test(text)) return "speech";
  return openai.test(text) ? "openai" : "unknown";
}

/** Whose quota a part of the agent uses up; null when the part is none that we know. */
function sourceOfPart(part: unknown): RateSource | null {
  if (part === "llm" || part === "voicelive") return "openai";
  return part === "stt" || part === "tts" ? "speech" : null;
}

/** Names the fault that an error message reports. */
export function faultOf(fields: ErrorFields): Fault {
  const code = codeOf(fields.code);
  const part = sourceOfPart(fields.source);
  if (code === "RateLimitExceeded" && part !== null) return { kind: "rate_limit", source: part, code };
  const text = [fields.code, fields.message, fields.details].filter(isText).join(" ");
  const source = rateSource(text);
  if (source !== null) return { kind: "rate_limit", source, code };
  // Answers to a cancel that had nothing to cancel: they come at every speech start and say nothing about the turn.
  const isHarmless = code === "response_cancel_not_active" || code === "response_cancel_no_active_response";
  return { kind: isHarmless ? "notice" : "server_error", code };
}

/** What a failed dial looked like: an HTTP answer, or status 0 and the runtime's error text. */
export interface FailedDial {
  readonly status: number;
  readonly error: string;
  readonly body: string;
}

/** Names how a dial failed, and whose throttling it was where it was one. */
export function dialFaults(dial: FailedDial): Fault[] {
  const code = dial.status > 0 ? `http_${dial.status}` : dialError(dial.error);
  const source = dial.status === 429 ? (rateSource(dial.body) ?? "unknown") : rateSource(dial.body);
  const failed: Fault = { kind: "ws_error", code };
  return source === null ? [failed] : [failed, { kind: "rate_limit", source, code }];
}

function dialError(text: string): string {
  if (/x509|certificate|tls:|handshake failure/i.test(text)) return "tls";
  if (/no such host|lookup/i.test(text)) return "dns";
  if (/refused/i.test(text)) return "refused";
  if (/timeout|deadline/i.test(text)) return "connect_timeout";
  return /reset|broken pipe|EOF/i.test(text) ? "reset" : "other";
}

/**
 * Names what a socket's error text reports: the reason of a close, or a broken connection; null when the close
 * code says it all. k6 words a close as `websocket: close 1013: REASON`; G5 agents word a reason as `CODE: TEXT`.
 */
export function socketFault(error: string): Fault | null {
  const close = /websocket: close (\d+)(?: \([^)]*\))?(?:: (.*))?$/s.exec(error);
  if (close === null) return { kind: "ws_error", code: /reset|broken pipe|EOF/i.test(error) ? "reset" : "other" };
  const reason = close[2] ?? "";
  const source = rateSource(reason);
  if (source !== null) return { kind: "rate_limit", source, code: codeOf(close[1]) };
  const named = /^([A-Za-z]\w+): /.exec(reason);
  return named === null ? null : { kind: "server_error", code: codeOf(named[1]) };
}

/** Shortens a code to what may stand in metrics and records; `unknown` when there is none. */
export function codeOf(code: unknown): string {
  if (typeof code !== "string" && typeof code !== "number") return "unknown";
  const clean = String(code)
    .replaceAll(/[^A-Za-z0-9_.-]/g, "_")
    .slice(0, 40);
  return clean === "" ? "unknown" : clean;
}

function isText(value: unknown): value is string | number {
  return typeof value === "string" || typeof value === "number";
}
