/** Which utterances one caller says, and in which order. It knows only which conversation each utterance is of. */

/**
 * Returns the utterances that a caller says, in order: those of one conversation, from the caller's own place in it.
 * Callers (from 0) are dealt to the conversations in turn, and those of one conversation begin one utterance apart.
 */
export function walkOf(caller: number, conversations: readonly string[]): number[] {
  // Without a Set, which each caller would keep a prototype for.
  const names = conversations.filter((name, index) => conversations.indexOf(name) === index);
  const own = names[caller % names.length];
  const utterances = conversations.flatMap((name, index) => (name === own ? [index] : []));
  const first = Math.floor(caller / names.length) % utterances.length;
  return [...utterances.slice(first), ...utterances.slice(0, first)];
}
