/** What callers say: reads `audio/conversations/*.json` and checks every word of it. */

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One thing that a caller says. */
export interface Line {
  readonly conversation: string;
  /** Its place in the conversation, from 1. */
  readonly turn: number;
  readonly text: string;
  /** The offline voice that speaks it. */
  readonly offlineVoice: string;
}

/** Reads all conversations of a folder in the order of their file names. Throws one error that names every problem. */
export async function readConversations(folder: string): Promise<Line[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".json")).sort();
  const problems: string[] = [];
  const lines: Line[] = [];
  for (const file of files) {
    const read = readConversation(await readFile(join(folder, file), "utf8"));
    if (Array.isArray(read)) lines.push(...read);
    else problems.push(`${join(folder, file)}: ${read.problem}`);
  }
  if (files.length === 0) problems.push(`${folder}: expected at least one .json file, got none`);
  if (problems.length > 0) throw new Error(problems.join("\n"));
  return lines;
}

function readConversation(text: string): Line[] | { problem: string } {
  let json: Record<string, unknown>;
  try {
    json = JSON.parse(text) as Record<string, unknown>;
  } catch (error) {
    return { problem: `expected JSON, got ${String(error)}` };
  }
  const { name, offline_voice: offlineVoice = "slt", turns } = json;
  if (typeof name !== "string") return { problem: `name: expected text, got ${JSON.stringify(name)}` };
  if (typeof offlineVoice !== "string")
    return { problem: `offline_voice: expected text, got ${JSON.stringify(offlineVoice)}` };
  if (!Array.isArray(turns) || turns.length === 0)
    return { problem: `turns: expected a list, got ${JSON.stringify(turns)}` };
  const wrong = turns.findIndex((turn) => typeof turn?.text !== "string" || turn.text.trim() === "");
  if (wrong >= 0) return { problem: `turns[${wrong}].text: expected words, got ${JSON.stringify(turns[wrong])}` };
  return turns.map(({ text: said }, index) => ({ conversation: name, turn: index + 1, text: said, offlineVoice }));
}
