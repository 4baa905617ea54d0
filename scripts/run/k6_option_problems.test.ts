import { homedir, platform } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

import { k6OptionProblems } from "./k6_option_problems.ts";
import { K6_OPTIONS } from "./k6_options.ts";

const NO_FILES = () => null;

const ofArgs = (...args: string[]) => k6OptionProblems({ args, env: {}, read: NO_FILES });
const ofEnv = (env: Record<string, string>) => k6OptionProblems({ args: [], env, read: NO_FILES });

describe("the arguments of k6", () => {
  it.each([
    [["--vus", "3"], "--vus"],
    [["--vus=3"], "--vus"],
    [["-u", "3"], "-u"],
    [["-u3"], "-u"],
    [["-u=3"], "-u"],
    [["-qu", "3"], "-u"],
    [["-d", "10s"], "-d"],
    [["-i10"], "-i"],
    [["-s", "10s:1"], "-s"],
    [["--stage=10s:1"], "--stage"],
    [["--no-thresholds"], "--no-thresholds"],
    [["--no-thresholds=true"], "--no-thresholds"],
    [["-qp"], "-p"],
    [["--include-system-env-vars=false"], "--include-system-env-vars"],
    [["--summary-mode", "disabled"], "--summary-mode"],
    [["--summary-trend-stats=avg"], "--summary-trend-stats"],
    [["--log-format=json"], "--log-format"],
    [["--console-output", "x"], "--console-output"],
    [["--quiet", "--no-setup", "--tag", "a=b"], "--no-setup"],
    [["--min-iteration-duration", "5s"], "--min-iteration-duration"],
    [["-h"], "-h"],
    [["--http-debug", "--quiet"], "--http-debug"],
    [["--http-debug=full"], "--http-debug"],
  ])("%j are refused, and the problem names %s", (args, spelling) => {
    expect(ofArgs(...args)).toEqual([
      expect.stringMatching(
        new RegExp(`^EXTRA_ARGS: expected no option that .+, got ${spelling}; leave ${spelling} out`),
      ),
    ]);
  });

  it.each([
    ["-e", "TIME=5m"],
    ["-eTIME=5m"],
    ["-e=TIME=5m"],
    ["--env", "TIME=5m"],
    ["--env=TIME=5m"],
    ["-qe", "TIME=5m"],
  ])("%s %s: a setting for k6 alone is refused, without its value", (...args) => {
    const given = args.filter((arg) => arg !== undefined);
    expect(ofArgs(...given)).toEqual([
      expect.stringMatching(/got -e TIME=\.\.\.; say make \.\.\. TIME=\.\.\. instead$/),
    ]);
  });

  it.each([
    [["--execution-segment", "0:1/2", "--execution-segment-sequence=0,1/2,1"]],
    [["--insecure-skip-tls-verify", "-o", "json=x", "--tag", "-u=3"]],
    [["--no-thresholds=false", "--paused=f", "-p=0", "--include-system-env-vars"]],
    [["-qv", "--summary-mode=full", "--log-format=raw"]],
    [[]],
  ])("%j are passed on", (args) => {
    expect(ofArgs(...args)).toEqual([]);
  });

  it.each([
    [["--new-in-3.0"], /docs\/k6_options.md lists, got --new-in-3.0/],
    [["-Z"], /docs\/k6_options.md lists, got -Z/],
    [["--"], /docs\/k6_options.md lists, got --$/],
    [["other.js"], /got an argument that does not begin with a dash/],
    [["-"], /got an argument that does not begin with a dash/],
    [["--tag"], /expected a value of --tag, got none/],
    [["-e"], /expected a value of -e, got none/],
  ])("%j, which k6 would take for something else, are refused", (args, problem) => {
    expect(ofArgs(...args)).toEqual([expect.stringMatching(problem)]);
  });

  it("are all looked at", () => {
    expect(ofArgs("--vus", "3", "--bogus", "--duration=9s")).toHaveLength(3);
  });
});

describe("the line of the arguments of k6", () => {
  it.each([
    [`--tag note=it'"`, "EXTRA_ARGS: expected closed quotes, got ' without its end"],
    [`--tag "note=s3cret`, 'EXTRA_ARGS: expected closed quotes, got " without its end'],
    ["--tag a=b \\", "EXTRA_ARGS: expected a character after each \\, got none"],
  ])("%s: is refused, and no value is shown", (line, problem) => {
    expect(ofEnv({ EXTRA_ARGS: line })).toEqual([problem]);
  });

  it("may hold one kind of quotes within the other", () => {
    expect(ofEnv({ EXTRA_ARGS: `--tag "note=it's" --tag 'a="' --tag b=\\'` })).toEqual([]);
  });
});

