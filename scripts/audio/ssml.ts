/** What is sent to Azure for a line: SSML. */

import type { Line } from "./conversations.ts";
import { partsOf } from "./voice.ts";

/** Writes a line as SSML, its pauses as breaks. */
export function ssmlOf({ text, language, voice }: Line): string {
  const words = partsOf(text)
    .map((part) => escaped(part.words) + (part.pauseMs > 0 ? `<break time="${part.pauseMs}ms"/>` : ""))
    .join("");
  const namespace = "http://www.w3.org/2001/10/synthesis";
  return `<speak version="1.0" xmlns="${namespace}" xml:lang="${language}"><voice name="${voice}">${words}</voice></speak>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
