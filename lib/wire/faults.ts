/**
 * Classifies what agents report as errors, by the fields that report them: codes, messages, close reasons. It never
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
