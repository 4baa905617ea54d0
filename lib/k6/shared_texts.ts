/**
 * The layout of the texts that all callers share in a k6 SharedArray: which index holds what. k6 parses an element at each
 * access and returns a copy, so a caller fetches an element only when it needs it.
 */

/** Index of the caller's configuration, as JSON: each caller keeps it. */
export const CALLER_CONFIG = 0;

/** Index of the plan of the run, as JSON: read once or twice in a run. */
export const RUN_PLAN = 1;

/** Index of the names of the conversations, one for each utterance, as JSON. */
export const CONVERSATIONS = 2;

const FIRST_FILE = 3;

/** The contents of the array, in their order: three values that become JSON, file names, packed pieces. */
export interface SharedTexts {
  readonly callerConfig: unknown;
  readonly runPlan: unknown;
  readonly conversations: readonly string[];
  readonly files: readonly string[];
  readonly pieces: readonly string[];
}

/** Lays the contents out as the elements of the array. */
export function layOutTexts({ callerConfig, runPlan, conversations, files, pieces }: SharedTexts): string[] {
  return [...[callerConfig, runPlan, conversations].map((content) => JSON.stringify(content)), ...files, ...pieces];
}

/** Index of the file name of an utterance. */
export function fileIndex(utterance: number): number {
  return FIRST_FILE + utterance;
}

/** Index of the first packed piece, after the file names of `utterances` utterances. */
export function firstPieceIndex(utterances: number): number {
  return FIRST_FILE + utterances;
}
