/** Lists the series of a run that have samples, under the names that reports print. */

import { GLOSSARY } from "../../lib/metrics/glossary.ts";
import { METRIC_NAMES, type MetricName, seriesName, tagOf } from "../../lib/metrics/metrics.ts";
import { type Aggregates, hasEnoughSamples, hasSamples, type Stats } from "../../lib/report/stats.ts";

/** One series that has samples. */
export interface Series {
  readonly metric: MetricName;
  /** k6's key of the series: `ttfb{turn:01}`. */
  readonly key: string;
  /** The name that reports print: `ttfb/01`. */
  readonly printed: string;
  readonly aggregates: Aggregates;
}

/** All series with samples, in the order of the metrics; the untagged series of a metric precedes its tagged ones. */
export function seriesOf(stats: Stats): Series[] {
  return METRIC_NAMES.flatMap((metric) => {
    const { printed } = GLOSSARY[metric];
    const tag = tagOf(metric);
    const prefix = tag === undefined ? null : `${metric}{${tag}:`;
    const tagged = Object.keys(stats).filter((key) => prefix !== null && key.startsWith(prefix));
    const values = tagged
      .map((key) => key.slice((prefix ?? "").length, -1))
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const keys: [string, string][] = [
      // The untagged series of `stage` mixes the times of different stages, so it is left out.
      ...(tag === "stage" ? [] : ([[metric, printed]] as [string, string][])),
      ...values.map((value): [string, string] => [seriesName(metric, tag ?? "", value), `${printed}/${value}`]),
    ];
    return keys.flatMap(([key, name]) => {
      const aggregates = stats[key];
      return hasSamples(aggregates) ? [{ metric, key, printed: name, aggregates }] : [];
    });
  });
}

/** An aggregate of a series; null where it has too few samples for that aggregate (`enough`). */
export function valueIfEnough(aggregates: Aggregates, aggregate: string): number | null {
  const value = aggregates[aggregate];
  return value === undefined || !hasEnoughSamples(aggregate, aggregates) ? null : value;
}
