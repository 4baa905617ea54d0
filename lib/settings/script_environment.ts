/**
 * Finds out where a script runs: in which folder k6 was started, whether a folder exists, and which of k6's own variables change what
 * a script cannot see before the end of the run. k6 tells a script none of it.
 */

import type { Files } from "../audio/utterances.ts";

/** The environment of a script. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The files that a script may read. */
export interface ScriptFiles extends Files {
  /** What is at a path; `unknown` in an archive, which holds files only. */
  kind(path: string): "file" | "folder" | "missing" | "unknown";
}

/** A link to the working folder of the process that reads it (Linux). */
const LINK = "/proc/self/cwd";

/**
 * Returns the folder in which k6 was started; empty where it is not known. Where there is no link to it, as on macOS, PWD has to
 * do: it is the shell's, so it is absent or names another folder where a program or a service starts k6.
 */
export function workingFolder(env: Environment, files: ScriptFiles): string {
  return files.kind(LINK) === "folder" ? LINK : (env.PWD ?? "");
}

/**
 * Returns the problems of the utterances, with those of a PCM_DIR that depends on the working folder: says which folder was looked
 * into, and that an absolute path needs none.
 */
export function utteranceProblems(pcmDir: string, working: string, problems: readonly string[]): string[] {
  if (pcmDir === "" || isAbsolute(pcmDir)) return [...problems];
  if (working === "") {
    return [
      `PCM_DIR: expected an absolute path, as k6 does not say where it was started, got ${JSON.stringify(pcmDir)}`,
    ];
  }
  if (working === LINK) return problems.map((problem) => problem.replaceAll(`${LINK}/`, "./"));
  const why = `${pcmDir} was looked for in PWD, ${working}; an absolute path needs none`;
  return problems.map((problem) => (problem.startsWith("PCM_DIR:") ? `${problem}; ${why}` : problem));
}

/** Returns what is wrong with RESULTS_DIR: k6 notices a missing folder only after the run, and its exit code does not say so. */
export function folderProblem(folder: string, working: string, files: ScriptFiles): string | null {
  if (folder === "") return null;
  if (!isAbsolute(folder) && working === "") return null;
  const found = files.kind(isAbsolute(folder) ? folder : `${working}/${folder}`);
  if (found === "folder" || found === "unknown") return null;
  return `RESULTS_DIR: expected an existing folder, got ${JSON.stringify(folder)}, which is ${found === "file" ? "a file" : "missing"}`;
}

/** k6's variables that change what it does at the end of a run, with what each does. */
const UNSEEN: Readonly<Record<string, string>> = {
  K6_NO_THRESHOLDS: "switches the gate off",
  K6_NEW_MACHINE_READABLE_SUMMARY: "hands over a summary of which no report can be made",
};

/** Returns a text for each of these variables that is on; k6 takes them as Go's ParseBool does. */
export function variableProblems(env: Environment): string[] {
  return Object.entries(UNSEEN).flatMap(([name, effect]) => {
    const isOn = /^(1|t|true)$/i.test(env[name] ?? "");
    return isOn ? [`${name}: expected it not to be set, because it ${effect}, got ${env[name]}; unset ${name}`] : [];
  });
}

function isAbsolute(path: string): boolean {
  return /^(\/|[A-Za-z]:[\\/])/.test(path);
}
