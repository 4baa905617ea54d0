/**
 * The back office: what is done once, before the first call and after the last one. Callers do not carry it. k6 keeps
 * every function of a script in each of them, so the bundle opens the office only where it is asked for (scripts/build.ts).
 */

import type { Base64 } from "./codec.ts";
import type { Settings } from "./config.ts";
import { endLine, runLine } from "./ends.ts";
import { pipelineRemark, statusUrl } from "./pipeline.ts";
import { loadOf, type Plan, readPlan, readScript, runOptions, type SharedScript } from "./plan.ts";
import { reportOfK6 } from "./report.ts";
import { summaryJson } from "./summary.ts";
import { reportText } from "./table.ts";
import type { Files } from "./utterances.ts";
import { type ScenarioName, WIRES } from "./wires.ts";
import { loadProblem, type Workload } from "./workload.ts";

/** What all callers share beside the packed pieces of their utterances: JSON. */
export interface Desk extends Plan, Omit<SharedScript, "pieces"> {
  readonly settings: Settings;
  /** The load that was asked for, as k6 takes it. */
  readonly load: Workload;
}

/** What a scenario's inputs are read with. */
export interface OfficeInput {
  readonly name: ScenarioName;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly files: Files;
  readonly base64: Base64;
}

/** Reads every input of a scenario, and what is wrong with them. */
function prepare({ name, env, files, base64 }: OfficeInput): {
  readonly desk: Desk;
  readonly pieces: readonly string[];
} {
  const plan = readPlan(env, files.text("../thresholds.json"));
  const runtime = { files, base64, workingFolder: env.PWD ?? "" };
  const { pieces, ...script } = readScript(plan.settings, WIRES[name], runtime);
  const problems = [...plan.problems, ...script.problems];
  return { pieces, desk: { ...script, ...plan, problems, load: loadOf(plan.settings, script.frames) } };
}

/** Opens the office. */
export function openOffice() {
  return {
    prepare,
    runOptions,
    loadProblem,
    statusUrl,
    pipelineRemark,
    runLine,
    endLine,
    reportOfK6,
    reportText,
    summaryJson,
  };
}
