/**
 * Splits the time to first audio (ttfb) into the mean time of each stage, over all turns and over the slowest turns.
 */

import type { TurnLine } from "../results/run_folder.ts";

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

/**
 * Splits ttfb by stage. Only turns with a user final count; empty where there is none. `textLeadsAudio` as in
 * `SampleContext`.
 */
export function ttfbStages(turns: readonly TurnLine[], textLeadsAudio: boolean): readonly StageBreakdown[] {
  const known = turns
    .filter(({ firstAudioAtMs, outcome, sttMs, ttfbMs }) =>
      [firstAudioAtMs !== null, sttMs !== null, ttfbMs !== null, outcome !== "generator_late"].every(Boolean),
    )
    .sort((a, b) => (b.ttfbMs ?? 0) - (a.ttfbMs ?? 0));
  if (known.length === 0) return [];
  const slowest = known.slice(0, Math.max(1, Math.round(known.length * SLOWEST)));
  return [
    { label: "all turns", turns: known.length, stages: meanStages(known, textLeadsAudio) },
    { label: "the slowest 5 %", turns: slowest.length, stages: meanStages(slowest, textLeadsAudio) },
  ];
}

function meanStages(turns: readonly TurnLine[], textLeadsAudio: boolean): Stage[] {
  const mean = (of: (turn: TurnLine) => number) => turns.reduce((sum, turn) => sum + of(turn), 0) / turns.length;
  // A user final may arrive after the first audio. It explains no more of the wait than ttfb, so stt is limited to
  // that.
  const stt = (turn: TurnLine) => Math.min(turn.sttMs ?? 0, turn.ttfbMs ?? 0);
  const text = (turn: TurnLine) => Math.min(Math.max(turn.textMs ?? 0, stt(turn)), turn.ttfbMs ?? 0);
  const rest = "language model and voice (ttfb - stt)";
  if (!textLeadsAudio || !turns.some(({ textMs }) => textMs !== null)) {
    return [
      { name: "recogniser (stt)", ms: mean(stt) },
      { name: rest, ms: mean((turn) => (turn.ttfbMs ?? 0) - stt(turn)) },
    ];
  }
  return [
    { name: "recogniser (stt)", ms: mean(stt) },
    { name: "language model (llm)", ms: mean((turn) => text(turn) - stt(turn)) },
    { name: "voice (tts)", ms: mean((turn) => (turn.ttfbMs ?? 0) - text(turn)) },
  ];
}
