/**
 * Splits the time to first audio (ttfb) into the mean time of each stage, over all turns and over the slowest turns.
 */

import type { TurnLine } from "./log_lines.ts";
import { NumberList } from "./number_list.ts";

/** The mean time of one stage. */
export interface Stage {
  readonly name: string;
  readonly ms: number;
}

/** The stages of a group of turns. Their times add up to the mean ttfb of the group. */
export interface StageBreakdown {
  /** Which turns: `all turns`. */
  readonly label: string;
  readonly turns: number;
  readonly stages: readonly Stage[];
}

/** The share of turns that counts as the slowest. */
const SLOWEST = 0.05;

/** What is kept of each turn that shows when the agent had understood the caller: three numbers. */
export class StageTimes {
  private readonly ttfbMs = new NumberList();
  private readonly sttMs = new NumberList();
  /** NaN where no text was seen. */
  private readonly textMs = new NumberList();

  /** Adds a turn; one without a user final, or with a late caller, does not count. */
  add({ firstAudioAtMs, outcome, sttMs, textMs, ttfbMs }: TurnLine): void {
    if (firstAudioAtMs === null || sttMs === null || ttfbMs === null || outcome === "generator_late") return;
    this.ttfbMs.push(ttfbMs);
    this.sttMs.push(sttMs);
    this.textMs.push(textMs ?? Number.NaN);
  }

  /** The stages; empty without turns. `textLeadsAudio` as in `SampleContext`. */
  breakdowns(textLeadsAudio: boolean): readonly StageBreakdown[] {
    const count = this.ttfbMs.length;
    if (count === 0) return [];
    const all = Uint32Array.from({ length: count }, (_, index) => index);
    const slowest = all.slice().sort((a, b) => this.ttfbMs.at(b) - this.ttfbMs.at(a));
    const group = (label: string, turns: Uint32Array) => ({
      label,
      turns: turns.length,
      stages: this.meanStages(turns, textLeadsAudio),
    });
    return [
      group("all turns", all),
      group("the slowest 5 %", slowest.slice(0, Math.max(1, Math.round(count * SLOWEST)))),
    ];
  }

  private meanStages(turns: Uint32Array, textLeadsAudio: boolean): Stage[] {
    let [sttMs, textMs, ttfbMs] = [0, 0, 0];
    let hasText = false;
    for (const turn of turns) {
      const [ttfb, text] = [this.ttfbMs.at(turn), this.textMs.at(turn)];
      // A user final may arrive after the first audio. It explains no more of the wait than ttfb, so stt is limited to
      // that.
      const stt = Math.min(this.sttMs.at(turn), ttfb);
      hasText ||= !Number.isNaN(text);
      sttMs += stt;
      textMs += Math.min(Math.max(Number.isNaN(text) ? 0 : text, stt), ttfb);
      ttfbMs += ttfb;
    }
    const stage = (name: string, sumMs: number): Stage => ({ name, ms: sumMs / turns.length });
    const recogniser = stage("recogniser (stt)", sttMs);
    if (!textLeadsAudio || !hasText)
      return [recogniser, stage("language model and voice (ttfb - stt)", ttfbMs - sttMs)];
    return [recogniser, stage("language model (llm)", textMs - sttMs), stage("voice (tts)", ttfbMs - textMs)];
  }
}
