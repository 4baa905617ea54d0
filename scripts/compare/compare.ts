/**
 * `make compare` (`compare.ts "RUN" BASE...`): says whether a run is slower than other runs, beyond noise and beyond
 * COMPARE_MARGIN. Writes `compare.json`, `compare.md` and `compare.html` into the folder of the run. The exit codes are those of
 * `COMPARE_EXITS`.
 */

import { realpath } from "node:fs/promises";
import { join } from "node:path";

import { fail } from "../run/terminal.ts";
import { compareText } from "./compare_text.ts";
import { compareRuns } from "./comparison.ts";
import { assertNotMisspelt, readRun, readRuns } from "./inputs.ts";
import { readMargin } from "./margin.ts";
import { COMPARE_EXITS } from "./outcome.ts";
import { writeComparison } from "./write_comparison.ts";

/** Compares, and returns the exit code. */
async function compare(run: string, base: readonly string[]): Promise<number> {
  assertNotMisspelt("COMPARE_MARGIN", process.env);
  const margin = readMargin(process.env.COMPARE_MARGIN ?? "");
  const compared = await readRun("RUN", run.split(" ").filter(Boolean));
  await assertDifferent(compared.path, base);
  const bases = await readRuns("BASE", base);
  const comparison = compareRuns(bases, compared, margin);
  await writeComparison(compared.path, comparison, bases, compared);
  console.log(compareText(comparison));
  console.log(join(compared.path, "compare.html"));
  return comparison.exitCode;
}

/** A run that is compared with itself is never slower. */
async function assertDifferent(run: string, bases: readonly string[]): Promise<void> {
  const real = await realpath(run);
  for (const base of bases)
    if ((await realpath(base).catch(() => base)) === real)
      throw new Error(`BASE: expected other folders than that of RUN, got ${JSON.stringify(base)} for both`);
}

const [run = "", ...base] = process.argv.slice(2);
await compare(run, base)
  .then((exitCode) => {
    process.exitCode = exitCode;
  })
  .catch((error: unknown) => fail(error, COMPARE_EXITS.refused.code));
