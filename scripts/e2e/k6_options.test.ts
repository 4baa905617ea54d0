import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { ensureK6 } from "../run/k6.ts";
import { K6_OPTIONS } from "../run/k6_options.ts";
import { type ProcessResult, runCommand } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

/** The settings of a run at whose target nothing listens. */
const LOAD = { USERS: "1", SPAWN_RATE: "9", TIME: "7s", TURNS_PER_USER: "2", PCM_DIR: resolve(SHORT_AUDIO) };

let k6 = "";

beforeAll(async () => {
  k6 = (await ensureK6()).path;
});

/** Runs a command of a plain k6 with settings in its arguments. */
async function runK6(
  command: "run" | "archive",
  args: readonly string[],
  script = "dist/acs_media.js",
  settings: Readonly<Record<string, string>> = LOAD,
  env: Readonly<Record<string, string>> = {},
): Promise<ProcessResult> {
  const given = Object.entries({ HOST: "127.0.0.1:1", ...settings }).flatMap(([name, value]) => [
    "-e",
    `${name}=${value}`,
  ]);
  return runCommand(k6, [command, "--quiet", ...given, ...args, script], env);
}

/** A file with the text. */
function fileOf(text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "config-")), "config.json");
  writeFileSync(file, text);
  return file;
}

describe("the table of k6's options", () => {
  it("has every flag of this k6, and no other", async () => {
    const { output } = await runCommand(k6, ["run", "--help"]);
    const flags = [...output.matchAll(/^ +(?:-(\w), )? *--([\w-]+)(.*)$/gm)];
    const ofK6 = flags.map(([, short = null, flag]) => JSON.stringify([flag, short])).sort();
    const ours = K6_OPTIONS.flatMap(({ flag, short }) => (flag === null ? [] : [JSON.stringify([flag, short])])).sort();
    expect(ours).toEqual(ofK6);
  });

  it("says of each flag whether this k6 takes a value of it", async () => {
    const { output } = await runCommand(k6, ["run", "--help"]);
    for (const { flag, takes } of K6_OPTIONS.filter((option) => option.flag !== null)) {
      // The kind of the value stands behind one blank, the description behind two or more.
      const kind = new RegExp(`--${flag}(?: (\\S+))?`).exec(output)?.[1] ?? "";
      const expected = kind.includes("[=") ? "attached value" : kind === "" ? "nothing" : "value";
      expect([flag, takes]).toEqual([flag, expected]);
    }
  });
});

describe.concurrent("a plain k6 run ends before its first call", () => {
  it.each([
    ["--vus 3", ["--vus", "3"], {}, 108, /replaced the load; use -e USERS=/],
    ["K6_ITERATIONS", [], { K6_ITERATIONS: "3" }, 108, /replaced the load; use -e USERS=/],
    ["the config file", ["-c", "CONFIG"], {}, 108, /k6's option minIterationDuration makes callers wait/],
    ["--no-setup", ["--no-setup"], {}, 108, /k6's option noSetup leaves out the checks/],
    ["--throw", ["--throw"], {}, 108, /k6's option throw turns a refused dial/],
    ["K6_SUMMARY_TREND_STATS", [], { K6_SUMMARY_TREND_STATS: "avg" }, 108, /k6's option summaryTrendStats is avg/],
    ["--system-tags", ["--system-tags", "ip"], {}, 108, /k6's option systemTags is ip/],
    ["K6_NO_THRESHOLDS", [], { K6_NO_THRESHOLDS: "true" }, 107, /K6_NO_THRESHOLDS: .* switches the gate off/],
    [
      "a missing RESULTS_DIR",
      ["-e", "RESULTS_DIR=/nope"],
      {},
      107,
      /RESULTS_DIR: expected an existing folder, got .*missing/,
    ],
    ["a missing relative RESULTS_DIR", ["-e", "RESULTS_DIR=nope"], {}, 107, /RESULTS_DIR: .*missing/],
  ] as const)("with %s", async (_, args, env, code, text) => {
    const given = args.map((arg) => (arg === "CONFIG" ? fileOf('{"minIterationDuration":"3s"}') : arg));
    const { exitCode, output } = await runK6("run", given, undefined, LOAD, env);
    expect(output).toMatch(text);
    expect(exitCode).toBe(code);
    expect(output).not.toMatch(/^PASS/m);
  });
});

describe.concurrent("a plain k6 run without thresholds", () => {
  it("says FAIL, and that the gate was switched off", async () => {
    const { output } = await runK6("run", ["--no-thresholds"]);
    expect(output).toMatch(/^FAIL {2}the gate was switched off \(--no-thresholds\)/m);
  });

  it("has no report where k6 hands over its new summary, and says why", async () => {
    const { exitCode, output } = await runK6("run", ["--new-machine-readable-summary"]);
    expect(output).toMatch(/^no report: k6's --new-machine-readable-summary/m);
    expect(exitCode).toBe(99);
  });
});

describe("a relative PCM_DIR", () => {
  it.runIf(process.platform === "linux")("is looked for where k6 was started, whatever PWD says", async () => {
    const settings = { ...LOAD, PCM_DIR: SHORT_AUDIO };
    const found = await runK6("run", ["--no-setup"], undefined, settings, { PWD: "/" });
    expect(found.output).toMatch(/k6's option noSetup/);
    const missing = await runK6("run", [], undefined, { ...LOAD, PCM_DIR: "nope" }, { PWD: "/" });
    expect(missing.output).toMatch(/PCM_DIR: expected manifest.jsonl or turn_001.pcm in \.\/nope, got neither/);
  });
});

describe("an archive", () => {
  it("ends before its first call when it runs with other settings than it was made with", async () => {
    const tar = join(mkdtempSync(join(tmpdir(), "archive-")), "test.tar");
    expect((await runK6("archive", ["-O", tar])).exitCode).toBe(0);
    for (const [name, value, what] of [
      ["USERS", "4", "the load was"],
      ["GATE", "alert", "the thresholds were"],
      ["TURNS_PER_USER", "3", "the thresholds were"],
    ] as const) {
      const { exitCode, output } = await runK6("run", [], tar, { [name]: value });
      expect(output, name).toContain(`${what} settled when this archive was made`);
      expect(exitCode, name).toBe(108);
    }
  });
});
