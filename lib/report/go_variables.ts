/**
 * The variables of Go's runtime with which k6 was started: read from the environment that k6 passes to the script, and shown in
 * reports, because they decide how often frames are late.
 */

import { MASK } from "../settings/masking.ts";
import type { Environment } from "../settings/script_environment.ts";

/** The variables that affect a run. */
export const GO_VARIABLES = ["GOGC", "GOMEMLIMIT", "GOMAXPROCS"] as const;

/** The value of each variable as it may be shown; null for one that is not set. */
export type GoVariables = Readonly<Record<(typeof GO_VARIABLES)[number], string | null>>;

/** The values that Go takes. Anything else may be a secret. */
const VALUES: Readonly<Record<keyof GoVariables, RegExp>> = {
  GOGC: /^(off|-?\d{1,10})$/,
  GOMEMLIMIT: /^(off|\d{1,19}(([KMGT]i)?B)?)$/,
  GOMAXPROCS: /^\d{1,10}$/,
};

/**
 * Reads the variables from an environment. Null where that is not k6's, as in Grafana Cloud k6 or with
 * `--include-system-env-vars=false`: it then has no PATH.
 */
export function goVariables(env: Environment): GoVariables | null {
  if (!Object.keys(env).some((name) => /^path$/i.test(name))) return null;
  const shown = (name: keyof GoVariables) => {
    const text = env[name] ?? "";
    if (text === "") return null;
    return VALUES[name].test(text) ? text : MASK;
  };
  return { GOGC: shown("GOGC"), GOMEMLIMIT: shown("GOMEMLIMIT"), GOMAXPROCS: shown("GOMAXPROCS") };
}

/** True for a value that `goVariables` may have returned. */
export function isGoVariables(value: unknown): value is GoVariables {
  const values: Readonly<Record<string, unknown>> = Object(value);
  return GO_VARIABLES.every((name) => values[name] === null || typeof values[name] === "string");
}

/** True where Go collects by its default: GOGC is not set, or to something that Go does not take. */
export function takesGosDefault({ GOGC }: GoVariables): boolean {
  return GOGC === null || GOGC === MASK;
}

/** Returns each combination once, in the order of `all`, without what is not known. */
export function differentGo(all: readonly (GoVariables | null)[]): readonly GoVariables[] {
  const known = all.filter((one) => one !== null);
  return [...new Map(known.map((one) => [GO_VARIABLES.map((name) => one[name]).join(), one])).values()];
}

/** One line on the variables of a run's k6 processes; `all` has those of each process that differ from one another. */
export function goText(all: readonly GoVariables[]): string {
  const [first] = all;
  if (first === undefined) return "not known: k6 did not pass on its environment, or an earlier version wrote the log";
  const parts = GO_VARIABLES.map((name) => partText(name, first[name]));
  return [...parts, ...(all.length > 1 ? [`(the first of ${all.length} that differ between processes)`] : [])].join(
    "  ",
  );
}

function partText(name: keyof GoVariables, value: string | null): string {
  if (value === MASK) return `${name}=${MASK} (no value that Go takes)`;
  if (value !== null) return `${name}=${value}`;
  return name === "GOGC" ? "GOGC=100 (Go's default)" : `${name} not set`;
}
