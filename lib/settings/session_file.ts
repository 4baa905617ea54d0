/** Reads the file of SESSION: the session that a caller of a Realtime API asks for. */

import { encodingProblem, withoutMark } from "../audio/text_file.ts";
import type { Files } from "../audio/utterances.ts";

/** The text of the file, a JSON object; empty where SESSION names none, or where there is a problem. */
export interface SessionFile {
  readonly text: string;
  readonly problems: readonly string[];
}

/** Reads the file. A relative path starts from `workingFolder`; where that is empty, the path is used as it is. */
export function readSession(
  path: string,
  { files, workingFolder }: { files: Files; workingFolder: string },
): SessionFile {
  if (path === "") return { text: "", problems: [] };
  const isAbsolute = path.startsWith("/") || /^[A-Za-z]:[\\/]/.test(path);
  const text = files.text(isAbsolute || workingFolder === "" ? path : `${workingFolder}/${path}`);
  const problem = text === null ? `expected a JSON file, got no file at ${JSON.stringify(path)}` : problemOf(text);
  if (problem !== null || text === null) return { text: "", problems: [`SESSION: ${problem}`] };
  return { text: withoutMark(text), problems: [] };
}

function problemOf(text: string): string | null {
  const encoding = encodingProblem(text);
  if (encoding !== null) return encoding;
  try {
    const parsed: unknown = JSON.parse(withoutMark(text));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) return null;
    return `expected a JSON object, the session of a session.update, got ${JSON.stringify(parsed).slice(0, 40)}`;
  } catch (error) {
    return `expected JSON, got ${String(error)}`;
  }
}
