/**
 * Speech recognition without words: turns the segments that the VAD finds into partials and utterances. An utterance is over
 * when its recognition time has passed since its last loud window *and* the silence after it was received. It may also wait for
 * one of the servers of all calls: then it is recognised that much later.
 */

import { randomUUID } from "node:crypto";

import { type Clock, REAL_CLOCK } from "./clock.ts";
import type { Job, Station } from "./station.ts";
import { isSpeech, MIN_SPEECH_MS, type Segment, Vad } from "./vad.ts";

/** The utterance that is being recognised. */
export interface Utterance {
  /** The id that the agent gives the turn. */
  readonly turnId: string;
  /** From end of speech to user final. */
  readonly sttMs: number;
  /** Partials that were due so far. */
  partialCount: number;
  /** How long its recognition waited for a server, in ms. Null: it waits. */
  sttWaitMs: number | null;
  /** No server was free for it: it is not recognised. */
  isThrottled: boolean;
}

/** What a recognizer asks of an agent, and what it reports to it. */
export interface RecognizerEvents {
  /** Draws how long the recognition of an utterance takes, in ms. */
  drawSttMs(): number;
  /** A loud window was received. */
  onLoudWindow(segment: Segment, utterance: Utterance): void;
  /** A partial is due. */
  onPartial(segment: Segment, utterance: Utterance): void;
  /** An utterance is over, and was recognised unless it is throttled. */
  onUtteranceEnd(segment: Segment, utterance: Utterance): void;
  /** An utterance was over but not recognised yet when the caller spoke again or hung up: its recognition was given up. */
  onUtteranceLost(segment: Segment, utterance: Utterance): void;
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
  /** The servers of recognition. Each utterance occupies one from its end of speech on, for its recognition time. */
  readonly station: Station;
}

/** An utterance, and what was planned for it. */
interface Recognition extends Utterance {
  cancelTimer: () => void;
  isSttElapsed: boolean;
  /** A server was asked for: the silence after the speech was received. */
  isRequested: boolean;
  /** Null before that, and where it is throttled. */
  job: Job | null;
}

/** An utterance that is over and waits to be recognised. */
interface WaitingRecognition {
  readonly segment: Segment;
  readonly recognition: Recognition;
}

/** Recognises the speech of one caller. */
export class Recognizer {
  private readonly vad: Vad;
  private readonly options: RecognizerOptions;
  private readonly events: RecognizerEvents;
  private readonly clock: Clock;
  private current: Recognition | null = null;
  private waiting: WaitingRecognition | null = null;

  /** Segments that were too short to be speech. */
  clicks = 0;

  constructor(rateHz: number, options: RecognizerOptions, events: RecognizerEvents, clock = REAL_CLOCK) {
    this.vad = new Vad(rateHz);
    this.clock = clock;
    this.options = options;
    this.events = events;
  }

  /** Takes samples that arrived at an instant. */
  process(samples: Int16Array, atMs: number): void {
    for (const isLoud of this.vad.process(samples, atMs)) this.processWindow(isLoud);
  }

  /** Takes a digit that was pressed at an instant: it is speech, and the first one of an utterance is understood at once. */
  press(digit: string, atMs: number): void {
    this.vad.press(digit, atMs);
    const { segment } = this.vad;
    if (segment === null) return;
    const current = this.continueSpeech();
    this.events.onLoudWindow(segment, current);
    if (segment.digits.length === 1) this.reportPartial(segment, current);
  }

  close(): void {
    if (this.current !== null) cancel(this.current);
    this.giveUpWaiting();
  }

  private processWindow(isLoud: boolean): void {
    const { segment } = this.vad;
    if (segment === null) return;
    if (isLoud) {
      this.reportSpeech(segment, this.continueSpeech());
      return;
    }
    this.current ??= this.newRecognition();
    const { current } = this;
    if (segment.quietMs === 20) {
      current.cancelTimer = this.clock.runAt(segment.endAtMs + current.sttMs, () => {
        current.isSttElapsed = true;
        this.endIfSilent();
      });
    }
    if (this.isSilent(segment) && isSpeech(segment) && !current.isRequested) this.requestServer(segment, current);
    if (current.isSttElapsed) this.endIfSilent();
  }