describe("the variables of k6", () => {
  it.each([
    "K6_VUS",
    "K6_DURATION",
    "K6_ITERATIONS",
    "K6_STAGES",
    "K6_SCENARIOS",
    "K6_MIN_ITERATION_DURATION",
    "K6_NO_THRESHOLDS",
    "K6_THRESHOLDS",
    "K6_PAUSED",
    "K6_LINGER",
    "K6_NO_SETUP",
    "K6_THROW",
    "K6_SUMMARY_TREND_STATS",
    "K6_NEW_MACHINE_READABLE_SUMMARY",
    "K6_HANDLE_SUMMARY_TIMEOUT",
    "K6_SYSTEM_TAGS",
    "K6_CONSOLE_OUTPUT",
    "K6_LOG_FORMAT",
  ])("%s is refused", (name) => {
    expect(ofEnv({ [name]: "1" })).toEqual([
      expect.stringMatching(new RegExp(`^environment: expected no option that .+, got ${name}; unset ${name}`)),
    ]);
  });

  it("are refused where they keep settings from k6, or leave the report out", () => {
    expect(ofEnv({ K6_INCLUDE_SYSTEM_ENV_VARS: "false" })).toHaveLength(1);
    expect(ofEnv({ K6_SUMMARY_MODE: "disabled" })).toHaveLength(1);
  });

  it("are taken where they change nothing, and where they are of an output", () => {
    const env = {
      K6_NO_THRESHOLDS: "false",
      K6_VUS: "",
      K6_SUMMARY_MODE: "full",
      K6_OUT: "cloud",
      K6_CLOUD_TOKEN: "x",
    };
    expect(ofEnv({ ...env, K6_INCLUDE_SYSTEM_ENV_VARS: "true", K6_NO_USAGE_REPORT: "true", K6: "/bin/k6" })).toEqual(
      [],
    );
  });
});

describe("k6's config file", () => {
  const files = (content: Record<string, string>) => (path: string) => content[path] ?? null;
  const file = JSON.stringify({ VUS: 3, minIterationDuration: "5s", tags: null, noSetup: false, paused: null });

  it.each([
    ["-c", ["-c", "/a.json"], {}],
    ["--config=", ["--config=/a.json"], {}],
    ["K6_CONFIG", [], { K6_CONFIG: "/a.json" }],
    ["-c before K6_CONFIG", ["-c/a.json"], { K6_CONFIG: "/b.json" }],
  ])("is read where %s names it, and its options are refused by their names", (_, args, env) => {
    const problems = k6OptionProblems({ args, env, read: files({ "/a.json": file }) });
    expect(problems).toEqual([
      expect.stringMatching(/^\/a.json: expected no option that replaces the load, got VUS; take VUS out of the file/),
      expect.stringMatching(/^\/a.json: .* got minIterationDuration; take/),
    ]);
  });

  it.runIf(platform() === "linux")("is read in the user's config folder", () => {
    const read = files({ "/x/k6/config.json": file, "/home/a/.config/k6/config.json": file });
    expect(k6OptionProblems({ args: [], env: { XDG_CONFIG_HOME: "/x" }, read })).toHaveLength(2);
    expect(k6OptionProblems({ args: [], env: { HOME: "/home/a" }, read })).toHaveLength(2);
    const own = files({ [join(homedir(), ".config/k6/config.json")]: file });
    expect(k6OptionProblems({ args: [], env: {}, read: own })).toHaveLength(2);
  });

  it.each([
    ['{"VUS":null,"vus":3}', ["vus"]],
    ['{"vus":3,"VUS":null}', ["vus"]],
    ['{"noSetup":false,"nosetup":true,"NOSETUP":true}', ["nosetup", "NOSETUP"]],
    ['{"vu\u017f":3}', ["vu\u017f"]],
    ['{"VUS":null,"vus":null}', []],
  ])("%s: each spelling of a name counts, because Go takes the last", (text, names) => {
    const problems = k6OptionProblems({ args: ["-c", "/a"], env: {}, read: files({ "/a": text }) });
    expect(problems).toEqual(names.map((name) => expect.stringContaining(`, got ${name}; take ${name} out`)));
  });

  it("is left to k6 where it is no JSON object", () => {
    for (const text of ["", "x", "[]", "null", "3"]) {
      expect(k6OptionProblems({ args: ["-c", "/a"], env: {}, read: files({ "/a": text }) })).toEqual([]);
    }
  });
});

describe("the table of k6's options", () => {
  it("has each name once", () => {
    for (const names of [
      K6_OPTIONS.map(({ flag }) => flag),
      K6_OPTIONS.map(({ short }) => short),
      K6_OPTIONS.map(({ variable }) => variable),
      K6_OPTIONS.map(({ key }) => key?.toLowerCase() ?? null),
    ]) {
      const given = names.filter((name) => name !== null);
      expect(new Set(given).size).toBe(given.length);
    }
  });
});
