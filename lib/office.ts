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

/** What every caller keeps: JSON. */
export interface Desk extends Omit<SharedScript, "pieces" | "problems"> {
  readonly settings: Settings;
}

/** What is looked at once or twice a run, and shared beside the packed pieces of the utterances: JSON. */
export interface Cabinet extends Omit<Plan, "settings"> {
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
  readonly cabinet: Cabinet;
  readonly pieces: readonly string[];
} {
  const { settings, ...plan } = readPlan(env, files.text("../thresholds.json"));
  const runtime = { files, base64, workingFolder: env.PWD ?? "" };
  const { pieces, problems, ...script } = readScript(settings, WIRES[name], runtime);
  return {
    desk: { ...script, settings },
    cabinet: { ...plan, problems: [...plan.problems, ...problems], load: loadOf(settings, script.frames) },
    pieces,
  };
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
