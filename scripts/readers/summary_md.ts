/** Writes `summary.md`: the report for a CI job summary or a pull request, in GitHub Markdown. */

import { goText } from "../../lib/report/go_variables.ts";
import type { RunSummary } from "../../lib/report/run_summary.ts";
import { countOf } from "../../lib/report/stats.ts";
import { TIERS } from "../../lib/settings/thresholds.ts";
import { machineFacts, machineText } from "../results/machine_facts.ts";
import type { RunReport } from "../results/report_from_log.ts";
import { gateRows } from "./gate_rows.ts";
import { escapeMarkdown } from "./markdown.ts";
import { seriesOf, valueIfEnough } from "./series.ts";

/** Metrics with a row in the table of times; `report.html` shows the others too. */
const SHOWN = ["ttfb", "barge", "turn", "greeting", "first_event", "stall"];

/** Counters with a row in the table of events where they are above 0; tagged counters have one row per tag value. */
const COUNTED = ["turn_error", "rate_limit", "server_error", "ws_error", "ws_close", "barge_timeout", "generator_late"];
const UNTAGGED = ["barge_timeout", "generator_late"];

/** Writes the summary. */
export function summaryMd({ machine, run }: RunReport): string {
  const { scenario, settings, stats, url } = run;
  const load = settings.CALLS_PER_SEC > 0 ? `${settings.CALLS_PER_SEC} calls/s` : `${settings.USERS} callers`;
  const facts = [scenario, settings.PIPELINE, `\`${withoutBackticks(url)}\``, load, `${settings.TIME} s`];
  const machineUse = machineFacts(machine);
  const counts = `${countOf(stats, "calls")} calls, ${countOf(stats, "turns")} turns`;
  return [
    `## Load test: ${run.verdict}`,
    "",
    ...run.reasons.map((reason) => `- ${escapeMarkdown(reason)}`),
    ...run.remarks.map((remark) => `- note: ${escapeMarkdown(remark)}`),
    "",
    `${facts.join(", ")}; ${counts}`,
    "",
    ...gate(run),
    "",
    ...times(run),
    "",
    ...events(run),
    "",
    `collector: ${escapeMarkdown(goText(run.go))}`,
    "",
    ...(machineUse === null ? [] : [`machine: ${machineText(machineUse)}`, ""]),
  ].join("\n");
}

function gate(run: RunSummary): string[] {
  const rows = gateRows(run);
  const names = [...new Set(rows.map(({ series }) => series))];
  const heads = TIERS.map((tier) => (tier === run.settings.GATE ? `${tier} (gates)` : tier));
  const lines = names.map((name) => {
    const cells = TIERS.map((tier) =>
      rows
        .filter((row) => row.series === name && row.tier === tier)
        .map(
          ({ expression, grade }) =>
            `${escapeMarkdown(expression)} ${{ pass: "ok", fail: "**FAIL**", none: "no data" }[grade]}`,
        )
        .join(", "),
    );
    const measured = rows.find(({ series }) => series === name)?.measured ?? "";
    return `| ${escapeMarkdown(name)} | ${measured} | ${cells.join(" | ")} |`;
  });
  return [`| gate | measured | ${heads.join(" | ")} |`, `| --- | ---: |${" --- |".repeat(TIERS.length)}`, ...lines];
}

function times({ stats }: RunSummary): string[] {
  const rows = seriesOf(stats).filter(({ key, metric }) => SHOWN.includes(metric) && !key.includes("{turn:"));
  const lines = rows.map(({ aggregates, printed }) => {
    const cells = ["avg", "p(50)", "p(95)", "p(99)", "max"].map((name) => {
      const value = valueIfEnough(aggregates, name);
      return value === null ? "-" : String(Math.round(value));
    });
    return `| ${printed} | ${aggregates.count ?? 0} | ${cells.join(" | ")} |`;
  });
  return ["| ms | count | avg | P50 | P95 | P99 | max |", `| --- |${" ---: |".repeat(6)}`, ...lines];
}

function events({ stats }: RunSummary): string[] {
  const rows = seriesOf(stats).filter(
    ({ key, metric }) => COUNTED.includes(metric) && (key.includes("{") || UNTAGGED.includes(metric)),
  );
  if (rows.length === 0) return ["No fault, throttling or failed turn was seen."];
  return [
    "| seen | times |",
    "| --- | ---: |",
    ...rows.map(({ aggregates, printed }) => `| ${printed} | ${aggregates.count} |`),
  ];
}

function withoutBackticks(text: string): string {
  return text.replaceAll("`", "'");
}
