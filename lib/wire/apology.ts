/** Recognises the fixed sentences with which an agent says that it cannot answer. */

import type { Fault } from "../conversation/event.ts";

/**
 * Returns the fault that the text of a reply reports; null when it is an answer, or no string. Agents send and speak
 * these sentences when their language model failed. Curly apostrophes are accepted.
 */
export function apologyFault(text: unknown): Fault | null {
  if (typeof text !== "string") return null;
  const sentence = text.trim().replaceAll("\u2019", "'");
  if (sentence.startsWith("I'm sorry, I'm a little overloaded right now. Could you try again?"))
    return { kind: "rate_limit", source: "openai", code: "apology" };
  return sentence.startsWith("I apologize, I encountered an error processing your request.")
    ? { kind: "apology", code: "llm_error" }
    : null;
}
