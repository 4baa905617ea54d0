/** The Counters that go with other metrics. Apart from the tables of metrics.ts, which no caller keeps in memory. */

import type { MetricName } from "./metrics.ts";

/** Returns the name of the companion Counter: its threshold `count>0` fails a run that measured nothing. */
export function companionOf(name: MetricName): string {
  return `${name}_samples`;
}
