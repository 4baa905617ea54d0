/** The words with which an agent says that it cannot answer. */

import type { Fault } from "../conversation/event.ts";

/**
 * Returns the failure that a reply text confesses, or null when it is an answer. These are the words that an agent says, in
 * text or speech, when its language model failed.
 */
export function apologyFault(text: unknown): Fault | null {
  if (typeof text !== "string") return null;
  const said = text.trim().replaceAll("\u2019", "'");
  if (said.startsWith("I'm sorry, I'm a little overloaded right now. Could you try again?"))
    return { kind: "rate_limit", source: "openai", code: "apology" };
  return said.startsWith("I apologize, I encountered an error processing your request.")
    ? { kind: "apology", code: "llm_error" }
    : null;
}
