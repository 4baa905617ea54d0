/** What went wrong with a synthesis: read from the words of the service and its SDK, and told without any secret. */

/**
 * `refused`: asking again is pointless for every line; `rejected`: for this line; `throttled` and `broken`: it is not.
 */
export type FailureKind = "refused" | "rejected" | "throttled" | "broken";

/** A synthesis that failed. Its message holds no URL, because the SDK writes the key into those. */
export class SpeechFailure extends Error {
  readonly kind: FailureKind;
  /** How long the service asked to wait, in seconds; 0 when it did not say. */
  readonly hintSec: number;

  constructor(kind: FailureKind, message: string, hintSec = 0) {
    super(message);
    this.name = "SpeechFailure";
    this.kind = kind;
    this.hintSec = hintSec;
  }
}

/** Codes and words, the more telling ones first. A quota comes with 1007, as a wrong voice does. */
const KINDS: readonly (readonly [FailureKind, RegExp])[] = [
  ["throttled", /\b4?429\b|throttl|too many requests|quota/i],
  ["refused", /\b4?40[13]\b|unauthori[sz]ed|forbidden|authenticat|credential/i],
  ["rejected", /\b1007\b|\b400\b|bad ?request/i],
];

const SAID: Readonly<Record<FailureKind, string>> = {
  refused: "the service refused the key or token",
  rejected: "the service rejected the voice or the text",
  throttled: "the service is throttling",
  broken: "the connection failed",
};

/** Reads the text of an error; `secrets` are masked in it, wherever they stand. */
export function failureOf(error: unknown, secrets: readonly string[]): SpeechFailure {
  if (error instanceof SpeechFailure) return error;
  const text = withoutSecrets(error instanceof Error ? error.message : String(error), secrets);
  const kind = KINDS.find(([, words]) => words.test(text))?.[0] ?? "broken";
  return new SpeechFailure(kind, `${SAID[kind]}: ${text}`, hintSecOf(text));
}

/** Replaces URLs, which carry keys in their queries, and every secret in the ways in which it may be written. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  let masked = text.replaceAll(/\b(?:wss?|https?):\/\/[^\s'"<>]+/gi, "the service");
  masked = masked.replaceAll(
    /\b(Ocp-Apim-Subscription-Key|Authorization)(["']?\s*[=:]\s*["']?)(?:Bearer\s+)?[^\s&"']+/gi,
    "$1$2***",
  );
  for (const secret of secrets.filter((each) => each !== "")) {
    for (const written of [secret, encodeURIComponent(secret)]) masked = masked.replaceAll(written, "***");
  }
  return masked.replaceAll(/\s+/g, " ").trim().slice(0, 300);
}

/** Finds `retry after 3 s`, `Retry-After: 3`, `try again in 1500 ms`. */
function hintSecOf(text: string): number {
  const match = /(?:retry|try again|wait)\D{0,20}?(\d+(?:\.\d+)?)\s*(ms\b|milliseconds?|m(?:in(?:ute)?s?)?\b)?/i.exec(
    text,
  );
  if (match === null) return 0;
  const unit = match[2]?.toLowerCase() ?? "";
  const factor = unit === "ms" || unit.startsWith("milli") ? 0.001 : unit.startsWith("m") ? 60 : 1;
  return Number(match[1]) * factor;
}
