/** When the load generator was late. Apart from the tables of metrics.ts, which no caller keeps in memory. */

/** The limit of `send_lag` in ms: a frame that is sent later than this makes what was measured around it invalid. */
export const LATE_MS = 40;
