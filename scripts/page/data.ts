/**
 * The data of the report page, as JSON in its HTML: what the charts draw and the turn records that the dialog shows.
 */

/** One numeric field of all turns. Instants are ms since the run began, durations ms; null: not observed. */
export type Numbers = readonly (number | null)[];

/** The turns in the order of their ends of speech, one array per field: 100,000 objects would be slow to parse. */
export interface TurnColumns {
  /** The position on the time axis: the end of speech, else the start of speech. */
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
  /** All other numeric fields of a turn record by name. */
  readonly numbers: Readonly<Record<string, Numbers>>;
}

/** A step line: the value is `values[i]` from `atMs[i]` on. */
export interface Steps {
  readonly atMs: readonly number[];
  readonly values: readonly number[];
}

/** A threshold that is drawn as a line. */
export interface Limit {
  readonly tier: string;
  readonly ms: number;
}

/** A percentile of a metric over all turns. */
export interface Percentile {
  readonly p: number;
  readonly ms: number;
}

/** One point of the faults chart. */
export interface Mark {
  readonly atMs: number;
  /** Index into `lanes`. */
  readonly lane: number;
  /** Index of the turn; -1 for a call, and for a turn that is not among those of the page. */
  readonly turn: number;
  /** Index into `calls`. */
  readonly call: number;
}

/** Everything that the page's script reads. */
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
  /** All turns, or a random sample of a long run. */
  readonly turns: TurnColumns;
  /** By metric, the percentiles over all turns, where `turns` are a sample. */
  readonly percentiles: Readonly<Partial<Record<"ttfb" | "barge", readonly Percentile[]>>>;
  readonly callers: Steps;
  /** P95 thresholds by metric. */
  readonly limits: Readonly<Record<"ttfb" | "barge", readonly Limit[]>>;
  /** The rows of the faults chart, one per kind of fault. */
  readonly lanes: readonly string[];
  readonly marks: readonly Mark[];
  /** The highest send lag in each second of the run, ms. */
  readonly sendLag: Steps;
  readonly sendLagLimitMs: number;
}
