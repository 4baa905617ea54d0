/** `summary.md`: the report for a job summary or a pull request. */

import { countOf } from "../../lib/report/stats.ts";
import type { Run } from "../../lib/report/summary.ts";
import { TIERS } from "../../lib/settings/thresholds.ts";
import { machineFacts, machineText } from "../results/machine_facts.ts";
import type { Reread } from "../results/report_from_log.ts";
import { gateRows } from "./gate_rows.ts";
import { carried, seriesOf } from "./series.ts";

/** Metrics whose rows a pull request shows; the rest is in the report. */
const SHOWN = ["ttfb", "barge", "turn", "greeting", "first_event", "stall"];

/** Counters that a reader should see where they counted anything: those with a tag by its values. */
const COUNTED = ["turn_error", "rate_limit", "server_error", "ws_error", "ws_close", "barge_timeout", "generator_late"];
const UNTAGGED = ["barge_timeout", "generator_late"];

/** Writes the summary. */
export function summaryMd({ machine, run }: Reread): string {
  const { scenario, settings, stats, url } = run;
  const load = settings.CALLS_PER_SEC > 0 ? `${settings.CALLS_PER_SEC} calls/s` : `${settings.USERS} callers`;
  const facts = [scenario, settings.PIPELINE, `\`${inCode(url)}\``, load, `${settings.TIME} s`];
  const ofMachine = machineFacts(machine);
  const counts = `${countOf(stats, "calls")} calls, ${countOf(stats, "turns")} turns`;
  return [
    `## Load test: ${run.verdict}`,
    "",
    ...run.reasons.map((reason) => `- ${plain(reason)}`),
    ...run.remarks.map((remark) => `- note: ${plain(remark)}`),
    "",
    `${facts.join(", ")}; ${counts}`,
    "",
    ...gate(run),
    "",
    ...times(run),
    "",
    ...events(run),
    "",
    ...(ofMachine === null ? [] : [`machine: ${machineText(ofMachine)}`, ""]),
  ].join("\n");
}

function gate(run: Run): string[] {
  const rows = gateRows(run);
  const names = [...new Set(rows.map(({ series }) => series))];
  const heads = TIERS.map((tier) => (tier === run.settings.GATE ? `${tier} (gates)` : tier));
  const lines = names.map((name) => {
    const cells = TIERS.map((tier) =>
      rows
        .filter((row) => row.series === name && row.tier === tier)
        .map(
          ({ expression, grade }) => `${plain(expression)} ${{ pass: "ok", fail: "**FAIL**", none: "no data" }[grade]}`,
        )
        .join(", "),
    );
    const measured = rows.find(({ series }) => series === name)?.measured ?? "";
    return `| ${plain(name)} | ${measured} | ${cells.join(" | ")} |`;
  });
  return [`| gate | measured | ${heads.join(" | ")} |`, `| --- | ---: |${" --- |".repeat(TIERS.length)}`, ...lines];
}

function times({ stats }: Run): string[] {
  const rows = seriesOf(stats).filter(({ key, metric }) => SHOWN.includes(metric) && !key.includes("{turn:"));
  const lines = rows.map(({ aggregates, printed }) => {
    const cells = ["avg", "p(50)", "p(95)", "p(99)", "max"].map((name) => {
      const value = carried(aggregates, name);
      return value === null ? "-" : String(Math.round(value));
    });
    return `| ${printed} | ${aggregates.count ?? 0} | ${cells.join(" | ")} |`;
  });
  return ["| ms | count | avg | P50 | P95 | P99 | max |", `| --- |${" ---: |".repeat(6)}`, ...lines];
}

function events({ stats }: Run): string[] {
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

/** Texts of the agent's making must not become markup. */
function plain(text: string): string {
  return text.replaceAll(/[\\`*_[\]<>|#@]/g, (sign) => `\\${sign}`).replaceAll("\n", " ");
}

function inCode(text: string): string {
  return text.replaceAll("`", "'");
}
