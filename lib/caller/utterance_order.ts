/** The order in which one caller speaks the utterances of a conversation. */

/**
 * Returns the indices of the utterances that a caller speaks, in order: all those of one conversation, from the caller's own
 * starting point. Callers (from 0) are assigned to the conversations in turn, and those of one conversation start one
 * utterance apart. `conversations` names the conversation of each utterance.
 */
export function utteranceOrderOf(caller: number, conversations: readonly string[]): number[] {
  // Not a Set: k6 would keep its prototype in each caller.
  const names = conversations.filter((name, index) => conversations.indexOf(name) === index);
  const own = names[caller % names.length];
  const utterances = conversations.flatMap((name, index) => (name === own ? [index] : []));
  const first = Math.floor(caller / names.length) % utterances.length;
  return [...utterances.slice(first), ...utterances.slice(0, first)];
}
