/** Writes the SSML that is sent to Azure for an utterance. */

import type { UtteranceSpec } from "./conversations.ts";
import { splitAtPauses } from "./voice.ts";

/** Writes an utterance as SSML, with its pauses as breaks. */
export function ssmlOf({ text, language, voice }: UtteranceSpec): string {
  const content = splitAtPauses(text)
    .map((part) => escapeXml(part.text) + (part.pauseMs > 0 ? `<break time="${part.pauseMs}ms"/>` : ""))
    .join("");
  const namespace = "http://www.w3.org/2001/10/synthesis";
  return `<speak version="1.0" xmlns="${namespace}" xml:lang="${language}"><voice name="${voice}">${content}</voice></speak>`;
}

function escapeXml(text: string): string {
  const entities: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
  };
  return text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? character);
}