  /** The caller speaks on, or anew: what was planned for the end of its utterance is cancelled. */
  private continueSpeech(): Recognition {
    this.giveUpWaiting();
    this.current ??= this.newRecognition();
    cancel(this.current);
    return this.current;
  }

  private newRecognition(): Recognition {
    const utterance = { turnId: randomUUID(), sttMs: this.events.drawSttMs(), partialCount: 0 };
    return { ...utterance, ...NOT_REQUESTED, cancelTimer: () => {} };
  }

  /**
   * The job arrives at the end of speech, which is known only now: a pause within the speech occupies no server. As every
   * utterance is as late, they are served in the order of their ends of speech, and at the instants that follow from these.
   */
  private requestServer(segment: Segment, recognition: Recognition): void {
    const job = this.options.station.acquire(segment.endAtMs, recognition.sttMs);
    recognition.isRequested = true;
    recognition.isThrottled = job === null;
    recognition.job = job;
    if (job === null) return;
    recognition.sttWaitMs = job.waitMs;
    job.whenStarted((waitMs) => {
      recognition.sttWaitMs = waitMs;
    });
  }

  private reportSpeech(segment: Segment, utterance: Utterance): void {
    this.events.onLoudWindow(segment, utterance);
    const { firstPartialMs } = this.options;
    const hasWords = segment.loudMs >= Math.min(firstPartialMs, MIN_SPEECH_MS);
    if (!hasWords || segment.durationMs < firstPartialMs + PARTIAL_EVERY_MS * utterance.partialCount) return;
    this.reportPartial(segment, utterance);
  }

  private reportPartial(segment: Segment, utterance: Utterance): void {
    utterance.partialCount += 1;
    this.events.onPartial(segment, utterance);
  }

  private isSilent({ quietMs }: Segment): boolean {
    return quietMs >= this.options.silenceMs - IN_FLIGHT_MS;
  }

  /** Silence counts only when it was received: without frames, an utterance does not end. */
  private endIfSilent(): void {
    const { current, vad } = this;
    const { segment } = vad;
    if (current === null || segment === null || !this.isSilent(segment)) return;
    this.current = null;
    vad.endSegment();
    if (!isSpeech(segment)) this.clicks += 1;
    else if (current.sttWaitMs === 0) this.events.onUtteranceEnd(segment, current);
    else this.waitForEnd(segment, current);
  }

  /** The utterance is over, but its recognition began late. */
  private waitForEnd(segment: Segment, recognition: Recognition): void {
    this.waiting = { segment, recognition };
    recognition.job?.whenStarted((waitMs) => {
      recognition.cancelTimer = this.clock.runAt(segment.endAtMs + waitMs + recognition.sttMs, () => {
        this.waiting = null;
        this.events.onUtteranceEnd(segment, recognition);
      });
    });
  }

  private giveUpWaiting(): void {
    const { waiting } = this;
    if (waiting === null) return;
    this.waiting = null;
    waiting.recognition.job?.cancel();
    waiting.recognition.cancelTimer();
    this.events.onUtteranceLost(waiting.segment, waiting.recognition);
  }
}

/** What is planned of a recognition while its speaker speaks. */
const NOT_REQUESTED = { isSttElapsed: false, isRequested: false, isThrottled: false, job: null, sttWaitMs: 0 };

/** Cancels what was planned for an utterance: it is not over yet. A cancelled job can start no more. */
function cancel(recognition: Recognition): void {
  recognition.job?.cancel();
  recognition.cancelTimer();
  Object.assign(recognition, NOT_REQUESTED);
}
