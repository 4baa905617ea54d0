/**
 * Turns what an ear hears into what an agent acts on: speech that goes on, partials, and utterances that are over.
 * An utterance is over when its recogniser's time has passed *and* the silence after it was heard.
 */

import { randomUUID } from "node:crypto";

import { at } from "./clock.ts";
import { Ear, isSpeech, type Sound } from "./vad.ts";

/** One sound that is going on. */
export interface Hearing {
  /** The id that the agent gives the turn. */
  readonly turnId: string;
  /** End of speech to user final, in ms. */
  readonly sttMs: number;
  /** Partials that were due so far. */
  partials: number;
}

/** What listens to the listener. */
export interface Attention {
  /** How long this utterance's recognition takes, in ms. */
  sttMs(): number;
  /** Speech goes on: called for every loud window. */
  speechGoesOn(sound: Sound, hearing: Hearing): void;
  /** A partial is due. */
  partial(sound: Sound, hearing: Hearing): void;
  /** An utterance is over. */
  utterance(sound: Sound, hearing: Hearing): void;
}

/** Recognisers send a partial about every 330 ms of speech. */
const PARTIAL_EVERY_MS = 330;

/** How much of the silence that ends an utterance may still be on its way when its time is up, in ms. */
const FRAMES_UNDER_WAY_MS = 40;

/** Less loud audio than this holds no word yet, in ms. */
const SHORTEST_WORD_MS = 250;

/** When an utterance is over and partials begin, in ms. */
export interface ListenerRules {
  readonly silenceMs: number;
  readonly firstPartialMs: number;
}

/** Listens to one caller. */
export class Listener {
  private readonly ear: Ear;
  private readonly rules: ListenerRules;
  private readonly attention: Attention;
  private current: (Hearing & { callOff: () => void; isDue: boolean }) | null = null;

  /** Sounds that held no word. */
  clicks = 0;

  constructor(rateHz: number, rules: ListenerRules, attention: Attention) {
    this.ear = new Ear(rateHz);
    this.rules = rules;
    this.attention = attention;
  }

  hear(samples: Int16Array, atMs: number): void {
    for (const loud of this.ear.hear(samples, atMs)) this.window(loud);
  }

  close(): void {
    this.current?.callOff();
  }

  private window(loud: boolean): void {
    const sound = this.ear.hearing;
    if (sound === null) return;
    this.current ??= {
      turnId: randomUUID(),
      sttMs: this.attention.sttMs(),
      partials: 0,
      callOff: () => {},
      isDue: false,
    };
    const { current } = this;
    if (loud) {
      current.callOff();
      current.isDue = false;
      this.goesOn(sound, current);
    } else if (sound.quietMs === 20) {
      current.callOff = at(sound.endAtMs + current.sttMs, () => {
        current.isDue = true;
        this.maybeFinish();
      });
    } else if (current.isDue) {
      this.maybeFinish();
    }
  }

  private goesOn(sound: Sound, hearing: Hearing): void {
    this.attention.speechGoesOn(sound, hearing);
    const { firstPartialMs } = this.rules;
    const words = sound.loudMs >= Math.min(firstPartialMs, SHORTEST_WORD_MS);
    if (!words || sound.ms < firstPartialMs + PARTIAL_EVERY_MS * hearing.partials) return;
    hearing.partials += 1;
    this.attention.partial(sound, hearing);
  }

  /** Without frames, silence is not heard, and an utterance does not end. */
  private maybeFinish(): void {
    const { current, ear } = this;
    const sound = ear.hearing;
    if (current === null || sound === null || sound.quietMs < this.rules.silenceMs - FRAMES_UNDER_WAY_MS) return;
    this.current = null;
    ear.forget();
    if (isSpeech(sound)) this.attention.utterance(sound, current);
    else this.clicks += 1;
  }
}
