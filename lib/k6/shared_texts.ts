/**
 * The layout of the texts that all callers share in a k6 SharedArray: which index holds what. A caller fetches a text only
 * when it needs it, because what it fetches may be a copy (`textReader`).
 */

/** Index of the caller's configuration, as JSON: each caller keeps it. */
export const CALLER_CONFIG = 1;

/** Index of the plan of the run, as JSON: read once or twice in a run. */
export const RUN_PLAN = 2;

/** Index of the names of the conversations, one for each utterance, as JSON. */
export const CONVERSATIONS = 3;

const FIRST_FILE = 4;

/** The text before the first one: shows how the array hands texts over. */
const EMPTY = "";

/** The contents of the array, in their order: three values that become JSON, file names, packed pieces. */
export interface SharedTexts {
  readonly callerConfig: unknown;
  readonly runPlan: unknown;
  readonly conversations: readonly string[];
  readonly files: readonly string[];
  readonly pieces: readonly string[];
}

/** Returns the text with an index; undefined beyond the last one. */
export type TextAt = (index: number) => string | undefined;

/** Lays the contents out as the elements of the array. */
export function layOutTexts({ callerConfig, runPlan, conversations, files, pieces }: SharedTexts): string[] {
  const values = [callerConfig, runPlan, conversations].map((content) => JSON.stringify(content));
  return [EMPTY, ...values, ...files, ...pieces];
}

/** Reads an array that hands over either the texts themselves or the JSON of each, which is a text in quotes. */
export function textReader(array: readonly string[]): TextAt {
  if (array[0] === EMPTY) return (index) => array[index];
  return (index) => {
    const json = array[index];
    if (json === undefined) return undefined;
    return json.includes("\\") ? (JSON.parse(json) as string) : json.slice(1, -1);
  };
}

/** Index of the file name of an utterance. */
export function fileIndex(utterance: number): number {
  return FIRST_FILE + utterance;
}

/** Index of the first packed piece, after the file names of `utterances` utterances. */
export function firstPieceIndex(utterances: number): number {
  return FIRST_FILE + utterances;
}
