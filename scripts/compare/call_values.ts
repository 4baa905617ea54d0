/**
 * Collects the values of a run that a comparison needs, call by call: the samples that k6 counted too, and the stages of each
 * turn. Turns with a late caller and warm-up turns have no samples, so they are left out here as well.
 */

import type { MetricName } from "../../lib/metrics/metrics.ts";
import { callSamples, type SampleContext, turnSamples } from "../../lib/metrics/samples.ts";
import type { CallLine, TurnLine } from "../results/log_lines.ts";
import type { LogVisitor } from "../results/scan_log.ts";
import { stagesOf } from "../results/ttfb_stages.ts";
import type { ShareSeries, TimeSeries } from "./series.ts";

/** Of how many turns or calls something was true. */
export interface Count {
  readonly hits: number;
  readonly trials: number;
}

/** The values of one call; a series without values is not there. */
export interface CallValues {
  /** In ms. */
  readonly times: Readonly<Partial<Record<TimeSeries, readonly number[]>>>;
  readonly shares: Readonly<Partial<Record<ShareSeries, Count>>>;
}

/** How many waits ended at a deadline: their values are the deadline, whatever the agent would have needed. */
export interface TimedOut {
  /** FIRST_BYTE_TIMEOUT_SEC: of ttfb and of barge. */
  readonly firstByte: number;
  /** TURN_TIMEOUT_SEC. */
  readonly turn: number;
  /** GREETING_TIMEOUT_SEC. */
  readonly greeting: number;
}

/** The metrics whose samples are times of the series of the same name. */
const SAME_NAME: ReadonlySet<MetricName> = new Set(["ttfb", "barge", "turn", "greeting", "stall"]);

/** The values of one call, while they are collected. */
interface Collected {
  readonly times: Partial<Record<TimeSeries, number[]>>;
  readonly shares: Partial<Record<ShareSeries, { hits: number; trials: number }>>;
}

/** Takes the records of a log. */
export class CallValuesCollector implements LogVisitor {
  private readonly calls = new Map<string, Collected>();
  private readonly context: SampleContext;
  private readonly timeouts = { firstByte: 0, turn: 0, greeting: 0 };
  private turns = 0;

  constructor(context: SampleContext) {
    this.context = context;
  }

  turn(line: TurnLine): void {
    const samples = turnSamples({ ...line, utterance: 0 }, this.context);
    const call = this.callOf(line.call);
    const isCounted = samples.some(({ metric }) => metric === "turn_success");
    for (const { metric, tags, value } of samples) {
      if (SAME_NAME.has(metric)) addTime(call, metric as TimeSeries, value);
      else if (metric === "first_event" && tags?.stage === "stt") addTime(call, "stt", value);
      else if (metric === "turn_success" || metric === "connection_success") addTrial(call, metric, value === 1);
    }
    if (!isCounted) return;
    this.turns += 1;
    addTrial(
      call,
      "throttled",
      samples.some(({ metric }) => metric === "throttled_turns"),
    );
    this.addStages(call, line);
    const hasNoAudio = line.ttfbMs !== null && line.firstAudioAtMs === null;
    if (hasNoAudio || line.barge === "timeout") this.timeouts.firstByte += 1;
    if (line.outcome === "turn_timeout") this.timeouts.turn += 1;
  }

  call(line: CallLine): void {
    const call = this.callOf(line.call);
    for (const { metric, value } of callSamples(line)) {
      if (metric === "greeting") addTime(call, metric, value);
      else if (metric === "connection_success") addTrial(call, metric, value === 1);
    }
    if (line.greetingTimedOut) this.timeouts.greeting += 1;
  }

  /** The values of every call that has any, how many turns they are of, and how many waits timed out. */
  build(): { readonly calls: readonly CallValues[]; readonly turns: number; readonly timedOut: TimedOut } {
    const calls = [...this.calls.values()].filter(
      ({ shares, times }) => Object.keys(times).length > 0 || Object.keys(shares).length > 0,
    );
    return { calls, turns: this.turns, timedOut: this.timeouts };
  }

  private callOf(id: string): Collected {
    const known = this.calls.get(id);
    if (known !== undefined) return known;
    const call: Collected = { times: {}, shares: {} };
    this.calls.set(id, call);
    return call;
  }

  /** What is left of ttfb after the user final: split by the text where that comes before its audio. */
  private addStages(call: Collected, line: TurnLine): void {
    const stages = stagesOf(line);
    if (stages === null) return;
    const { sttMs, textMs, ttfbMs } = stages;
    if (this.context.textLeadsAudio && textMs !== null) {
      addTime(call, "llm", textMs - sttMs);
      addTime(call, "tts", ttfbMs - textMs);
    } else addTime(call, "llm_tts", ttfbMs - sttMs);
  }
}

function addTime({ times }: Collected, series: TimeSeries, valueMs: number): void {
  const values = times[series];
  if (values === undefined) times[series] = [valueMs];
  else values.push(valueMs);
}

function addTrial({ shares }: Collected, series: ShareSeries, isHit: boolean): void {
  const { hits, trials } = shares[series] ?? { hits: 0, trials: 0 };
  shares[series] = { hits: hits + Number(isHit), trials: trials + 1 };
}
