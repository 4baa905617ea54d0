/**
 * Classifies failures by the fields that report errors: codes, messages, close reasons, handshake answers. It never
 * gets audio, ids or whole messages, where `429` and `end` occur by chance.
 */

import type { Fault, RateSource } from "../conversation/event.ts";

/** The fields of one message that report an error; any of them may be missing or null on the wire. */
export interface ErrorFields {
  readonly code?: unknown;
  readonly message?: unknown;
  readonly details?: unknown;
  /** The part of the agent that failed: llm, voicelive, stt, tts, config, connection. */
  readonly source?: unknown;
}

/**
 * Returns whose quota an error text reports as exceeded, `unknown` where it does not say; null when it reports no
 * throttling.
 */
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

/** Returns the service whose quota a part of the agent uses; null for an unknown part. */
function sourceOfPart(part: unknown): RateSource | null {
  if (part === "llm" || part === "voicelive") return "openai";
  return part === "stt" || part === "tts" ? "speech" : null;
}

/**
 * Returns the fault that an error message reports: throttling where a field reports it, else a server error or a
 * notice.
 */
export function faultOf(fields: ErrorFields): Fault {
  const code = codeOf(fields.code);
  const part = sourceOfPart(fields.source);
  if (code === "RateLimitExceeded" && part !== null) return { kind: "rate_limit", source: part, code };
  const text = [fields.code, fields.message, fields.details].filter(isText).join(" ");
  const source = rateSource(text);
  if (source !== null) return { kind: "rate_limit", source, code };
  // Answers to a cancel that had nothing to cancel: they come at every speech start and do not concern the turn.
  const isHarmless = code === "response_cancel_not_active" || code === "response_cancel_no_active_response";
  return { kind: isHarmless ? "notice" : "server_error", code };
}

/** A failed dial: the HTTP answer to the upgrade, or status 0 and the runtime's error text. */
export interface FailedDial {
  readonly status: number;
  readonly error: string;
  readonly body: string;
}

/**
 * Returns the faults of a failed dial: a `ws_error`, and a `rate_limit` where the status is 429 or the body reports
 * throttling.
 */
export function dialFaults(dial: FailedDial): Fault[] {
  const code = dial.status > 0 ? `http_${dial.status}` : dialError(dial.error);
  const source = dial.status === 429 ? (rateSource(dial.body) ?? "unknown") : rateSource(dial.body);
  const failed: Fault = { kind: "ws_error", code };
  return source === null ? [failed] : [failed, { kind: "rate_limit", source, code }];
}

/** Returns the tag value for the runtime's error text. */
function dialError(text: string): string {
  if (/x509|certificate|tls:|handshake failure/i.test(text)) return "tls";
  if (/no such host|lookup/i.test(text)) return "dns";
  if (/refused/i.test(text)) return "refused";
  if (/timeout|deadline/i.test(text)) return "connect_timeout";
  return /reset|broken pipe|EOF/i.test(text) ? "reset" : "other";
}

/**
 * Returns the fault that a socket's error text reports: the reason of a close, or a broken connection; null when the
 * close code is all that is known. k6 writes a close as `websocket: close 1013: REASON`. Agents of the newest
 * generation (profile g5 of the simulator) write the reason as `CODE: TEXT`.
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

/**
 * Makes a code fit for metrics and records: at most 40 characters, with `_` for any but letters, digits, `_`, `.` and
 * `-`. Returns `unknown` for an empty code, or one that is neither text nor a number.
 */
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
