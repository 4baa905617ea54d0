/**
 * One reply: whose audio it is, when it is complete, what it measured. It never decides what the caller does.
 *
 * Whose audio: by arrival, never by playout. The reply begins at the first audio after the caller's end of
 * speech (EOS) that
 *   - carries a response id that no audio before EOS carried, or else
 *   - follows a user final that came since EOS; or precedes one by at most 250 ms, and itself follows quiet
 *     (envelopes travel on a queue of their own, so order between audio and envelopes is not guaranteed; but
 *     of an agent that talks without pause, what it happened to say just then is no answer), or else
 *   - on a turn that shows no final at all and heard nothing while the caller spoke, follows `quietMs`
 *     without audio. This is a guess: a final that comes later takes it back.
 * Audio with an id from before EOS never begins a reply. All other audio after EOS is late audio.
 *
 * Complete: its structured end has come, no tool runs, and `quietMs` passed without audio. Quiet alone ends
 * a reply only 3 s after it was played out: sentences come in bursts with seconds between them.
 */

/** How long before a user final the first audio of its reply may arrive, in ms. */
const FINAL_LOOKBACK_MS = 250;

/** Frames closer together than this, in ms, are of one burst. */
const SAME_BURST_MS = 5;

/** How long a reply without a structured end must have been played out before quiet ends it, in ms. */
const INFERRED_END_MS = 3000;

/** An audio frame as the line heard it; it holds until the next one, so who remembers it copies it. */
export interface Heard {
  readonly atMs: number;
  /** Length of the audio. */
  readonly ms: number;
  /** How long no audio had arrived before this frame. */
  readonly quietMs: number;
  /** How long the caller's player had run dry before this frame. */
  readonly dryMs: number;
  /** The playout's total before this frame. */
  readonly markMs: number;
}

/** Whose an audio frame says it is: `old` when audio before EOS carried the same response id, `none` without an id. */
export type Whose = "new" | "old" | "none";

interface Remembered extends Heard {
  readonly whose: Whose;
}

/** Follows the reply to one utterance. */
export class Reply {
  private readonly quietMs: number;
  private eosAtMs: number | null = null;
  private finalBeforeEos = false;
  private audioBeforeEos = false;
  private first: Remembered | null = null;
  private lastAtMs = 0;
  private burstFromMs = 0;
  private recent: Remembered[] = [];
  private heardMs = 0;
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

  /** Where on the playout the reply begins; 0 while it has not begun. */
  get markMs(): number {
    return this.first === null ? 0 : this.first.markMs;
  }

  /** True when nothing but quiet says that the audio is this reply's. */
  get guessed(): boolean {
    return this.first !== null && this.first.whose === "none" && this.finalAtMs === null;
  }

  /** True when a final came while the caller was still speaking. */
  get finalWasEarly(): boolean {
    return this.finalBeforeEos;
  }

  /** Ms of audio that arrived after EOS and is not this reply's. */
  get lateAudioMs(): number {
    return this.heardMs - this.ownMs;
  }

  /** True when the structured end has come and nothing that a tool said is owed. */
  get ended(): boolean {
    return this.begun && this.endAtMs !== null && this.toolsRunning === 0 && !this.owesAfterTool;
  }

  /** The structured end, or the last audio where that came later: when a complete reply was complete. */
  get lastSignAtMs(): number {
    return Math.max(this.endAtMs ?? 0, this.lastAtMs);
  }

  /** Since when the last sign was read without a pause: all of that may have come at once. */
  get lastReadFromMs(): number {
    return this.lastSignAtMs - this.lastAtMs < SAME_BURST_MS ? this.burstFromMs : this.lastSignAtMs;
  }

  endOfSpeech(nowMs: number): void {
    this.eosAtMs = nowMs;
  }

  /** Hears audio while the caller speaks: it may answer too early, or be an old reply's; it is never the reply. */
  hearBeforeEos(heard: Heard, ofOldReply: boolean): void {
    this.audioBeforeEos = true;
    if (this.finalBeforeEos || (!ofOldReply && heard.quietMs >= this.quietMs)) this.answeredEarly = true;
  }

