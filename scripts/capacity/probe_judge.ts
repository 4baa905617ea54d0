/**
 * Judges the turns and calls of one probe, or of several of the same load: whether each target of the gate holds, and what a report
 * shows of them. Knows no files: records come one by one.
 */

import { callSamples, type SampleContext, turnSamples } from "../../lib/metrics/samples.ts";
import { hasEnoughSamples, type Stats, StatsBuilder } from "../../lib/report/stats.ts";
import type { TierExpressions } from "../../lib/settings/thresholds.ts";
import type { CallLine, TurnLine } from "../results/log_lines.ts";
import { StageTimes } from "../results/ttfb_stages.ts";
import type { Check, Probe, ProbeOutcome } from "./probe.ts";
import { isOfCalls } from "./share_targets.ts";
import { type SampleOrigin, TargetCounts } from "./target_counts.ts";

/** What a judgement needs besides the records. */
export interface JudgeContext extends SampleContext {
  readonly targets: TierExpressions;
  /** Which percentiles to calculate, by k6's names. */
  readonly percentiles: readonly string[];
}

/** The part of a run that is judged; epoch ms. Records that began outside of it do not count. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What the records of a probe show. */
export type Judgement = Pick<
  Probe,
  "checks" | "failedCalls" | "failedTurns" | "stages" | "throttled" | "turns" | "turnSec" | "values"
>;

/** The samples of a part of the records. */
class Part {
  private readonly builder: StatsBuilder;
  private readonly counts: TargetCounts;

  constructor({ percentiles, targets }: JudgeContext) {
    this.builder = new StatsBuilder(percentiles);
    this.counts = new TargetCounts(targets);
  }

  add(samples: ReturnType<typeof turnSamples>, origin: SampleOrigin): void {
    for (const sample of samples) {
      this.builder.add(sample);
      this.counts.add(sample, origin);
    }
  }

  stats(): Stats {
    return this.builder.build();
  }

  checks(): readonly Check[] {
    return this.counts.checks(this.stats());
  }
}

/** Adds up the records of a probe. */
export class ProbeJudge {
  private readonly context: JudgeContext;
  private readonly whole: Part;
  /** What is of confirmations. */
  private readonly confirmation: Part;
  private readonly secondHalf: Part;
  /** What began before the span: the ramp-up. */
  private readonly before: Part;
  private readonly stages = new StageTimes();
  private readonly failedTurns: Record<string, number> = {};
  private readonly failedCalls: Record<string, number> = {};
  private readonly throttled: Record<string, number> = {};
  private readonly lastTurns = new Map<string, { turn: number; atMs: number }>();
  /** Turns in which nothing was said, by call: they count when the call ended. */
  private readonly silentTurns = new Map<string, TurnLine[]>();
  private readonly gaps = { count: 0, sumMs: 0 };
  private span: Span = { fromMs: 0, toMs: 0 };
  private isConfirmation = false;
  private turnsOfRun = 0;
  private allTurns = 0;
  private throttledRecords = 0;

  constructor(context: JudgeContext) {
    this.context = context;
    this.whole = new Part(context);
    this.confirmation = new Part(context);
    this.secondHalf = new Part(context);
    this.before = new Part(context);
  }

  /**
   * Begins with the records of a run; `turns` and `turnSec` of the judgement are those of the last one. A confirmation must also
   * meet the targets by itself, and in its second half: what grows with time shows there.
   */
  beginRun(span: Span, isConfirmation: boolean): void {
    this.span = span;
    this.isConfirmation = isConfirmation;
    this.turnsOfRun = 0;
    this.gaps.count = 0;
    this.gaps.sumMs = 0;
    this.lastTurns.clear();
    this.silentTurns.clear();
  }

  turn(line: TurnLine): void {
    const atMs = line.speechStartAtMs ?? line.eosAtMs;
    if (atMs !== null) this.turnAt(line, atMs);
    else this.silentTurns.set(line.call, [...(this.silentTurns.get(line.call) ?? []), line]);
  }

  /** Takes a call, after its turns. */
  call(line: CallLine): void {
    const { call, closedAtMs, dialAtMs, faults, outcome } = line;
    for (const turn of this.silentTurns.get(call) ?? []) this.turnAt(turn, closedAtMs);
    this.silentTurns.delete(call);
    this.lastTurns.delete(call);
    this.add(callSamples(line), { call, atMs: dialAtMs });
    if (dialAtMs >= this.span.toMs) return;
    if (outcome !== "ok") count(this.failedCalls, outcome);
    this.addThrottling(faults);
  }

