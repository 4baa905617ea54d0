/** Where the time to the first audio went: the mean share of each stage, in all turns and in the slowest of them. */

import type { TurnLine } from "../results/run_folder.ts";

/** One stage's mean, in ms. */
export interface Stage {
  readonly name: string;
  readonly ms: number;
}

/** The stages of some turns; they add up to their mean ttfb. */
export interface Stages {
  readonly of: string;
  readonly turns: number;
  readonly stages: readonly Stage[];
}

/** The share of turns that counts as the slowest. */
const SLOWEST = 0.05;

/** Splits ttfb; empty where no turn shows when it was understood. `textLeadsAudio` as in `SampleContext`. */
export function stagesOf(turns: readonly TurnLine[], textLeadsAudio: boolean): readonly Stages[] {
  const known = turns
    .filter(({ firstAudioAtMs, outcome, sttMs, ttfbMs }) =>
      [firstAudioAtMs !== null, sttMs !== null, ttfbMs !== null, outcome !== "generator_late"].every(Boolean),
    )
    .sort((a, b) => (b.ttfbMs ?? 0) - (a.ttfbMs ?? 0));
  if (known.length === 0) return [];
  const slowest = known.slice(0, Math.max(1, Math.round(known.length * SLOWEST)));
  return [
    { of: "all turns", turns: known.length, stages: split(known, textLeadsAudio) },
    { of: "the slowest 5 %", turns: slowest.length, stages: split(slowest, textLeadsAudio) },
  ];
}

function split(turns: readonly TurnLine[], textLeadsAudio: boolean): Stage[] {
  const mean = (of: (turn: TurnLine) => number) => turns.reduce((sum, turn) => sum + of(turn), 0) / turns.length;
  // A final that comes after the audio it led to explains nothing of the wait.
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
