/**
 * One reply: which audio belongs to it, when it is complete, and what is measured of it. It makes no decision for the caller.
 *
 * Attribution is by arrival, never by playout. The reply begins at the first audio after the caller's end of speech (EOS) that
 *   - carries a response id that no audio before EOS carried, or else
 *   - follows a user final that came since EOS; or precedes one by at most 250 ms, and itself follows quiet (the order of
 *     envelopes and audio is not guaranteed; the audio of an agent that talks without pause is no answer), or else
 *   - on a turn without any user final, and without audio while the caller spoke or behind the stop of the interrupted reply,
 *     follows `quietMs` without audio. This is a guess: a user final that comes later rejects it.
 * Audio with a response id from before EOS never begins a reply. All other audio after EOS is late audio.
 *
 * Audio in which nothing is audible begins no reply and is no late audio: the reply begins where its first audible sample is
 * heard, and the silence that was sent between EOS and that sample is its lead.
 *
 * The reply is complete when its structured end has come, no tool is running, and `quietMs` have passed without audio, or 1 s
 * where silence is sent meanwhile. Quiet alone ends a reply only 3 s after it was played out, as sentences have gaps between them.
 */

import { type AudioArrival, type KeptArrival, type ResponseIdAge, SAME_BURST_MS } from "./audio_arrival.ts";

/** How long before a user final the first audio of its reply may arrive, in ms. */
const FINAL_LOOKBACK_MS = 250;

/** How long after its playout quiet ends a reply without a structured end, in ms. */
const INFERRED_END_MS = 3000;

/** How long only silence is sent behind a reply that has its structured end until it is complete, in ms. */
const SENT_SILENCE_MS = 1000;

/** The reply to one utterance. */
export class Reply {
  private readonly quietMs: number;
  private eosAtMs: number | null = null;
  private finalBeforeEos = false;
  private audioBeforeEos = false;
  private kept: KeptArrival | null = null;
  private silenceMs = 0;
  private silenceFromMs: number | null = null;
  private silentSinceAudio = false;
  private lastAtMs = 0;
  private burstFromMs = 0;
  private recent: KeptArrival[] = [];
  private arrivedMs = 0;
  private ownMs = 0;
  private toolsRunning = 0;
  private owesAfterTool = false;

  /** The first user final since EOS. */
  finalAtMs: number | null = null;
  /** The first reply text since EOS. */
  textAtMs: number | null = null;
  /** The last structured end. */
  endAtMs: number | null = null;
  /** How long a caller's player had nothing to play between the reply's first and last audio. */
  stallMs = 0;
  /** True when the agent answered while the caller was still speaking. */
  answeredEarly = false;
  /** True after a stop that the caller did not cause, until new audio comes. */
  cutByAgent = false;

  constructor(quietMs: number) {
    this.quietMs = quietMs;
  }

  /** True from the first audio on. */
  get begun(): boolean {
    return this.kept !== null;
  }

  /** The first audio; null before it. */
  get first(): KeptArrival | null {
    return this.kept;
  }

  /** True when only the quiet before it attributes the audio to this reply. */
  get guessed(): boolean {
    return this.kept !== null && this.kept.idAge === "none" && this.finalAtMs === null;
  }

  /** True when a final came while the caller was still speaking. */
  get finalWasEarly(): boolean {
    return this.finalBeforeEos;
  }

  /** Audio that arrived after EOS and does not belong to this reply, in ms. */
  get lateAudioMs(): number {
    return this.arrivedMs - this.ownMs;
  }

  /** True when the structured end has come and no tool's answer is outstanding. */
  get ended(): boolean {
    return this.begun && this.endAtMs !== null && this.toolsRunning === 0 && !this.owesAfterTool;
  }

  /** When a complete reply was complete: at its structured end, or at its last audio where that came later. */
  get lastSignAtMs(): number {
    return Math.max(this.endAtMs ?? 0, this.lastAtMs);
  }

  /** When the burst that `lastSignAtMs` belongs to began to be read: all of the burst may have arrived at once. */
  get lastReadFromMs(): number {
    return this.lastSignAtMs - this.lastAtMs < SAME_BURST_MS ? this.burstFromMs : this.lastSignAtMs;
  }

  endOfSpeech(nowMs: number): void {
    this.eosAtMs = nowMs;
  }

  /** Adds audio that came while the caller spoke: an early answer, or the rest of an old reply, never this reply. */
  addAudioBeforeEos(arrival: AudioArrival, ofOldReply: boolean): void {
    this.audioBeforeEos = true;
    if (this.finalBeforeEos || (!ofOldReply && arrival.quietMs >= this.quietMs)) this.answeredEarly = true;
  }

  /** The interrupted reply has stopped: what came while the caller spoke was of that one. */
  oldReplyStopped(): void {
    this.audioBeforeEos = false;
  }

  /** Adds silence that arrived after EOS. */
  addSilence(ms: number, nowMs: number): void {
    this.silenceFromMs ??= nowMs;
    this.silenceMs += ms;
    this.silentSinceAudio = true;
  }

