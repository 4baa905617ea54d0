/**
 * `make run_load_test_...` (`run.ts [--into FOLDER] SCENARIO [K6 ARGUMENTS]`): runs a scenario with the settings of the
 * environment and exits with k6's exit code. Without `--into`, the run gets a new folder in results/.
 */

import { type ScenarioName, WIRES } from "../lib/wire/wires.ts";
import { runScenario } from "./run/runner.ts";
import { fail } from "./run/terminal.ts";

const argv = process.argv.slice(2);
const folder = argv[0] === "--into" ? argv.splice(0, 2)[1] : undefined;
const [scenario = "", ...args] = argv;

if (!(scenario in WIRES)) {
  fail(`scenario: expected one of ${Object.keys(WIRES).join(", ")}, got "${scenario}"`);
} else {
  await runScenario({ scenario: scenario as ScenarioName, env: process.env, args, ...(folder && { folder }) })
    .then(({ exitCode }) => {
      process.exitCode = exitCode;
    })
    .catch(fail);
}
