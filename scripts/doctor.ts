/**
 * `make doctor` (`doctor.ts SCENARIO`): checks what a load test needs and prints advice; exit code 1 when a check
 * failed.
 */

import type { CheckResult } from "./live/check_result.ts";
import { runChecks } from "./live/checks.ts";
import { parseScenario } from "./live/target.ts";
import { originNotes } from "./run/make_settings.ts";
import { fail } from "./run/terminal.ts";

async function doctor(name: string): Promise<boolean> {
  const scenario = parseScenario(name);
  for (const note of originNotes(process.env)) console.error(`note  ${note}`);
  let allOk = true;
  for await (const result of runChecks(scenario, process.env)) {
    console.log(textOf(result));
    allOk &&= result.ok;
  }
  return allOk;
}

function textOf({ advice, found, name, ok }: CheckResult): string {
  const line = `${ok ? "ok  " : "FAIL"}  ${name.padEnd(20)}${found}`;
  return ok ? line : `${line}\n${" ".repeat(26)}-> ${advice}`;
}

await doctor(process.argv[2] ?? "")
  .then((allOk) => {
    if (!allOk) process.exitCode = 1;
  })
  .catch(fail);
