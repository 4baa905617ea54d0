/** Classifies failures of the speech service by the error texts of the SDK, and removes secrets from those texts. */

/**
 * `refused`: a retry is pointless for all utterances; `rejected`: for this utterance; `throttled` and `broken`: a retry
 * may succeed.
 */
export type FailureKind = "refused" | "rejected" | "throttled" | "broken";

/** A failed synthesis. Its message holds no URL, since the SDK puts the key into URLs. */
export class SpeechFailure extends Error {
  readonly kind: FailureKind;
  /** How long to wait according to the service, in seconds; 0 when it did not say. */
  readonly hintSec: number;

  constructor(kind: FailureKind, message: string, hintSec = 0) {
    super(message);
    this.name = "SpeechFailure";
    this.kind = kind;
    this.hintSec = hintSec;
  }
}

/** Patterns in the order of their precedence: an exceeded quota has the close code 1007 too, as a wrong voice has. */
const PATTERNS: readonly (readonly [FailureKind, RegExp])[] = [
  ["throttled", /\b4?429\b|throttl|too many requests|quota/i],
  ["refused", /\b4?40[13]\b|unauthori[sz]ed|forbidden|authenticat|credential/i],
  ["rejected", /\b1007\b|\b400\b|bad ?request/i],
];

const MESSAGES: Readonly<Record<FailureKind, string>> = {
  refused: "the service refused the key or token",
  rejected: "the service rejected the voice or the text",
  throttled: "the service is throttling",
  broken: "the connection failed",
};

/** Classifies an error by its text. All occurrences of `secrets` are masked in the message. */
export function classifyFailure(error: unknown, secrets: readonly string[]): SpeechFailure {
  if (error instanceof SpeechFailure) return error;
  const text = withoutSecrets(error instanceof Error ? error.message : String(error), secrets);
  const kind = PATTERNS.find(([, pattern]) => pattern.test(text))?.[0] ?? "broken";
  return new SpeechFailure(kind, `${MESSAGES[kind]}: ${text}`, hintSecOf(text));
}

/** Replaces URLs, which hold keys in their queries, and each secret, also in its URL-encoded form. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let masked = text.replaceAll(/\b(?:wss?|https?):\/\/[^\s'"<>]+/gi, "the service");
  masked = masked.replaceAll(
    /\b(Ocp-Apim-Subscription-Key|Authorization)(["']?\s*[=:]\s*["']?)(?:Bearer\s+)?[^\s&"']+/gi,
    "$1$2***",
  );
  for (const secret of secrets.filter((each) => each !== "")) {
    for (const form of [secret, encodeURIComponent(secret)]) masked = masked.replaceAll(form, "***");
  }
  return masked.replaceAll(/\s+/g, " ").trim().slice(0, 300);
}

/** Parses `retry after 3 s`, `Retry-After: 3`, `try again in 1500 ms`; seconds. */
function hintSecOf(text: string): number {
  const match = /(?:retry|try again|wait)\D{0,20}?(\d+(?:\.\d+)?)\s*(ms\b|milliseconds?|m(?:in(?:ute)?s?)?\b)?/i.exec(
    text,
  );
  if (match === null) return 0;
  const unit = match[2]?.toLowerCase() ?? "";
  const factor = unit === "ms" || unit.startsWith("milli") ? 0.001 : unit.startsWith("m") ? 60 : 1;
  return Number(match[1]) * factor;
}
