/** `doctor.ts SCENARIO`: looks for what keeps a load from being made, and says what to do; exit code 1 when it found any. */

import { type Diagnosis, diagnose } from "./live/checks.ts";
import { scenarioOf } from "./live/target.ts";
import { fail } from "./run/terminal.ts";

async function doctor(name: string): Promise<boolean> {
  const scenario = scenarioOf(name);
  let isWell = true;
  for await (const diagnosis of diagnose(scenario, process.env)) {
    console.log(textOf(diagnosis));
    isWell &&= diagnosis.ok;
  }
  return isWell;
}

function textOf({ advice, found, name, ok }: Diagnosis): string {
  const line = `${ok ? "ok  " : "FAIL"}  ${name.padEnd(20)}${found}`;
  return ok ? line : `${line}\n${" ".repeat(26)}-> ${advice}`;
}

await doctor(process.argv[2] ?? "")
  .then((isWell) => {
    if (!isWell) process.exitCode = 1;
  })
  .catch(fail);
