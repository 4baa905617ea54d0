/** The rows of every table of numbers: series by the names that reports print. */

import { GLOSSARY } from "../../lib/metrics/glossary.ts";
import { METRIC_NAMES, type MetricName, seriesName, tagOf } from "../../lib/metrics/metrics.ts";
import { type Aggregates, enough, hasSamples, type Stats } from "../../lib/report/stats.ts";

/** One series that has samples. */
export interface Series {
  readonly metric: MetricName;
  /** As k6 keys it: `ttfb{turn:01}`. */
  readonly key: string;
  /** As reports print it: `ttfb/01`. */
  readonly printed: string;
  readonly aggregates: Aggregates;
}

/** Every series with samples, metric by metric, the whole one before its parts. */
export function seriesOf(stats: Stats): Series[] {
  return METRIC_NAMES.flatMap((metric) => {
    const { printed } = GLOSSARY[metric];
    const tag = tagOf(metric);
    const prefix = tag === undefined ? null : `${metric}{${tag}:`;
    const parts = Object.keys(stats).filter((key) => prefix !== null && key.startsWith(prefix));
    const values = parts
      .map((key) => key.slice((prefix ?? "").length, -1))
      .sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
    const keys: [string, string][] = [
      // The stages of a turn together are no time of anything.
      ...(tag === "stage" ? [] : ([[metric, printed]] as [string, string][])),
      ...values.map((value): [string, string] => [seriesName(metric, tag ?? "", value), `${printed}/${value}`]),
    ];
    return keys.flatMap(([key, name]) => {
      const aggregates = stats[key];
      return hasSamples(aggregates) ? [{ metric, key, printed: name, aggregates }] : [];
    });
  });
}

/** A value of a series where the samples carry it; null where they are too few. */
export function carried(aggregates: Aggregates, aggregate: string): number | null {
  const value = aggregates[aggregate];
  return value === undefined || !enough(aggregate, aggregates) ? null : value;
}
