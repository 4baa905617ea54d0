/**
 * The back office: what is done once, before the first call and after the last one. Callers do not carry it. k6 keeps
 * every function of a script in each of them, so the bundle opens the office only where it is asked for (scripts/build.ts).
 */

import type { Files } from "../audio/utterances.ts";
import { endLine, runLine } from "../report/log_ends.ts";
import { reportOfK6 } from "../report/report.ts";
import { summaryJson } from "../report/summary.ts";
import { reportText } from "../report/table.ts";
import { maskUrl } from "../settings/masking.ts";
import { loadOf, type Plan, readPlan, readScript, runOptions, type SharedScript } from "../settings/plan.ts";
import type { Settings } from "../settings/settings.ts";
import { targetUrl } from "../settings/target.ts";
import { loadProblem, type Workload } from "../settings/workload.ts";
import type { Base64 } from "../wire/codec.ts";
import { pipelineRemark, statusUrl } from "../wire/pipeline_status.ts";
import { type ScenarioName, WIRES } from "../wire/wires.ts";
import { shelve } from "./shared_texts.ts";

/** What every caller keeps: JSON. */
export interface Desk extends Pick<SharedScript, "firstPieces" | "frames" | "quiet" | "rateHz"> {
  readonly settings: Settings;
  /** The URL to dial. */
  readonly url: string;
}

/** What is looked at once or twice a run: JSON. */
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

/** Reads every input of a scenario, and what is wrong with them, onto the shelf that all callers share. */
function prepare({ name, env, files: disk, base64 }: OfficeInput): string[] {
  const { settings, ...plan } = readPlan(env, disk.text("../thresholds.json"));
  const runtime = { files: disk, base64, workingFolder: env.PWD ?? "" };
  const { conversations, files, pieces, problems, ...said } = readScript(settings, WIRES[name], runtime);
  const desk: Desk = { ...said, settings, url: targetUrl(settings, WIRES[name].path) };
  const load = loadOf(settings, said.frames);
  const cabinet: Cabinet = { ...plan, problems: [...plan.problems, ...problems], load };
  return shelve({ desk, cabinet, conversations, files, pieces });
}

/** Opens the office. */
export function openOffice() {
  return {
    prepare,
    runOptions,
    loadProblem,
    maskUrl,
    statusUrl,
    pipelineRemark,
    runLine,
    endLine,
    reportOfK6,
    reportText,
    summaryJson,
  };
}
