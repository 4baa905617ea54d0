/**
 * `make run_load_test_...` (`run.ts [--into FOLDER] SCENARIO [K6 ARGUMENTS]`): runs a scenario with the settings of the
 * environment and exits with k6's exit code. The words of EXTRA_ARGS are further arguments. Without `--into`, the run gets
 * a new folder in RESULTS_DIR (results/ by default).
 */

import { type ScenarioName, WIRES } from "../lib/wire/wires.ts";
import { originNotes } from "./run/make_settings.ts";
import { runScenario } from "./run/runner.ts";
import { fail } from "./run/terminal.ts";
import { splitWords } from "./run/words.ts";

const argv = process.argv.slice(2);
const folder = argv[0] === "--into" ? argv.splice(0, 2)[1] : undefined;
const [scenario = "", ...argsGiven] = argv;
const args = [...argsGiven, ...splitWords(process.env.EXTRA_ARGS ?? "")];

for (const note of originNotes(process.env)) console.error(`note  ${note}`);
if (!(scenario in WIRES)) {
  fail(`scenario: expected one of ${Object.keys(WIRES).join(", ")}, got "${scenario}"`);
} else {
  await runScenario({ scenario: scenario as ScenarioName, env: process.env, args, ...(folder && { folder }) })
    .then(({ exitCode }) => {
      process.exitCode = exitCode;
    })
    .catch(fail);
}
