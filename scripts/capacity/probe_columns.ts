/** The table of probes: one row for each run of a search, in their order. */

import { parseExpression } from "../../lib/settings/thresholds.ts";
import type { Cell } from "../readers/html_table.ts";
import type { CapacityResult, Probe } from "./probe.ts";
import { loadNumber, loadUnit, msNumber, outcomeText, percentNumber, reportHref } from "./probe_text.ts";

/** One column of the table. */
export interface Column {
  readonly head: string;
  readonly isNumber: boolean;
  /** True where a narrow table leaves the column out. */
  readonly isDetail: boolean;
  readonly cell: (probe: Probe) => Cell;
}

/** The classes of outcomes; those of others are muted. */
const CLASSES: Readonly<Partial<Record<Probe["outcome"], string>>> = { holds: "pass", breaks: "fail" };

/** The columns of the table of a search. */
export function probeColumns(result: CapacityResult): readonly Column[] {
  return [
    text(loadUnit(result.of), (probe) => ({ text: loadNumber(probe.load), href: reportHref(probe) })),
    text("purpose", ({ purpose }) => purpose),
    text("outcome", (probe) => ({ text: outcomeText(probe), cssClass: CLASSES[probe.outcome] ?? "none" })),
    number("turns", (probe) => ofAgent(probe, String(probe.turns))),
    value("ttfb P50, ms", ["ttfb", "p(50)"], ({ values }) => msNumber(values.ttfbP50Ms)),
    value("ttfb P95, ms", ["ttfb", "p(95)"], ({ values }) => msNumber(values.ttfbP95Ms)),
    value("barge P95, ms", ["barge", "p(95)"], ({ values }) => msNumber(values.bargeP95Ms)),
    value("success, %", ["turn_success", "rate"], ({ values }) => percentNumber(values.turnSuccess)),
    number("throttled, %", (probe) => ofAgent(probe, percentNumber(probe.values.throttledShare))),
    ...stageNames(result).map((name) => ({
      ...number(`${shortName(name)}, ms`, (probe) => ofAgent(probe, msNumber(probe.stages[name] ?? null))),
      isDetail: true,
    })),
    number("TIME, s", ({ timeSec }) => String(Math.round(timeSec))),
    text("run", ({ folder }) => folder),
  ];
}

/** The stages that any probe has. */
export function stageNames({ probes }: CapacityResult): readonly string[] {
  return [...new Set(probes.flatMap((probe) => Object.keys(probe.stages)))];
}

/** The short name of a stage is behind its name: `recogniser (stt)`. */
function shortName(stage: string): string {
  return /\((.+)\)$/.exec(stage)?.[1] ?? stage;
}

function text(head: string, cell: Column["cell"]): Column {
  return { head, isNumber: false, isDetail: false, cell };
}

function number(head: string, cell: Column["cell"]): Column {
  return { head, isNumber: true, isDetail: false, cell };
}

/** A column of measured values, which shows where they broke a target, or are too near to it to tell. */
function value(head: string, [series, aggregate]: readonly [string, string], shown: (probe: Probe) => string): Column {
  return number(head, (probe) => {
    const content = ofAgent(probe, shown(probe));
    if (content === "-") return content;
    const outcomes = probe.checks
      .filter((check) => check.series === series && !check.isOfSecondHalf)
      .filter(({ expression }) => parseExpression(expression)?.aggregate === aggregate)
      .map(({ outcome }) => outcome);
    if (outcomes.includes("breaks")) return { text: content, cssClass: "fail" };
    return outcomes.includes("uncertain") ? `${content} (uncertain)` : content;
  });
}

/** What was measured while the generator was too slow is not shown. */
function ofAgent({ outcome }: Probe, content: string): string {
  return outcome === "generator" ? "-" : content;
}
