/**
 * Defines a voice, which synthesises utterances as PCM, and implements the offline one. Voices write no files and
 * never retry.
 */

import { findSpeech } from "../../lib/audio/pcm.ts";
import type { UtteranceSpec } from "./conversations.ts";
import { FLITE_RATE_HZ, Flite } from "./flite.ts";

/** Synthesises utterances. */
export interface Voice {
  /** The source of the audio, as it is printed. */
  readonly source: "azure" | "offline";
  /** The sample rate of its audio, in Hz. */
  readonly rateHz: number;
  /** The name, for the manifest, of the voice that speaks an utterance. */
  nameOf(utterance: UtteranceSpec): string;
  /** Why this voice cannot speak an utterance; null when it can. */
  unsupportedReason(utterance: UtteranceSpec): string | null;
  /** Returns 16-bit mono PCM. Rejects when the synthesis fails, or when `signal` aborts. */
  speak(utterance: UtteranceSpec, signal: AbortSignal): Promise<Buffer>;
}

/** A part of a text without pauses, and the pause after it. */
export interface TextPart {
  readonly text: string;
  /** 0 after the last part. */
  readonly pauseMs: number;
}

/** Splits a text at its pauses: `Well [600ms] maybe` is two parts. */
export function splitAtPauses(text: string): TextPart[] {
  const pieces = text.split(/\[(\d+)ms\]/);
  return pieces.flatMap((piece, index) =>
    index % 2 === 0 ? [{ text: piece.trim(), pauseMs: Number(pieces[index + 1] ?? 0) }] : [],
  );
}

/** The voice of Flite, which needs neither key nor network. */
export class OfflineVoice implements Voice {
  readonly source = "offline";
  readonly rateHz = FLITE_RATE_HZ;
  private readonly flite = new Flite();

  nameOf(utterance: UtteranceSpec): string {
    return `flite/${utterance.offlineVoice}`;
  }

  unsupportedReason({ language }: UtteranceSpec): string | null {
    return /^en(-|$)/.test(language) ? null : `the offline voice speaks English only, not ${language}`;
  }

  async speak({ text, offlineVoice }: UtteranceSpec): Promise<Buffer> {
    const audio: Buffer[] = [];
    const parts = splitAtPauses(text);
    for (const [index, part] of parts.entries()) {
      const pcm = await this.flite.speak(part.text, offlineVoice);
      audio.push(trimSilence(pcm, index > 0, index < parts.length - 1), silence(part.pauseMs));
    }
    return Buffer.concat(audio);
  }
}

/** Removes Flite's own silence next to a pause, so that the pause has the length in the text. */
function trimSilence(pcm: Buffer, cutStart: boolean, cutEnd: boolean): Buffer {
  const speech = findSpeech(new Int16Array(new Uint8Array(pcm).buffer), FLITE_RATE_HZ);
  if (speech === null) return pcm;
  return pcm.subarray(cutStart ? speech.start * 2 : 0, cutEnd ? speech.end * 2 : pcm.length);
}

function silence(ms: number): Buffer {
  return Buffer.alloc(((FLITE_RATE_HZ * ms) / 1000) * 2);
}
