/**
 * Speech recognition without words: turns the segments that the VAD finds into partials and utterances. An utterance is over
 * when its recognition time has passed since its last loud window *and* the silence after it was received.
 */

import { randomUUID } from "node:crypto";

import { runAt } from "./clock.ts";
import { isSpeech, MIN_SPEECH_MS, type Segment, Vad } from "./vad.ts";

/** The utterance that is being recognised. */
export interface Utterance {
  /** The id that the agent gives the turn. */
  readonly turnId: string;
  /** From end of speech to user final. */
  readonly sttMs: number;
  /** Partials that were due so far. */
  partialCount: number;
}

/** What a recognizer asks of an agent, and what it reports to it. */
export interface RecognizerEvents {
  /** Draws how long the recognition of an utterance takes, in ms. */
  drawSttMs(): number;
  /** A loud window was received. */
  onLoudWindow(segment: Segment, utterance: Utterance): void;
  /** A partial is due. */
  onPartial(segment: Segment, utterance: Utterance): void;
  /** An utterance is over. */
  onUtteranceEnd(segment: Segment, utterance: Utterance): void;
}

/** Real recognizers send a partial about every 330 ms of speech. */
const PARTIAL_EVERY_MS = 330;

/** Silence that may still be in flight when the recognition time has passed, in ms. */
const IN_FLIGHT_MS = 40;

/** When an utterance ends and when its partials begin. */
export interface RecognizerOptions {
  /** Silence that ends an utterance. */
  readonly silenceMs: number;
  /** Speech before the first partial. */
  readonly firstPartialMs: number;
}

/** Recognises the speech of one caller. */
export class Recognizer {
  private readonly vad: Vad;
  private readonly options: RecognizerOptions;
  private readonly events: RecognizerEvents;
  private current: (Utterance & { cancelTimer: () => void; isSttElapsed: boolean }) | null = null;

  /** Segments that were too short to be speech. */
  clicks = 0;

  constructor(rateHz: number, options: RecognizerOptions, events: RecognizerEvents) {
    this.vad = new Vad(rateHz);
    this.options = options;
    this.events = events;
  }

  /** Takes samples that arrived at an instant. */
  process(samples: Int16Array, atMs: number): void {
    for (const isLoud of this.vad.process(samples, atMs)) this.processWindow(isLoud);
  }

  close(): void {
    this.current?.cancelTimer();
  }

  private processWindow(isLoud: boolean): void {
    const { segment } = this.vad;
    if (segment === null) return;
    this.current ??= {
      turnId: randomUUID(),
      sttMs: this.events.drawSttMs(),
      partialCount: 0,
      cancelTimer: () => {},
      isSttElapsed: false,
    };
    const { current } = this;
    if (isLoud) {
      current.cancelTimer();
      current.isSttElapsed = false;
      this.reportSpeech(segment, current);
    } else if (segment.quietMs === 20) {
      current.cancelTimer = runAt(segment.endAtMs + current.sttMs, () => {
        current.isSttElapsed = true;
        this.endIfSilent();
      });
    } else if (current.isSttElapsed) {
      this.endIfSilent();
    }
  }

  private reportSpeech(segment: Segment, utterance: Utterance): void {
    this.events.onLoudWindow(segment, utterance);
    const { firstPartialMs } = this.options;
    const hasWords = segment.loudMs >= Math.min(firstPartialMs, MIN_SPEECH_MS);
    if (!hasWords || segment.durationMs < firstPartialMs + PARTIAL_EVERY_MS * utterance.partialCount) return;
    utterance.partialCount += 1;
    this.events.onPartial(segment, utterance);
  }

  /** Silence counts only when it was received: without frames, an utterance does not end. */
  private endIfSilent(): void {
    const { current, vad } = this;
    const { segment } = vad;
    if (current === null || segment === null || segment.quietMs < this.options.silenceMs - IN_FLIGHT_MS) return;
    this.current = null;
    vad.endSegment();
    if (isSpeech(segment)) this.events.onUtteranceEnd(segment, current);
    else this.clicks += 1;
  }
}
