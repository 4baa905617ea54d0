import { describe, expect, it } from "vitest";

import { runOptions } from "./plan.ts";
import { readSettings } from "./read_settings.ts";
import { optionsProblem } from "./run_options.ts";

const TIERS = {
  target: { ttfb: ["p(95)<2000"] },
  acceptable: { ttfb: ["p(95)<3000"] },
  alert: { ttfb: ["p(95)<4000"] },
};

const optionsOf = (env: Record<string, string> = {}) => runOptions(readSettings(env).settings, TIERS, [200]);

/** What `exec.test.options` holds when k6 runs with the options of these settings, and with some that it was given itself. */
function inK6(env: Record<string, string> = {}, given: Record<string, unknown> = {}): Record<string, unknown> {
  const text = JSON.stringify(optionsOf(env))
    .replace('"7500ms"', '"7.5s"')
    .replace('"82500ms"', '"1m22.5s"')
    .replace('"abortOnFail":true', '"abortOnFail":true,"delayAbortEval":null')
    .replace('"gracefulStop"', '"startTime":null,"exec":null,"gracefulRampDown":null,"gracefulStop"');
  const options = JSON.parse(text) as { systemTags: string[] };
  return { ...options, systemTags: options.systemTags.reverse(), noSetup: null, minIterationDuration: null, ...given };
}

const problem = (actual: unknown, env: Record<string, string> = {}) => optionsProblem(optionsOf(env), actual, false);

describe("the options that k6 runs with", () => {
  it("are right when only k6's notation differs from that of the settings", () => {
    expect(problem(inK6())).toBeNull();
    expect(problem(inK6({}, { noSetup: false, minIterationDuration: "0s", tags: { a: "b" }, rps: 3 }))).toBeNull();
  });

  it("have another load where k6's own flags replaced it", () => {
    expect(problem(inK6({}, { scenarios: { default: { executor: "constant-vus" } } }))).toMatch(/--vus.*use -e USERS=/);
  });

  it.each([
    ["USERS", "1", "4", /^the load was settled when this archive was made \(stages: .* asked for .*make the archive/],
    ["CALLS_PER_SEC", "1", "2", /^the load was settled .*\(startRate: 1, asked for 2\)/],
    ["GATE", "target", "alert", /^the thresholds were settled .*\(ttfb: .*2000.*asked for .*4000/],
    ["CAPACITY", "", "development", /settled when this archive was made/],
    ["TURNS_PER_USER", "2", "3", /^the thresholds were settled .*\(ttfb\{turn:03\}: nothing, asked for/],
    ["TURNS_PER_USER", "3", "2", /^the thresholds were settled .*\(ttfb\{turn:03\}: .*asked for nothing\)/],
    ["BARGE_EVERY", "1", "0", null],
  ])("are those of the archive when %s is %s in it and %s in the run", (name, inArchive, inRun, text) => {
    const found = problem(
      inK6({ [name]: inArchive, TURNS_PER_USER: "2", ...(name === "TURNS_PER_USER" && { [name]: inArchive }) }),
      {
        TURNS_PER_USER: "2",
        [name]: inRun,
      },
    );
    if (text === null) expect(found).toBeNull();
    else expect(found).toMatch(text);
  });

  it.each([
    [
      "summaryTrendStats",
      ["avg", "p(99.9)"],
      /^k6's option summaryTrendStats is avg,p\(99.9\), which changes the report/,
    ],
    ["systemTags", ["ip", "url"], /^k6's option systemTags is ip,url/],
    ["thresholds", { ttfb: ["p(95)<9000"] }, /^the thresholds were settled/],
    ["thresholds", null, /^the thresholds were settled/],
    ["minIterationDuration", "5s", /^k6's option minIterationDuration makes callers wait between calls; leave it out/],
    ["noSetup", true, /^k6's option noSetup leaves out the checks/],
    ["throw", true, /^k6's option throw turns a refused dial/],
  ])("are refused with another %s", (name, value, text) => {
    expect(problem(inK6({}, { [name]: value }))).toMatch(text);
    expect(optionsProblem(optionsOf(), inK6({}, { [name]: value }), true)).toBeNull();
  });
});