  /** Adds audible audio after EOS; returns true when it belongs to this reply. */
  addAudio(arrival: AudioArrival, idAge: ResponseIdAge): boolean {
    this.arrivedMs += arrival.ms;
    const isReply = idAge !== "old" && this.takes(arrival, idAge);
    this.silenceMs = 0;
    this.silenceFromMs = null;
    return isReply;
  }

  /** True from the reply's first audio on where no user final can reject it any more. */
  get settled(): boolean {
    return this.kept !== null && this.finalAtMs !== null;
  }

  /** Adds audio that directly follows the last audio of a running reply, and arrived in the same burst. */
  extend(ms: number, nowMs: number): void {
    this.arrivedMs += ms;
    this.ownMs += ms;
    this.lastAtMs = nowMs;
  }

  /** Adds a user final; the first since EOS decides which audio is the reply. */
  userFinal(nowMs: number): void {
    if (this.eosAtMs === null) {
      this.finalBeforeEos = true;
      return;
    }
    if (this.finalAtMs !== null) return;
    const sinceMs = nowMs - FINAL_LOOKBACK_MS;
    const settled = this.kept !== null && (this.kept.idAge === "new" || this.kept.atMs >= sinceMs);
    this.finalAtMs = nowMs;
    if (!settled)
      this.restartAt(this.recent.findIndex((arrival) => arrival.atMs >= sinceMs && arrival.quietMs >= this.quietMs));
    this.recent = [];
  }

  replyText(nowMs: number): void {
    if (this.eosAtMs !== null) this.textAtMs ??= nowMs;
  }

  /** Adds a structured end; there may be several where tools run in between. */
  replyEnd(nowMs: number): void {
    this.endAtMs = nowMs;
    this.owesAfterTool = false;
  }

  toolStart(): void {
    this.toolsRunning += 1;
  }

  /** Adds the end of a tool: the agent owes audio, or another structured end, for the tool's result. */
  toolEnd(): void {
    this.toolsRunning = Math.max(0, this.toolsRunning - 1);
    this.owesAfterTool = true;
  }

  /** Adds a stop that the caller did not cause. */
  cut(): void {
    if (this.kept !== null) this.cutByAgent = true;
  }

  /**
   * When the reply is complete if nothing more comes; Infinity while something is outstanding. `playedOutAtMs` is when all of
   * it will have been played.
   */
  completesAtMs(playedOutAtMs: number): number {
    if (this.kept === null || this.toolsRunning > 0 || this.owesAfterTool) return Number.POSITIVE_INFINITY;
    const quietMs = this.silentSinceAudio ? Math.max(this.quietMs, SENT_SILENCE_MS) : this.quietMs;
    const quietAtMs = this.lastAtMs + quietMs;
    if (this.endAtMs !== null) return quietAtMs;
    return Math.max(quietAtMs, playedOutAtMs + INFERRED_END_MS, this.lastAtMs + INFERRED_END_MS);
  }

  private begins(arrival: AudioArrival, idAge: ResponseIdAge): boolean {
    if (idAge === "new" || this.finalAtMs !== null) return true;
    return !this.finalBeforeEos && !this.audioBeforeEos && arrival.quietMs >= this.quietMs;
  }

  private takes(arrival: AudioArrival, idAge: ResponseIdAge): boolean {
    if (this.settled) {
      this.take(arrival);
      return true;
    }
    const { silenceFromMs, silenceMs } = this;
    const bytesAtMs = silenceFromMs ?? arrival.atMs;
    const candidate = { ...arrival, idAge, bytesAtMs, silenceMs: silenceMs + arrival.leadMs };
    if (this.finalAtMs === null) this.keep(candidate);
    if (this.kept === null && !this.begins(arrival, idAge)) return false;
    this.kept ??= candidate;
    this.take(candidate);
    return true;
  }

  private take(arrival: AudioArrival): void {
    if (this.ownMs > 0) this.stallMs += arrival.dryMs;
    if (arrival.quietMs >= SAME_BURST_MS) this.burstFromMs = arrival.atMs;
    this.ownMs += arrival.ms;
    this.lastAtMs = arrival.atMs;
    this.owesAfterTool = false;
    this.cutByAgent = false;
    this.silentSinceAudio = false;
  }

  /** Starts the reply again from the kept audio at an index; without audio when it is -1. */
  private restartAt(index: number): void {
    const from = index < 0 ? [] : this.recent.slice(index);
    this.kept = from[0] ?? null;
    this.endAtMs = null;
    this.stallMs = 0;
    this.ownMs = 0;
    for (const arrival of from) this.take(arrival);
  }

  /** Keeps audio that a user final may still claim. Frames of one burst are kept as one, so that a flood needs little memory. */
  private keep(arrival: KeptArrival): void {
    const last = this.recent.at(-1);
    if (last !== undefined && last.idAge === arrival.idAge && arrival.atMs - last.atMs < SAME_BURST_MS) {
      this.recent[this.recent.length - 1] = { ...last, ms: last.ms + arrival.ms, dryMs: last.dryMs + arrival.dryMs };
      return;
    }
    this.recent = this.recent.filter((earlier) => earlier.atMs >= arrival.atMs - FINAL_LOOKBACK_MS);
    this.recent.push(arrival);
  }
}