  /** What the records show. */
  judgement(): Judgement {
    const stats = this.whole.stats();
    const { gaps, turnsOfRun } = this;
    return {
      checks: this.checks(),
      turns: turnsOfRun,
      turnSec: gaps.count === 0 ? null : gaps.sumMs / gaps.count / 1000,
      values: {
        ttfbP50Ms: valueIn(stats, "ttfb", "p(50)"),
        ttfbP95Ms: valueIn(stats, "ttfb", "p(95)"),
        bargeP95Ms: valueIn(stats, "barge", "p(95)"),
        turnSuccess: valueIn(stats, "turn_success", "rate"),
        throttledShare: this.allTurns === 0 ? null : this.throttledRecords / this.allTurns,
      },
      stages: this.stageTimes(),
      throttled: this.throttled,
      failedCalls: this.failedCalls,
      failedTurns: this.failedTurns,
    };
  }

  private turnAt(line: TurnLine, atMs: number): void {
    const { call, faults, outcome, turn } = line;
    this.add(turnSamples({ ...line, utterance: 0 }, this.context), { call, atMs });
    if (!this.isInside(atMs)) return;
    this.turnsOfRun += 1;
    this.allTurns += 1;
    this.stages.add(line);
    if (outcome !== "ok" && outcome !== "generator_late") count(this.failedTurns, outcome);
    this.addThrottling(faults);
    const last = this.lastTurns.get(call);
    this.lastTurns.set(call, { turn, atMs });
    if (last?.turn !== turn - 1) return;
    this.gaps.count += 1;
    this.gaps.sumMs += atMs - last.atMs;
  }

  private isInside(atMs: number): boolean {
    return atMs >= this.span.fromMs && atMs < this.span.toMs;
  }

  private add(samples: ReturnType<typeof turnSamples>, origin: SampleOrigin): void {
    const { fromMs, toMs } = this.span;
    if (origin.atMs < fromMs) this.before.add(samples, origin);
    if (!this.isInside(origin.atMs)) return;
    this.whole.add(samples, origin);
    if (!this.isConfirmation) return;
    this.confirmation.add(samples, origin);
    if (origin.atMs >= (fromMs + toMs) / 2) this.secondHalf.add(samples, origin);
  }

  private addThrottling(faults: readonly string[]): void {
    const sources = faults.flatMap((fault) => {
      if (fault === "ws_error:http_429") return ["http_429"];
      return fault.startsWith("rate_limit:") ? [fault.slice("rate_limit:".length)] : [];
    });
    for (const source of sources) count(this.throttled, source);
    if (sources.length > 0) this.throttledRecords += 1;
  }

  private checks(): readonly Check[] {
    const before = this.before.checks();
    const [own, late] = [this.confirmation.checks(), this.secondHalf.checks()];
    return this.whole.checks().map((check, index) => {
      // Calls begin in the ramp-up: where none began later, a target on calls is that of the ramp-up.
      if (isOfCalls(check.series)) return check.samples > 0 ? check : (before[index] ?? check);
      return this.isConfirmation ? confirmed(check, own[index], late[index]) : check;
    });
  }

  private stageTimes(): Record<string, number> {
    const [all] = this.stages.breakdowns(this.context.textLeadsAudio);
    return Object.fromEntries((all?.stages ?? []).map(({ ms, name }) => [name, ms]));
  }
}

/** What a judgement says of a load whose generator was on time. Without a turn nothing holds. */
export function outcomeOf({ checks, turns }: Pick<Judgement, "checks" | "turns">): ProbeOutcome {
  if (turns === 0 || checks.some(({ outcome }) => outcome === "breaks")) return "breaks";
  return checks.some(({ outcome }) => outcome === "uncertain") ? "uncertain" : "holds";
}

/** The check of a confirmation: of all samples, unless its own or those of its second half are worse. */
function confirmed(check: Check, own: Check | undefined, late: Check | undefined): Check {
  if (own?.outcome === "breaks") return own;
  if (late?.outcome === "breaks") return { ...late, isOfSecondHalf: true };
  const { allowed = 1, measured } = late?.share ?? {};
  return check.outcome === "holds" && (measured ?? 0) >= allowed ? { ...check, outcome: "uncertain" } : check;
}

function valueIn(stats: Stats, series: string, aggregate: string): number | null {
  const aggregates = stats[series];
  return aggregates !== undefined && hasEnoughSamples(aggregate, aggregates) ? (aggregates[aggregate] ?? null) : null;
}

function count(counts: Record<string, number>, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
