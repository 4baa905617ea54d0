import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { readSettings } from "../../lib/settings/read_settings.ts";
import { makeProblems, originNotes, withOrigin } from "./make_settings.ts";

/** Runs a target with the project's Makefile before it; returns what it prints. */
function make(target: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  const file = join(mkdtempSync(join(tmpdir(), "make-")), "target.mk");
  writeFileSync(file, `.PHONY: target\ntarget:\n\t${target}\n`);
  const { MAKEFLAGS, ...outer } = process.env;
  return execFileSync("make", ["-s", "-f", "Makefile", "-f", file, "target", ...args], {
    encoding: "utf8",
    env: { ...outer, ...env },
    stdio: "pipe",
  });
}

describe("a setting that is given to make", () => {
  it.each(["WS_HEADERS", "WS_URL", "EXTRA_ARGS", "PCM_DIR", "AZURE_SPEECH_KEY"])(
    "%s arrives as it was typed",
    (name) => {
      const typed = '{"X-Key":"pa$word$$1 $(HOME) # `x` \\ é"}';
      expect(make(`@printenv ${name}`, [`${name}=${typed}`])).toBe(`${typed}\n`);
      expect(make(`@printenv ${name}`, [], { [name]: typed })).toBe(`${typed}\n`);
    },
  );

  it("is told apart from one of the environment", () => {
    expect(make("@printenv SET_BY_MAKE", ["TIME=5m", "USERS=2"], { HOST: "a" }).trim().split(" ").sort()).toEqual([
      "TIME",
      "USERS",
    ]);
  });
});

describe("words that make gives to the shell", () => {
  it("keep their quotes, and are refused with a dollar sign, which the shell would replace", () => {
    const show = "@printf '%s,' $(call typed,ARGS)";
    expect(make(show, ["ARGS=--a 'b c'"])).toBe("--a,b c,");
    expect(() => make(show, ["ARGS=--a $x"])).toThrow(/ARGS: expected words without a dollar sign, got --a \$x/);
    expect(() => make(show, [], { ARGS: "--a $x" })).toThrow(/ARGS: expected words without a dollar sign, got --a \$x/);
  });
});

describe("the make targets", () => {
  const problems = (env: Record<string, string>) => makeProblems(readSettings(env).settings, env);

  it("refuse k6's own summary and a run without its log", () => {
    expect(problems({ REPORT: "k6" })).toEqual([expect.stringMatching(/^REPORT: expected table with make.*got "k6"/)]);
    expect(problems({ TURN_LOG: "no" })).toEqual([
      expect.stringMatching(/^TURN_LOG: expected true with make.*got false/),
    ]);
    expect(problems({ REPORT: "Table", TURN_LOG: "true" })).toEqual([]);
    expect(problems({ TURN_LOG: "" })).toEqual([]);
  });
});

describe("a problem of a setting", () => {
  const problem = 'TIME: expected a duration > 0, got "%E"';

  it("says that the value came from the environment when make was not given it", () => {
    expect(withOrigin([problem], { TIME: "%E", SET_BY_MAKE: "USERS" })).toEqual([
      `${problem}; TIME comes from your environment, not from make's command line (GNU time reads it); unset TIME, or say make ... TIME=...`,
    ]);
  });

  it("says nothing more when make was given the value, or when there is no make", () => {
    expect(withOrigin([problem], { TIME: "%E", SET_BY_MAKE: "USERS TIME" })).toEqual([problem]);
    expect(withOrigin([problem], { TIME: "%E" })).toEqual([problem]);
    expect(withOrigin(["thresholds.json: x"], { SET_BY_MAKE: "" })).toEqual(["thresholds.json: x"]);
  });
});

describe("a note", () => {
  it("says that HOST came from the environment, where it is a bare name that is dialled", () => {
    const note = expect.stringMatching(/^HOST comes from your environment.*conda/);
    expect(originNotes({ HOST: "devbox", SET_BY_MAKE: "" })).toEqual([note]);
    for (const HOST of ["agent.example.com", "localhost", "devbox:8010", "ws://devbox"])
      expect(originNotes({ HOST, SET_BY_MAKE: "" }), HOST).toEqual([]);
    expect(originNotes({ HOST: "devbox", SET_BY_MAKE: "HOST" })).toEqual([]);
    expect(originNotes({ HOST: "devbox", WS_URL: "ws://a", SET_BY_MAKE: "" })).toEqual([]);
    expect(originNotes({ HOST: "devbox" })).toEqual([]);
  });
});