  /** Hears audio after EOS; returns true when it is this reply's. */
  hear(heard: Heard, whose: Whose): boolean {
    this.heardMs += heard.ms;
    if (whose === "old") return false;
    if (this.finalAtMs === null) this.remember(heard, whose);
    if (this.first === null && !this.begins(heard, whose)) return false;
    this.take(heard, whose);
    return true;
  }

  /** Takes a user final; one since EOS settles which audio is the reply. */
  userFinal(nowMs: number): void {
    if (this.eosAtMs === null) {
      this.finalBeforeEos = true;
      return;
    }
    if (this.finalAtMs !== null) return;
    const sinceMs = nowMs - FINAL_LOOKBACK_MS;
    const settled = this.first !== null && (this.first.whose === "new" || this.first.atMs >= sinceMs);
    this.finalAtMs = nowMs;
    if (!settled)
      this.restartAt(this.recent.findIndex((heard) => heard.atMs >= sinceMs && heard.quietMs >= this.quietMs));
    this.recent = [];
  }

  replyText(nowMs: number): void {
    if (this.eosAtMs !== null) this.textAtMs ??= nowMs;
  }

  /** Takes the structured end of the reply; there may be more than one where tools run between. */
  replyEnd(nowMs: number): void {
    this.endAtMs = nowMs;
    this.owesAfterTool = false;
  }

  toolStart(): void {
    this.toolsRunning += 1;
  }

  /** Takes the end of a tool: the agent owes audio, or another structured end, for what the tool said. */
  toolEnd(): void {
    this.toolsRunning = Math.max(0, this.toolsRunning - 1);
    this.owesAfterTool = true;
  }

  /** Takes a stop that the caller did not cause. */
  cut(): void {
    if (this.first !== null) this.cutByAgent = true;
  }

  /**
   * The instant at which the reply is complete if nothing more comes; Infinity while something is owed.
   * `playedOutAtMs` is when the caller will have heard all of it.
   */
  completesAtMs(playedOutAtMs: number): number {
    if (this.first === null || this.toolsRunning > 0 || this.owesAfterTool) return Number.POSITIVE_INFINITY;
    const quietAtMs = this.lastAtMs + this.quietMs;
    if (this.endAtMs !== null) return quietAtMs;
    return Math.max(quietAtMs, playedOutAtMs + INFERRED_END_MS, this.lastAtMs + INFERRED_END_MS);
  }

  private begins(heard: Heard, whose: Whose): boolean {
    if (whose === "new" || this.finalAtMs !== null) return true;
    return !this.finalBeforeEos && !this.audioBeforeEos && heard.quietMs >= this.quietMs;
  }

  private take(heard: Heard, whose: Whose): void {
    if (this.first === null) this.first = { ...heard, whose };
    else this.stallMs += heard.dryMs;
    if (heard.quietMs >= SAME_BURST_MS) this.burstFromMs = heard.atMs;
    this.ownMs += heard.ms;
    this.lastAtMs = heard.atMs;
    this.owesAfterTool = false;
    this.cutByAgent = false;
  }

  /** Begins anew with what is remembered from an index on; with nothing, when it is -1. */
  private restartAt(index: number): void {
    this.first = null;
    this.endAtMs = null;
    this.stallMs = 0;
    this.ownMs = 0;
    if (index >= 0) for (const heard of this.recent.slice(index)) this.take(heard, heard.whose);
  }

  /** Keeps what a final may still claim; frames of one burst are kept as one, so that a flood stays small. */
  private remember(heard: Heard, whose: Whose): void {
    const last = this.recent.at(-1);
    if (last !== undefined && last.whose === whose && heard.atMs - last.atMs < SAME_BURST_MS) {
      this.recent[this.recent.length - 1] = { ...last, ms: last.ms + heard.ms, dryMs: last.dryMs + heard.dryMs };
      return;
    }
    this.recent = this.recent.filter((earlier) => earlier.atMs >= heard.atMs - FINAL_LOOKBACK_MS);
    this.recent.push({ ...heard, whose });
  }
}
