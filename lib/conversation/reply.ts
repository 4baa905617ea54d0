/**
 * One reply: which audio belongs to it, when it is complete, and what is measured of it. It makes no decision for the caller.
 *
 * Attribution is by arrival, never by playout. The reply begins at the first audio after the caller's end of speech (EOS) that
 *   - carries a response id that no audio before EOS carried, or else
 *   - follows a user final that came since EOS; or precedes one by at most 250 ms, and itself follows quiet
 *     (envelopes travel on a queue of their own, so their order against audio is not guaranteed; the quiet is asked for
 *     because the audio of an agent that talks without pause is no answer), or else
 *   - on a turn without any user final and without audio while the caller spoke, follows `quietMs` without audio. This is a
 *     guess: a user final that comes later rejects it.
 * Audio with a response id from before EOS never begins a reply. All other audio after EOS is late audio.
 *
 * The reply is complete when its structured end has come, no tool is running, and `quietMs` have passed without audio. Quiet
 * alone ends a reply only 3 s after it was played out: sentences come in bursts with seconds between them.
 */

/** How long before a user final the first audio of its reply may arrive, in ms. */
const FINAL_LOOKBACK_MS = 250;

/** Frames closer together than this, in ms, are of one burst. */
const SAME_BURST_MS = 5;

/** How long after its playout quiet ends a reply without a structured end, in ms. */
const INFERRED_END_MS = 3000;

/** The arrival of one piece of audio. The object is reused for the next one, so it must be copied to be kept. */
export interface AudioArrival {
  readonly atMs: number;
  /** Length of the audio. */
  readonly ms: number;
  /** How long no audio had arrived before it. */
  readonly quietMs: number;
  /** How long the player had nothing to play before it. */
  readonly dryMs: number;
  /** Its position on the playout: the audio that was queued before it. */
  readonly markMs: number;
}

/** Whether the response id of audio is `new` since EOS, or `old`: audio before EOS carried it; `none` without an id. */
export type ResponseIdAge = "new" | "old" | "none";

interface KeptArrival extends AudioArrival {
  readonly idAge: ResponseIdAge;
}

/** The reply to one utterance. */
export class Reply {
  private readonly quietMs: number;
  private eosAtMs: number | null = null;
  private finalBeforeEos = false;
  private audioBeforeEos = false;
  private first: KeptArrival | null = null;
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
    return this.first !== null;
  }

  get firstAudioAtMs(): number | null {
    return this.first === null ? null : this.first.atMs;
  }

  /** Position on the playout at which the reply begins; 0 while it has not begun. */
  get markMs(): number {
    return this.first === null ? 0 : this.first.markMs;
  }

  /** True when only the quiet before it attributes the audio to this reply. */
  get guessed(): boolean {
    return this.first !== null && this.first.idAge === "none" && this.finalAtMs === null;
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

  /** Adds audio after EOS; returns true when it belongs to this reply. */
  addAudio(arrival: AudioArrival, idAge: ResponseIdAge): boolean {
    this.arrivedMs += arrival.ms;
    if (idAge === "old") return false;
    if (this.finalAtMs === null) this.keep(arrival, idAge);
    if (this.first === null && !this.begins(arrival, idAge)) return false;
    this.take(arrival, idAge);
    return true;
  }

  /** Adds a user final; the first since EOS decides which audio is the reply. */
  userFinal(nowMs: number): void {
    if (this.eosAtMs === null) {
      this.finalBeforeEos = true;
      return;
    }
    if (this.finalAtMs !== null) return;
    const sinceMs = nowMs - FINAL_LOOKBACK_MS;
    const settled = this.first !== null && (this.first.idAge === "new" || this.first.atMs >= sinceMs);
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
    if (this.first !== null) this.cutByAgent = true;
  }

  /**
   * When the reply is complete if nothing more comes; Infinity while something is outstanding. `playedOutAtMs` is when all of
   * it will have been played.
   */
  completesAtMs(playedOutAtMs: number): number {
    if (this.first === null || this.toolsRunning > 0 || this.owesAfterTool) return Number.POSITIVE_INFINITY;
    const quietAtMs = this.lastAtMs + this.quietMs;
    if (this.endAtMs !== null) return quietAtMs;
    return Math.max(quietAtMs, playedOutAtMs + INFERRED_END_MS, this.lastAtMs + INFERRED_END_MS);
  }

  private begins(arrival: AudioArrival, idAge: ResponseIdAge): boolean {
    if (idAge === "new" || this.finalAtMs !== null) return true;
    return !this.finalBeforeEos && !this.audioBeforeEos && arrival.quietMs >= this.quietMs;
  }

  private take(arrival: AudioArrival, idAge: ResponseIdAge): void {
    if (this.first === null) this.first = { ...arrival, idAge };
    else this.stallMs += arrival.dryMs;
    if (arrival.quietMs >= SAME_BURST_MS) this.burstFromMs = arrival.atMs;
    this.ownMs += arrival.ms;
    this.lastAtMs = arrival.atMs;
    this.owesAfterTool = false;
    this.cutByAgent = false;
  }

  /** Starts the reply again from the kept audio at an index; without audio when it is -1. */
  private restartAt(index: number): void {
    this.first = null;
    this.endAtMs = null;
    this.stallMs = 0;
    this.ownMs = 0;
    if (index >= 0) for (const arrival of this.recent.slice(index)) this.take(arrival, arrival.idAge);
  }

  /** Keeps audio that a user final may still claim. Frames of one burst are kept as one, so that a flood needs little memory. */
  private keep(arrival: AudioArrival, idAge: ResponseIdAge): void {
    const last = this.recent.at(-1);
    if (last !== undefined && last.idAge === idAge && arrival.atMs - last.atMs < SAME_BURST_MS) {
      this.recent[this.recent.length - 1] = { ...last, ms: last.ms + arrival.ms, dryMs: last.dryMs + arrival.dryMs };
      return;
    }
    this.recent = this.recent.filter((earlier) => earlier.atMs >= arrival.atMs - FINAL_LOOKBACK_MS);
    this.recent.push({ ...arrival, idAge });
  }
}
