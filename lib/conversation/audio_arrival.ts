/** What is known of audio when it arrives: made by the playout, judged by the reply. Instants are in ms. */

/** Messages closer together than this, in ms, are of one burst. */
export const SAME_BURST_MS = 5;

/** The arrival of one piece of audible audio. The object is reused for the next one, so it must be copied to be kept. */
export interface AudioArrival {
  readonly atMs: number;
  /** Length of the audio. */
  readonly ms: number;
  /** When its first audible sample is heard: on arrival, or once the silence in front of it has been played. */
  readonly audibleAtMs: number;
  /** How much of its own beginning is silent. */
  readonly leadMs: number;
  /** How long no audible audio had arrived before it; Infinity for the first. */
  readonly quietMs: number;
  /** How long the player had nothing to play before it; 0 for the first. */
  readonly dryMs: number;
  /** The position of its first audible sample on the playout: what was queued before it. */
  readonly markMs: number;
}

/** Whether the response id of audio is `new` since EOS, or `old`: audio before EOS carried it; `none` without an id. */
export type ResponseIdAge = "new" | "old" | "none";

/** Audio that began a reply, or may still be found to have begun one. */
export interface KeptArrival extends AudioArrival {
  readonly idAge: ResponseIdAge;
  /** When the silence that was sent in front of it began to arrive; its own arrival where there was none. */
  readonly bytesAtMs: number;
  /** The silence between EOS and its first audible sample. */
  readonly silenceMs: number;
}
