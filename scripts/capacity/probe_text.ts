/** Says in words and numbers what the probes of a search were and measured, alike in all files of its report. */

import { parseExpression } from "../../lib/settings/thresholds.ts";
import { valueText } from "../readers/gate_rows.ts";
import type { CapacityResult, Check, Probe, ProbeOutcome } from "./probe.ts";

const OUTCOMES: Readonly<Record<ProbeOutcome, string>> = {
  holds: "holds",
  breaks: "breaks",
  uncertain: "uncertain",
  generator: "generator too slow",
  interrupted: "interrupted",
};

/** What a search is over, as the head of a column or the name of an axis. */
export function loadUnit(of: CapacityResult["of"]): string {
  return of === "users" ? "callers" : "calls/s";
}

/** A load with its unit: `1 caller`, `38 callers`, `0.25 calls/s`. */
export function loadText(load: number, of: CapacityResult["of"]): string {
  return `${loadNumber(load)} ${of === "users" && load === 1 ? "caller" : loadUnit(of)}`;
}

/** A load without its unit, and without the error of sums of decimals. */
export function loadNumber(load: number): string {
  return String(Number(load.toPrecision(6)));
}

/** True for a probe whose outcome is the agent's: its generator was fast enough, and it ran to its end. */
export function isOfAgent({ outcome }: Probe): boolean {
  return outcome === "holds" || outcome === "breaks" || outcome === "uncertain";
}

/** How a probe ended, and how many runs that is of, where it was pooled with earlier ones. */
export function outcomeText({ outcome, pooledWith }: Probe): string {
  return `${OUTCOMES[outcome]}${pooledWith.length === 0 ? "" : ` (${pooledWith.length + 1} runs)`}`;
}

/** A time in ms without its unit; a dash for null. */
export function msNumber(ms: number | null): string {
  return ms === null ? "-" : String(Math.round(ms));
}

/** A share in percent without its unit; a dash for null. A share that is neither 0 nor 1 does not read as 0 or 100. */
export function percentNumber(share: number | null): string {
  if (share === null) return "-";
  if (share > 0 && share < 0.0005) return "<0.1";
  return share < 1 && share >= 0.9995 ? ">99.9" : (share * 100).toFixed(1);
}

/** The checks of a probe that did not hold; none where its numbers are not those of the agent. */
export function brokenChecks(probe: Probe): readonly Check[] {
  return isOfAgent(probe) ? probe.checks.filter(({ outcome }) => outcome !== "holds") : [];
}

/** A check in words: `ttfb is 2310 ms, wanted p(95)<2000`. */
export function checkText(check: Check): string {
  const doubt = check.outcome === "uncertain" ? " (uncertain)" : "";
  return `${checkName(check)} is ${measuredText(check)}${doubt}, wanted ${check.expression}`;
}

/** What a check is of: its series, and the part of the run. */
export function checkName({ isOfSecondHalf, series }: Check): string {
  return isOfSecondHalf ? `${series} of the second half` : series;
}

/** The measured value of a check with its unit, and with as many decimals as tell it from its limit. */
export function measuredText({ expression, measured, series }: Check): string {
  const limit = parseExpression(expression)?.limit;
  if (measured === null || limit === undefined || measured === limit) return valueText(series, measured ?? undefined);
  const differs = (more: number) => valueText(series, measured, more) !== valueText(series, limit, more);
  return valueText(series, measured, [0, 1, 2].find(differs) ?? 3);
}

/** Where the report of a run is, relative to the page. Each part of the path is encoded: a folder may have any name. */
export function reportHref({ folder }: Probe): string {
  return `${folder.split("/").map(encodeURIComponent).join("/")}/report.html`;
}

/** Counts by name in words: `refused 3, closed 1`; a dash without any. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  const all = Object.entries(counts).filter(([, count]) => count > 0);
  return all.length === 0 ? "-" : all.map(([name, count]) => `${name} ${count}`).join(", ");
}
