/** The table of the part `held` of `make bench`: how late frames are with more and more callers, ours and bare. */

import {
  callersHeld,
  heldText,
  LAG_HEAD,
  LATE_TURNS_HEAD,
  type LoadRow,
  lagCells,
  lateTurnCells,
  meanText,
  ratio,
  rowsOf,
  sizesOf,
} from "./bench_rows.ts";
import { formatNumber, markdownTable } from "./markdown.ts";

/** Each number of callers, and below the table how many of each script are held. */
export function heldTable(rows: readonly LoadRow[]): string {
  const [ours, bare] = [rowsOf(rows, "ours"), rowsOf(rows, "bare")];
  const cells = sizesOf(rows).map((callers) => {
    const [ourStep, bareStep] = [ours, bare].map((own) => own.filter((row) => row.callers === callers));
    const simulator = (step: readonly LoadRow[] = []) => meanText(step, (row) => row.simulatorP99Ms);
    return [
      String(callers),
      ...lagCells(ourStep ?? []),
      ...lagCells(bareStep ?? []),
      ...lateTurnCells(ourStep ?? []),
      `${simulator(ourStep)} / ${simulator(bareStep)}`,
    ];
  });
  const lagHead = ["ours", "bare"].flatMap((script) => LAG_HEAD.map((name) => `${script} ${name}`));
  const head = ["callers", ...lagHead, ...LATE_TURNS_HEAD, "simulator P99, ours / bare"];
  const heldRatio = callersHeld(ours) === 0 ? "unknown" : formatNumber(ratio(callersHeld(ours), callersHeld(bare)), 2);
  const held = `Callers held: ours ${heldText(ours)}, bare ${heldText(bare)}; ratio ${heldRatio}.`;
  return `${markdownTable(head, cells)}\n\n${held}`;
}
