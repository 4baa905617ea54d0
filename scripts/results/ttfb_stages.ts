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

/** What a turn shows of its stages: each instant is in ms since EOS, none is after the next one, and `textMs` is null without text. */
export interface TurnStages {
  readonly sttMs: number;
  readonly textMs: number | null;
  readonly ttfbMs: number;
}

/** The share of turns that counts as the slowest. */
const SLOWEST = 0.05;

/**
 * The stages of a turn; null without a user final, and with a late caller. A user final may arrive after the first audio: it
 * explains no more of the wait than ttfb, so it is limited to that, and so is text.
 */
export function stagesOf({ firstAudioAtMs, outcome, ...turn }: TurnLine): TurnStages | null {
  const { ttfbMs } = turn;
  if (firstAudioAtMs === null || turn.sttMs === null || ttfbMs === null || outcome === "generator_late") return null;
  const sttMs = Math.min(turn.sttMs, ttfbMs);
  const textMs = turn.textMs === null ? null : Math.min(Math.max(turn.textMs, sttMs), ttfbMs);
  return { sttMs, textMs, ttfbMs };
}

/** What is kept of each turn that shows when the agent had understood the caller: three numbers. */
export class StageTimes {
  private readonly ttfbMs = new NumberList();
  private readonly sttMs = new NumberList();
  /** NaN where no text was seen. */
  private readonly textMs = new NumberList();

  /** Adds a turn, if it shows its stages. */
  add(turn: TurnLine): void {
    const stages = stagesOf(turn);
    if (stages === null) return;
    this.ttfbMs.push(stages.ttfbMs);
    this.sttMs.push(stages.sttMs);
    this.textMs.push(stages.textMs ?? Number.NaN);
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
      const [stt, text] = [this.sttMs.at(turn), this.textMs.at(turn)];
      hasText ||= !Number.isNaN(text);
      sttMs += stt;
      textMs += Number.isNaN(text) ? stt : text;
      ttfbMs += this.ttfbMs.at(turn);
    }
    const stage = (name: string, sumMs: number): Stage => ({ name, ms: sumMs / turns.length });
    const recogniser = stage("recogniser (stt)", sttMs);
    if (!textLeadsAudio || !hasText)
      return [recogniser, stage("language model and voice (ttfb - stt)", ttfbMs - sttMs)];
    return [recogniser, stage("language model (llm)", textMs - sttMs), stage("voice (tts)", ttfbMs - textMs)];
  }
}
