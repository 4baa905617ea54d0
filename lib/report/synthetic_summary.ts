/** Makes the samples and the summaries of synthetic runs; only tests use it. */

import type { Sample } from "../metrics/metrics.ts";
import { readSettings } from "../settings/read_settings.ts";
import { requiredPercentiles, type Tiers } from "../settings/thresholds.ts";
import type { GoVariables } from "./go_variables.ts";
import { type RunSummary, summaryFromStats } from "./run_summary.ts";
import { StatsBuilder } from "./stats.ts";

/** Returns the samples of a run of `turns` turns without failures, each with this ttfb, and then `more`. */
export function syntheticSamples(turns: number, ttfbMs: number, more: readonly Sample[] = []): Sample[] {
  const turn: Sample[] = [
    { metric: "turns", value: 1 },
    { metric: "calls", value: 1 },
    { metric: "on_time", value: 1 },
    { metric: "send_lag", value: 3 },
    { metric: "send_lag_seconds", value: 1 },
    { metric: "connection_success", value: 1 },
    { metric: "turn_success", value: 1 },
    { metric: "ttfb", value: ttfbMs, tags: { turn: "01" } },
    { metric: "barge", value: 300, tags: { turn: "01" } },
  ];
  return [...Array.from({ length: turns }, () => turn).flat(), ...more];
}

/** Makes the summary of a run with these samples, from the settings in `env`. */
export function syntheticSummary(
  tiers: Tiers,
  samples: readonly Sample[],
  options: {
    readonly env?: Readonly<Record<string, string>>;
    readonly go?: readonly GoVariables[];
    readonly interrupted?: boolean;
  } = {},
): RunSummary {
  const builder = new StatsBuilder(requiredPercentiles(tiers));
  for (const sample of samples) builder.add(sample);
  const { settings } = readSettings(options.env ?? {});
  const go = options.go ?? [];
  const input = { scenario: "acs_media", settings, tiers, remarks: [], go, path: "/p", pathHint: "try /p" };
  return summaryFromStats(builder.build(), input, options.interrupted ?? false);
}
