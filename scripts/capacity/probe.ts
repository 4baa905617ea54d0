/** What one run of a capacity search tells: the evidence of which the search is made, and which its report shows. Types only. */

/** What a probe is for. A confirmation is longer than other probes: it shows what only grows bad with time. */
export type ProbePurpose = "grow" | "narrow" | "confirm";

/**
 * How a probe ended. `uncertain`: the numbers are too near to a limit for the number of turns. `generator`: the load generator was
 * too slow, so nothing is known of the agent. `interrupted`: it ended before its time.
 */
export type ProbeOutcome = "holds" | "breaks" | "uncertain" | "generator" | "interrupted";

/** The share of samples beyond the limit of an expression, such as the turns whose ttfb was 2 s or more. */
export interface Share {
  /** The expression holds while the share is below this: 0.05 for a P95. */
  readonly allowed: number;
  /** Null without samples. */
  readonly measured: number | null;
  /** How many independent samples tell as much: turns of one call or of one moment may be alike. */
  readonly effectiveSamples: number;
  /** The true share is above `lower` with 95 % confidence, and below `upper` with as much. */
  readonly lower: number;
  readonly upper: number;
}

/** One threshold expression of the gate, against what a probe measured. */
export interface Check {
  readonly series: string;
  readonly expression: string;
  /** In the unit of the series: ms for a Trend, a share for a Rate; null where nothing was measured. */
  readonly measured: number | null;
  /** How many samples it is of, those of the probes in `pooledWith` included. */
  readonly samples: number;
  /** Null for an expression on a counter, an average or an extreme, which is compared as it is. */
  readonly share: Share | null;
  /** True where it is of the second half of a confirmation, which broke though the whole of it did not. */
  readonly isOfSecondHalf: boolean;
  /** `uncertain` where the confidence bounds of the measured value lie on both sides of the limit. */
  readonly outcome: "holds" | "breaks" | "uncertain";
}

/** The numbers of a probe that its curve shows; null where there are too few samples. */
export interface ProbeValues {
  readonly ttfbP50Ms: number | null;
  readonly ttfbP95Ms: number | null;
  readonly bargeP95Ms: number | null;
  /** Share of turns that were ok. */
  readonly turnSuccess: number | null;
  /** Throttled turns and calls per turn. */
  readonly throttledShare: number | null;
}

/** The mean time of each stage of ttfb, in ms, by its name. */
export type StageTimesMs = Readonly<Record<string, number>>;

/** One run of the search. */
export interface Probe {
  /** Callers, or calls per second where the search is of `calls_per_sec`. */
  readonly load: number;
  readonly purpose: ProbePurpose;
  /** The folder of its run, relative to that of the search. */
  readonly folder: string;
  /**
   * The folders of earlier probes of the same load: their samples count in `checks`, `values`, `stages` and in what failed. Empty for
   * a probe on its own.
   */
  readonly pooledWith: readonly string[];
  readonly startedAt: string;
  /** TIME of its run, in s; the run also took time to begin and to end. */
  readonly timeSec: number;
  /** The first seconds of TIME that do not count: the ramp-up, SETTLE_SEC, and what an open load needs to fill up. */
  readonly settledSec: number;
  readonly tookSec: number;
  readonly outcome: ProbeOutcome;
  /** What its run says of itself: the reasons of an INVALID one. */
  readonly reasons: readonly string[];
  readonly checks: readonly Check[];
  /** Turns of this run that were judged: those that began after `settledSec`, and before the end of TIME. */
  readonly turns: number;
  /** The mean time from the begin of a caller's turn to that of its next one, in s; null without such turns. */
  readonly turnSec: number | null;
  readonly values: ProbeValues;
  readonly stages: StageTimesMs;
  /** Throttling by source. */
  readonly throttled: Readonly<Record<string, number>>;
  /** Calls that failed, by outcome. */
  readonly failedCalls: Readonly<Record<string, number>>;
  /** Turns that failed, by outcome. */
  readonly failedTurns: Readonly<Record<string, number>>;
}

/**
 * Why the search knows no more: the agent broke above the answer; the generator was too slow above it; the largest load that was
 * asked for held; the budget was used up, or the search was interrupted, before the answer was certain; not even the smallest load
 * held.
 */
export type SearchEnd = "agent" | "generator" | "max" | "budget" | "interrupted" | "none";

/** The content of `capacity.json`. */
export interface CapacityResult {
  /** The version of the format: it rises when a field is removed or changes its meaning. */
  readonly format: 1;
  readonly version: string;
  readonly scenario: string;
  /** Credentials are masked. */
  readonly url: string;
  readonly of: "users" | "calls_per_sec";
  readonly gate: string;
  readonly maxLoad: number;
  /** The load that was asked for (CAPACITY_WANTED); null where none was. */
  readonly wanted: number | null;
  readonly budgetSec: number;
  /** The settings of every run, shown ones only, without the load. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly end: SearchEnd;
  /** The largest load that met all targets; 0 where none did, null where nothing was measured. */
  readonly answer: number | null;
  /** True when a longer run has confirmed the answer. */
  readonly isConfirmed: boolean;
  /** The smallest load above the answer that broke; null where none did. */
  readonly brokeAt: number | null;
  /** The answer in one sentence, and the facts that explain it: what broke first, which stage grew, who throttled, quotas. */
  readonly sentence: string;
  readonly explanations: readonly string[];
  readonly exitCode: number;
  readonly probes: readonly Probe[];
}
