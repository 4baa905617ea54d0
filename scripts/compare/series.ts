/** What is compared: the series of times and shares, and the rows that a comparison makes of them. */

/**
 * The series of times, in ms, and how they are named; the order is that of the rows. `stage/stt` is that of the reports. What is left
 * of ttfb after the user final is the time of model and voice, or that of each where the text comes before its audio.
 */
export const TIMES = {
  ttfb: "ttfb",
  barge: "barge",
  turn: "turn",
  greeting: "greeting",
  stall: "stall",
  stt: "stage/stt",
  llm: "llm",
  tts: "tts",
  llm_tts: "llm + tts",
} as const;

/** The shares of turns or calls, and which way is the worse one. */
export const SHARES = {
  turn_success: { worse: "lower" },
  connection_success: { worse: "lower" },
  throttled: { worse: "higher" },
} as const;

/** The name of a series of times. */
export type TimeSeries = keyof typeof TIMES;

/** The name of a series of shares. */
export type ShareSeries = keyof typeof SHARES;

/** The percentiles of each series of times, ascending. */
export const PERCENTS = [50, 95] as const;

/** What one row compares. */
export interface RowSpec {
  /** The name of the row, such as `ttfb P95`; each has its own. */
  readonly name: string;
  readonly series: TimeSeries | ShareSeries;
  readonly statistic: "p50" | "p95" | "rate";
  /** The direction in which a difference is worse. */
  readonly worse: "higher" | "lower";
}

/** Every row, in the order in which they are shown. */
export const ROWS: readonly RowSpec[] = [
  ...(Object.keys(TIMES) as TimeSeries[]).flatMap((series) =>
    PERCENTS.map((percent): RowSpec => {
      return { name: `${TIMES[series]} P${percent}`, series, statistic: `p${percent}`, worse: "higher" };
    }),
  ),
  ...(Object.keys(SHARES) as ShareSeries[]).map((series): RowSpec => {
    return { name: series, series, statistic: "rate", worse: SHARES[series].worse };
  }),
];

/** True for a series of shares. */
export function isShare(series: TimeSeries | ShareSeries): series is ShareSeries {
  return series in SHARES;
}
