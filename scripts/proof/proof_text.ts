/** Formats a proof as the text that `make verify` and `make demo` print. */

import { percentile } from "../../lib/report/stats.ts";
import type { Errors } from "./errors.ts";
import { type Proof, SIMULATOR_LATE_MS } from "./proof.ts";

/** What the rows of the table are called where it is not the name of the error. */
const ROW_NAMES: Readonly<Record<string, string>> = {
  ttfbBytes: "ttfb_bytes",
  leadSilence: "lead_silence",
  simulator: "simulator |happened - programmed|",
};

/** The tables of errors, the numbers of turns, and the turns without a partner. */
export function proofText(proof: Proof): string {
  const {
    anomalies,
    cut,
    errorsMs,
    gaps,
    joined,
    lateErrorsMs,
    missingFromLog,
    missingFromTruth,
    simulatorLate,
    split,
  } = proof;
  const lines = errorTable("error against truth (ms)", errorsMs);
  if (lateErrorsMs.ttfb.length > 0) lines.push(...errorTable("the same of turns that were late", lateErrorsMs));
  const missed = missingFromTruth.length + missingFromLog.length;
  lines.push(`turns: ${joined} joined, ${split} split, ${missed} missed, ${cut} cut off`);
  if (simulatorLate > 0) {
    lines.push(
      `${simulatorLate} turns are not in the errors: the simulator itself was more than ${SIMULATOR_LATE_MS} ms late around them`,
    );
  }
  const kinds = Object.entries(anomalies).map(([kind, count]) => `${kind} ${count}`);
  if (kinds.length > 0) lines.push(`messages that the agent found odd: ${kinds.join(", ")}`);
  lines.push(...gaps);
  lines.push(...missingFromTruth.map((turn) => `not in truth.jsonl: ${turn}`));
  lines.push(...missingFromLog.map((turn) => `not in log.jsonl: ${turn}`));
  return lines.join("\n");
}

function errorTable(title: string, errorsMs: Errors): string[] {
  const rows = Object.entries(errorsMs).map(([metric, errors]) => {
    const name = ROW_NAMES[metric] ?? metric;
    return [name, String(errors.length), ...[50, 99, 100].map((p) => percentileText(errors, p))];
  });
  return [[title, "joined", "P50", "P99", "max"], ...rows].map(
    ([name = "", ...cells]) => name.padEnd(36) + cells.map((cell) => cell.padStart(9)).join(""),
  );
}

/** A percentile, or a dash where there are too few values for it: the P99 needs 100, the maximum (`p` 100) one. */
function percentileText(sorted: readonly number[], p: number): string {
  const enough = p === 100 ? sorted.length > 0 : sorted.length * (100 - p) >= 100;
  return enough ? percentile(sorted, p).toFixed(1) : "-";
}
