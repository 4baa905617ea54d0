/** Reads text files in Node. */

import { readFileSync } from "node:fs";

import { encodingProblem, withoutMark } from "../../lib/audio/text_file.ts";

/** Reads a text file without its byte order mark. Throws an error that names the file where it is not UTF-8. */
export function readTextFile(path: string): string {
  const text = readFileSync(path, "utf8");
  const problem = encodingProblem(text);
  if (problem !== null) throw new Error(`${path}: ${problem}`);
  return withoutMark(text);
}
