/**
 * The shelf: the texts that all callers share (k6's SharedArray), and where each of them lies. What a caller fetches is its own
 * copy, so it fetches what it needs just then.
 */

/** What every caller keeps. */
export const DESK = 0;

/** What is looked at once or twice a run. */
export const CABINET = 1;

/** Which conversation each utterance is of. */
export const CONVERSATIONS = 2;

const FIRST_FILE = 3;

/** What goes onto the shelf, in the order in which it lies there: JSON, names of files, packed pieces. */
export interface Shelved {
  readonly desk: unknown;
  readonly cabinet: unknown;
  readonly conversations: readonly string[];
  readonly files: readonly string[];
  readonly pieces: readonly string[];
}

/** Fills the shelf. */
export function shelve({ desk, cabinet, conversations, files, pieces }: Shelved): string[] {
  return [...[desk, cabinet, conversations].map((content) => JSON.stringify(content)), ...files, ...pieces];
}

/** Where the name of an utterance's file lies. */
export function placeOfFile(utterance: number): number {
  return FIRST_FILE + utterance;
}

/** Where the pieces begin, behind the files of so many utterances. */
export function placeOfPieces(utterances: number): number {
  return FIRST_FILE + utterances;
}
