/** What the make targets do with settings besides passing them to k6: those that they cannot honour, and where values came from. */

import type { Settings } from "../../lib/settings/settings.ts";

/** The variable in which the Makefile names the variables of its command line, separated by spaces. */
export const SET_BY_MAKE = "SET_BY_MAKE";

/** Names that shells and other programs use for purposes of their own. */
const NAMES_OF_OTHERS: Readonly<Record<string, string>> = {
  HOST: "conda and tcsh set it",
  TIME: "GNU time reads it",
};

/** Returns a text for each setting that only a plain `k6 run` can honour. */
export function makeProblems({ REPORT, TURN_LOG }: Settings, env: NodeJS.ProcessEnv): string[] {
  const problems: string[] = [];
  if (REPORT !== "table") {
    problems.push(
      `REPORT: expected table with make, because k6's own summary leaves no summary.json, got ${JSON.stringify(REPORT)}; for k6's summary start k6 without make`,
    );
  }
  if ((env.TURN_LOG ?? "").trim() !== "" && !TURN_LOG) {
    problems.push("TURN_LOG: expected true with make, because the report is made from the log, got false; unset it");
  }
  return problems;
}

/** Adds to each problem of a setting that make was not given that its value came from the environment. */
export function withOrigin(problems: readonly string[], env: NodeJS.ProcessEnv): string[] {
  return problems.map((problem) => {
    const name = /^([A-Z0-9_]+):/.exec(problem)?.[1] ?? "";
    return isFromEnvironment(name, env) ? `${problem}; ${originText(name)}` : problem;
  });
}

/** A note where a bare name came from the environment as HOST: a shell may have set it to the name of this machine. */
export function originNotes(env: NodeJS.ProcessEnv): string[] {
  const isBareName = /^[\w-]+$/.test(env.HOST ?? "") && env.HOST !== "localhost" && !env.WS_URL;
  return isBareName && isFromEnvironment("HOST", env) ? [originText("HOST")] : [];
}

function originText(name: string): string {
  const others = NAMES_OF_OTHERS[name];
  return `${name} comes from your environment, not from make's command line${others === undefined ? "" : ` (${others})`}; unset ${name}, or say make ... ${name}=...`;
}

/** False without make, which alone knows. */
function isFromEnvironment(name: string, env: NodeJS.ProcessEnv): boolean {
  const set = env[SET_BY_MAKE];
  return set !== undefined && (env[name] ?? "").trim() !== "" && !set.split(" ").includes(name);
}
