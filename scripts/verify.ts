/** `make verify`: prints how far each metric of a run is from the truth; fails when a turn has no partner. */

import { percentile } from "../lib/report/stats.ts";
import { type Errors, isProven, type Proof, SIMULATOR_LATE_MS, verifyRun } from "./proof/proof.ts";
import { fail } from "./run/terminal.ts";

/** Prints a proof. */
export function proofText(proof: Proof): string {
  const lines = table("error against truth (ms)", proof.errorsMs);
  if (proof.lateErrorsMs.ttfb.length > 0) lines.push(...table("the same of turns that were late", proof.lateErrorsMs));
  const sums = `turns: ${proof.joined} joined, ${proof.split} split, ${proof.missing.length + proof.untold.length} missed, ${proof.cut} cut off`;
  const odd = Object.entries(proof.anomalies).map(([kind, count]) => `${kind} ${count}`);
  const failed = [
    ...proof.missing.map((turn) => `not in truth.jsonl: ${turn}`),
    ...proof.untold.map((turn) => `not in log.jsonl: ${turn}`),
  ];
  const heard = odd.length > 0 ? [`messages that the agent found odd: ${odd.join(", ")}`] : [];
  const late =
    proof.simulatorLate > 0
      ? [
          `${proof.simulatorLate} turns are not in the errors: the simulator itself was more than ${SIMULATOR_LATE_MS} ms late around them`,
        ]
      : [];
  return [...lines, sums, ...late, ...heard, ...failed].join("\n");
}

function table(title: string, errorsMs: Errors): string[] {
  const rows = Object.entries(errorsMs).map(([metric, errors]) => {
    const name = metric === "simulator" ? "simulator |happened - programmed|" : metric;
    return [name, String(errors.length), ...[50, 99].map((p) => shown(errors, p)), shown(errors, 100)];
  });
  return [[title, "joined", "P50", "P99", "max"], ...rows].map(
    ([name = "", ...cells]) => name.padEnd(36) + cells.map((cell) => cell.padStart(9)).join(""),
  );
}

function shown(sorted: readonly number[], p: number): string {
  const enough = p === 100 ? sorted.length > 0 : sorted.length * (100 - p) >= 100;
  return enough ? percentile(sorted, p).toFixed(1) : "-";
}

if (import.meta.filename === process.argv[1]) {
  const folder = process.argv[2] ?? "";
  await verifyRun(folder)
    .then((proof) => {
      console.log(proofText(proof));
      if (!isProven(proof)) process.exitCode = 1;
    })
    .catch(fail);
}
