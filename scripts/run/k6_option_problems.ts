/**
 * Checks what k6 would be told besides the settings (its flags, its `K6_` variables and its config file) against
 * k6_options.ts, because an option that only k6 knows of makes run.json, the time limit, the gate and the report untrue.
 */

import { readFileSync } from "node:fs";
import { homedir, platform } from "node:os";
import { join } from "node:path";

import type { K6Option } from "./k6_option.ts";
import { K6_OPTIONS } from "./k6_options.ts";
import { openQuote } from "./words.ts";

/** Where k6 takes options from. */
export interface K6Sources {
  /** The arguments before the script. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Reads a file; null where there is none. */
  readonly read?: (path: string) => string | null;
}

/** A flag as it was given. */
interface GivenFlag {
  readonly option: K6Option;
  /** As it was spelt, without its value: `-e`, `--vus`. */
  readonly spelling: string;
  /** `true` for a switch without a value. */
  readonly value: string;
}

/** What the arguments hold: flags, and a text for each that is none. */
interface ReadArguments {
  readonly flags: readonly GivenFlag[];
  readonly problems: readonly string[];
}

/** Returns a text for each option that the make targets refuse; values are not shown, because they may be secrets. */
export function k6OptionProblems({ args, env, read = textOf }: K6Sources): string[] {
  const { flags, problems } = readArguments(args);
  const config = configFile(flags, env);
  return [
    ...lineProblems(env.EXTRA_ARGS ?? ""),
    ...problems,
    ...flags.flatMap(flagProblem),
    ...K6_OPTIONS.flatMap((option) => variableProblem(option, env)),
    ...configProblems(config, read(config)),
  ];
}

/** The line that the arguments were split from may end within quotes. */
function lineProblems(line: string): string[] {
  const mark = openQuote(line);
  if (mark === null) return [];
  const problem = mark === "\\" ? "a character after each \\, got none" : `closed quotes, got ${mark} without its end`;
  return [`EXTRA_ARGS: expected ${problem}`];
}

/** Reads arguments as k6's library (pflag) does: `--vus=3`, `--vus 3`, `-u3`, `-u 3`, `-u=3`, and switches in a row (`-qp`). */
function readArguments(args: readonly string[]): ReadArguments {
  const flags: GivenFlag[] = [];
  const problems: string[] = [];
  const rest = [...args];
  for (let arg = rest.shift(); arg !== undefined; arg = rest.shift()) {
    const found = arg.startsWith("--") ? longFlag(arg, rest) : shortFlags(arg, rest);
    if (typeof found === "string") problems.push(`EXTRA_ARGS: ${found}`);
    else flags.push(...found);
  }
  return { flags, problems };
}

function longFlag(arg: string, rest: string[]): readonly GivenFlag[] | string {
  const [, name = "", attached] = /^--([^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
  const option = K6_OPTIONS.find(({ flag }) => flag === name);
  if (option === undefined) return `expected options of k6 run that docs/k6_options.md lists, got --${name}`;
  return withValue(option, `--${name}`, attached, rest);
}

/** Reads an argument of one dash: switches, of which the last may be an option with a value. */
function shortFlags(arg: string, rest: string[]): readonly GivenFlag[] | string {
  if (!/^-./.test(arg)) return "expected options of k6 run, got an argument that does not begin with a dash";
  const flags: GivenFlag[] = [];
  for (let at = 1; at < arg.length; at += 1) {
    const option = K6_OPTIONS.find(({ short }) => short === arg[at]);
    if (option === undefined) return `expected options of k6 run that docs/k6_options.md lists, got -${arg[at]}`;
    const behind = arg.slice(at + 1);
    const isSwitch = option.takes === "nothing" && !behind.startsWith("=");
    const attached = isSwitch || behind === "" ? undefined : behind.replace(/^=/, "");
    const found = withValue(option, `-${arg[at]}`, attached, rest);
    if (typeof found === "string") return found;
    flags.push(...found);
    if (!isSwitch) break;
  }
  return flags;
}

function withValue(option: K6Option, spelling: string, attached: string | undefined, rest: string[]) {
  const value = attached ?? (option.takes === "value" ? rest.shift() : "true");
  return value === undefined ? `expected a value of ${spelling}, got none` : [{ option, spelling, value }];
}

function flagProblem({ option, spelling, value }: GivenFlag): string[] {
  if (option.refuses?.(value) !== true) return [];
  if (option.flag !== "env") return [refusal("EXTRA_ARGS", option, spelling, `leave ${spelling} out`)];
  const [name = ""] = value.split("=");
  return [`EXTRA_ARGS: expected no option that ${option.effect}, got -e ${name}=...; say make ... ${name}=... instead`];
}

function variableProblem(option: K6Option, env: NodeJS.ProcessEnv): string[] {
  const { variable, refuses } = option;
  const value = variable === null ? "" : (env[variable] ?? "");
  if (value === "" || refuses?.(value) !== true) return [];
  return [refusal("environment", option, String(variable), `unset ${variable}`)];
}

function refusal(where: string, { effect, instead }: K6Option, spelling: string, leaveOut: string): string {
  const advice = instead === "" ? leaveOut : `${leaveOut}: ${instead}`;
  return `${where}: expected no option that ${effect}, got ${spelling}; ${advice}`;
}

/** The path of the config file that k6 reads: of the flag, the variable, or in the user's config folder as Go finds it. */
function configFile(flags: readonly GivenFlag[], env: NodeJS.ProcessEnv): string {
  const given = flags.filter(({ option }) => option.flag === "config").at(-1)?.value ?? env.K6_CONFIG;
  if (given !== undefined) return given;
  const home = env.HOME ?? homedir();
  const folders: Readonly<Partial<Record<NodeJS.Platform, string>>> = {
    darwin: join(home, "Library", "Application Support"),
    win32: env.AppData ?? env.APPDATA ?? home,
  };
  return join(folders[platform()] ?? (env.XDG_CONFIG_HOME || join(home, ".config")), "k6", "config.json");
}

/** k6 itself rejects a file that is no JSON object. Of a key in several spellings Go takes the last, so each of them counts. */
function configProblems(path: string, text: string | null): string[] {
  const content = Object.entries(asObject(text ?? "{}"));
  return K6_OPTIONS.flatMap((option) =>
    content
      .filter(([name, value]) => value !== null && isSameKey(name, option.key) && option.refuses?.(String(value)))
      .map(([name]) => refusal(path, option, name, `take ${name} out of the file`)),
  );
}

/** Compares as Go's JSON does, which takes letters of other alphabets for those that they fold to (U+017F for s). */
function isSameKey(name: string, key: string | null): boolean {
  return key !== null && name.toUpperCase().toLowerCase() === key.toLowerCase();
}

function asObject(text: string): object {
  try {
    return Object(JSON.parse(text)) as object;
  } catch {
    return {};
  }
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
