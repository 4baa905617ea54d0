/** What stops a run before its first call. `make doctor` says the same; `make call` starts no k6, so only `prepare` counts for it. */

import { EXITS } from "./exit_codes.ts";
import { k6OptionProblems } from "./k6_option_problems.ts";
import { makeProblems } from "./make_settings.ts";
import type { PreparedPlan } from "./prepare.ts";

/** Returns a text for each input with which the make targets start no run; `args` are the arguments for k6. */
export function runProblems(
  { problems, settings }: Pick<PreparedPlan, "problems" | "settings">,
  env: NodeJS.ProcessEnv,
  args: readonly string[],
): string[] {
  return [...problems, ...makeProblems(settings, env), ...k6OptionProblems({ args, env })];
}

/** Prints why no run is started; returns the exit code. */
export function refuse(problems: readonly string[]): number {
  for (const problem of problems) console.error(problem);
  console.error(`${problems.length} problem(s); no call was made (exit code ${EXITS.input.code})`);
  return EXITS.input.code;
}
