import { describe, expect, it } from "vitest";

import {
  folderProblem,
  type ScriptFiles,
  utteranceProblems,
  variableProblems,
  workingFolder,
} from "./script_environment.ts";

/** Files of which only the kinds matter; what is not listed is missing, or in an archive unknown. */
function files(
  kinds: Readonly<Record<string, "file" | "folder">>,
  others: "missing" | "unknown" = "missing",
): ScriptFiles {
  return { text: () => null, bytes: () => null, kind: (path) => kinds[path] ?? others };
}

const ON_LINUX = files({
  "/proc/self/cwd": "folder",
  "/proc/self/cwd/out": "folder",
  "/tmp": "folder",
  "/etc/hosts": "file",
});
const ELSEWHERE = files({ "/home/a/out": "folder", "/tmp": "folder" });

describe("the folder in which k6 was started", () => {
  it("is the process's own on Linux, whatever PWD is", () => {
    expect(workingFolder({ PWD: "/elsewhere" }, ON_LINUX)).toBe("/proc/self/cwd");
    expect(workingFolder({}, ON_LINUX)).toBe("/proc/self/cwd");
  });

  it("is PWD elsewhere, and not known without it", () => {
    expect(workingFolder({ PWD: "/home/a" }, ELSEWHERE)).toBe("/home/a");
    expect(workingFolder({}, ELSEWHERE)).toBe("");
  });
});

describe("a problem of the utterances", () => {
  const neither = (folder: string) => [`PCM_DIR: expected turn_001.pcm in ${folder}/rec, got neither`];

  it("says from which folder a relative PCM_DIR was looked for", () => {
    expect(utteranceProblems("rec", "/proc/self/cwd", neither("/proc/self/cwd"))).toEqual([
      "PCM_DIR: expected turn_001.pcm in ./rec, got neither",
    ]);
    expect(utteranceProblems("rec", "/home/a", neither("/home/a"))).toEqual([
      "PCM_DIR: expected turn_001.pcm in /home/a/rec, got neither; rec was looked for in PWD, /home/a; an absolute path needs none",
    ]);
  });

  it("is that a relative PCM_DIR cannot be found where the working folder is not known", () => {
    expect(utteranceProblems("rec", "", [])).toEqual([
      'PCM_DIR: expected an absolute path, as k6 does not say where it was started, got "rec"',
    ]);
  });

  it("is left alone for an absolute PCM_DIR, and for the shipped utterances", () => {
    for (const folder of ["/x/rec", ""]) expect(utteranceProblems(folder, "", neither("/x"))).toEqual(neither("/x"));
  });
});

describe("RESULTS_DIR", () => {
  const problem = (folder: string, readable = ON_LINUX, env = {}) =>
    folderProblem(folder, workingFolder(env, readable), readable);

  it("must exist, also when it is relative", () => {
    for (const folder of ["", "/tmp", "out"]) expect(problem(folder), folder).toBeNull();
    expect(problem("/nope")).toBe('RESULTS_DIR: expected an existing folder, got "/nope", which is missing');
    expect(problem("nope")).toMatch(/got "nope", which is missing/);
    expect(problem("/etc/hosts")).toMatch(/got "\/etc\/hosts", which is a file/);
    expect(problem("out", ELSEWHERE, { PWD: "/home/a" })).toBeNull();
    expect(problem("out", ELSEWHERE, { PWD: "/home/b" })).toMatch(/missing/);
  });

  it("is not looked for where nothing says whether it exists: in an archive, or without a working folder", () => {
    expect(problem("/nope", files({}, "unknown"))).toBeNull();
    expect(problem("nope", ELSEWHERE)).toBeNull();
  });
});

describe("k6's variables", () => {
  it("are refused when they switch the gate off or take the report's data away", () => {
    expect(variableProblems({ K6_NO_THRESHOLDS: "true" })).toEqual([
      "K6_NO_THRESHOLDS: expected it not to be set, because it switches the gate off, got true; unset K6_NO_THRESHOLDS",
    ]);
    expect(variableProblems({ K6_NO_THRESHOLDS: "1", K6_NEW_MACHINE_READABLE_SUMMARY: "T" })).toHaveLength(2);
    expect(variableProblems({ K6_NO_THRESHOLDS: "false", K6_NEW_MACHINE_READABLE_SUMMARY: "", K6_OUT: "x" })).toEqual(
      [],
    );
  });
});
