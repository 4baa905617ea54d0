/** Makes k6's metrics. A lazy module, so that no caller keeps the tables of all metrics. */

import type { Counter, Rate, Trend } from "k6/metrics";

import { companionOf } from "../metrics/companion.ts";
import { ACCOMPANIED, KINDS, type MetricName } from "../metrics/metrics.ts";

/** Adds a sample to a metric: all that a caller keeps of k6's Trends, Counters and Rates. */
export type AddSample = (value: number, tags?: Record<string, string>) => void;

/** The constructors of k6's metrics. */
export interface MetricConstructors {
  readonly Counter: new (name: string) => Counter;
  readonly Rate: new (name: string) => Rate;
  readonly Trend: new (name: string, isTime: boolean) => Trend;
}

/** Loads the module. */
export function loadMetrics() {
  return { makeMetrics };
}

/** Makes every metric, and for those of which a threshold needs to know whether it has samples a Counter of them. */
function makeMetrics({ Counter, Rate, Trend }: MetricConstructors): Readonly<Record<string, AddSample>> {
  const metrics: Record<string, AddSample> = {};
  for (const name in KINDS) {
    const kind = KINDS[name as MetricName];
    const metric = kind === "trend" ? new Trend(name, true) : kind === "rate" ? new Rate(name) : new Counter(name);
    metrics[name] = metric.add;
  }
  for (const name of ACCOMPANIED) metrics[companionOf(name)] = new Counter(companionOf(name)).add;
  return metrics;
}
