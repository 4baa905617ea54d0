/** What every voice is, and the offline one. A voice turns one line into PCM; it knows no folder and never retries. */

import { findSpeech } from "../../lib/audio/pcm.ts";
import type { Line } from "./conversations.ts";
import { FLITE_RATE_HZ, Flite } from "./flite.ts";

/** Something that speaks lines. */
export interface Voice {
  /** Where its audio comes from, for people. */
  readonly source: "azure" | "offline";
  /** The rate of its audio, in Hz. */
  readonly rateHz: number;
  /** What the manifest calls the voice that speaks a line. */
  nameOf(line: Line): string;
  /** Why it cannot speak a line at all, or null. */
  refusal(line: Line): string | null;
  /** Returns 16-bit mono PCM. Rejects when the line could not be spoken, or when `signal` aborts. */
  speak(line: Line, signal: AbortSignal): Promise<Buffer>;
}

/** A stretch of words, and the pause after it. */
export interface Part {
  readonly words: string;
  /** 0 after the last words. */
  readonly pauseMs: number;
}

/** Splits a text at its pauses: `Well [600ms] maybe` is two parts. */
export function partsOf(text: string): Part[] {
  const pieces = text.split(/\[(\d+)ms\]/);
  return pieces.flatMap((words, index) =>
    index % 2 === 0 ? [{ words: words.trim(), pauseMs: Number(pieces[index + 1] ?? 0) }] : [],
  );
}

/** The voice that needs neither key nor network. */
export class OfflineVoice implements Voice {
  readonly source = "offline";
  readonly rateHz = FLITE_RATE_HZ;
  private readonly flite = new Flite();

  nameOf(line: Line): string {
    return `flite/${line.offlineVoice}`;
  }

  refusal({ language }: Line): string | null {
    return /^en(-|$)/.test(language) ? null : `the offline voice speaks English only, not ${language}`;
  }

  async speak({ text, offlineVoice }: Line): Promise<Buffer> {
    const spoken: Buffer[] = [];
    const parts = partsOf(text);
    for (const [index, { words, pauseMs }] of parts.entries()) {
      const pcm = await this.flite.speak(words, offlineVoice);
      spoken.push(inner(pcm, index > 0, index < parts.length - 1), silence(pauseMs));
    }
    return Buffer.concat(spoken);
  }
}

/** Cuts the engine's own silence where a pause of known length takes its place. */
function inner(pcm: Buffer, cutStart: boolean, cutEnd: boolean): Buffer {
  const speech = findSpeech(new Int16Array(new Uint8Array(pcm).buffer), FLITE_RATE_HZ);
  if (speech === null) return pcm;
  return pcm.subarray(cutStart ? speech.start * 2 : 0, cutEnd ? speech.end * 2 : pcm.length);
}

function silence(ms: number): Buffer {
  return Buffer.alloc(((FLITE_RATE_HZ * ms) / 1000) * 2);
}
