/** How one agent behaves: its delays, what it sends and how it reacts to an interruption. Durations are in ms. */

import type { Delay } from "./random.ts";

/** What an agent does when it is interrupted. */
export interface StopBehaviour {
  /** The agent stops this much later. */
  readonly lateMs: number;
  /** Chance that the agent does not stop. */
  readonly neverChance: number;
  /** The agent stops its audio, but sends no stop message. */
  readonly silent: boolean;
}

/** How an agent behaves. */
export interface Behaviour {
  readonly seed: number;
  /** From end of speech to user final; never less than `silenceMs`. */
  readonly sttMs: Delay;
  /** From user final to reply text. */
  readonly llmMs: Delay;
  /** From reply text to first audio. */
  readonly ttsMs: Delay;
  /** Silence that is sent in front of the words of a reply, and of the greeting. */
  readonly leadSilenceMs: Delay;
  /** The agent sends silence whenever it has nothing to say. */
  readonly silenceAlways: boolean;
  /** Silence is faint noise instead of zeros. */
  readonly comfortNoise: boolean;
  readonly replyMs: Delay;
  /** 0: no greeting. Infinity: the greeting never ends. */
  readonly greetingMs: number;
  /** Silence that ends an utterance. */
  readonly silenceMs: number;
  /** Speech that interrupts a reply. */
  readonly bargeMs: number;
  /** At least 1. */
  readonly sentences: number;
  readonly sentenceGapMs: number;
  /** How long a tool runs after the first sentence. 0: no tool runs. */
  readonly toolMs: number;
  readonly stop: StopBehaviour;
  /** The agent sends audio all the time, even while the caller speaks. */
  readonly talksAlways: boolean;
  /** The agent answers while the caller is still speaking. */
  readonly answersEarly: boolean;
  /** The agent recognises all speech and never answers. */
  readonly mute: boolean;
  /** Chance that an envelope is lost. */
  readonly dropEnvelopeChance: number;
  /** Chance that VoiceLive's stop to a browser is lost. On g2 a race loses some of them. */
  readonly loseStopChance: number;
}
