/** What the report page is given: only what is drawn or looked up; what stands as text is in the page already. */

/** A column of turns; instants are ms since the run began, durations ms. */
export type Numbers = readonly (number | null)[];

/** The turns, column by column, in the order of their ends of speech: 100,000 objects would be slow to read. */
export interface TurnColumns {
  /** Where a turn stands on the time axis: its end of speech, or where its speech began. */
  readonly atMs: readonly number[];
  readonly turn: readonly number[];
  readonly vu: readonly number[];
  /** Index into `calls`. */
  readonly call: readonly number[];
  /** Index into `utterances`. */
  readonly utterance: readonly number[];
  /** Index into `outcomes`. */
  readonly outcome: readonly number[];
  /** Index into `faultSets`. */
  readonly faults: readonly number[];
  /** Index into `bargeOutcomes`. */
  readonly barge: readonly number[];
  /** Every other field of a record that is a number, by its name. */
  readonly numbers: Readonly<Record<string, Numbers>>;
}

/** A step line: from `atMs[i]` on the value is `values[i]`. */
export interface Steps {
  readonly atMs: readonly number[];
  readonly values: readonly number[];
}

/** A limit that is drawn as a line. */
export interface Limit {
  readonly tier: string;
  readonly ms: number;
}

/** One mark on the time line of faults. */
export interface Mark {
  readonly atMs: number;
  readonly lane: number;
  /** Index of the turn, or -1 for a call. */
  readonly turn: number;
  /** Index into `calls`. */
  readonly call: number;
}

/** All that the page's script reads. */
export interface PageData {
  /** Epoch ms. */
  readonly startedAtMs: number;
  /** Length of the time axis, ms. */
  readonly lengthMs: number;
  readonly calls: readonly string[];
  readonly utterances: readonly string[];
  readonly outcomes: readonly string[];
  readonly bargeOutcomes: readonly (string | null)[];
  readonly faultSets: readonly (readonly string[])[];
  readonly turns: TurnColumns;
  readonly callers: Steps;
  /** Limits of P95 by metric. */
  readonly limits: Readonly<Record<"ttfb" | "barge", readonly Limit[]>>;
  readonly lanes: readonly string[];
  readonly marks: readonly Mark[];
  /** The worst lateness of a frame in each second of the run, ms. */
  readonly sendLag: Steps;
  readonly sendLagLimitMs: number;
}
