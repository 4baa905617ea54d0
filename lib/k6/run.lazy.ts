/**
 * Everything that is done once per run, before the first call and after the last one: reading the inputs, the options of k6, the
 * first and last log line, the report. A lazy module, so that callers keep none of it.
 */

import { endLine, runLine } from "../report/first_and_last_log_line.ts";
import { type GoVariables, goVariables } from "../report/go_variables.ts";
import { reportText } from "../report/report_text.ts";
import { summaryFromK6 } from "../report/run_summary.ts";
import { summaryJson } from "../report/summary_json.ts";
import { maskUrl } from "../settings/masking.ts";
import { type PackedUtterances, type Plan, packUtterances, readPlan, runOptions } from "../settings/plan.ts";
import { optionsProblem, type RunOptions } from "../settings/run_options.ts";
import {
  type Environment,
  folderProblem,
  type ScriptFiles,
  utteranceProblems,
  variableProblems,
  workingFolder,
} from "../settings/script_environment.ts";
import { readSession } from "../settings/session_file.ts";
import type { Settings } from "../settings/settings.ts";
import { targetHeaders, targetUrl } from "../settings/target_url.ts";
import type { Base64 } from "../wire/codec.ts";
import { pipelineRemark, statusUrl } from "../wire/pipeline_status.ts";
import { type ScenarioName, WIRES } from "../wire/wires.ts";
import { layOutTexts } from "./shared_texts.ts";

/** What each caller keeps of the inputs, as JSON. */
export interface CallerConfig
  extends Pick<PackedUtterances, "firstPieces" | "frames" | "quiet" | "rateHz" | "wordless"> {
  readonly settings: Settings;
  /** The URL to dial. */
  readonly url: string;
  /** The text of the file of SESSION; empty where there is none. */
  readonly session: string;
}

/** What is needed of the inputs once or twice in a run, as JSON. */
export interface RunPlan extends Omit<Plan, "settings"> {
  /** The options that the settings ask for, as k6 takes them. */
  readonly options: RunOptions;
  /** What is wrong with the folder of RESULTS_DIR, which an archive may be made without; null when nothing is. */
  readonly folderProblem: string | null;
  /** Go's variables of this k6; null where the script does not see its environment. */
  readonly go: GoVariables | null;
  /** True in Grafana Cloud k6. */
  readonly inCloud: boolean;
}

/** What the inputs of a scenario are read with. */
export interface ScenarioInput {
  readonly name: ScenarioName;
  readonly env: Environment;
  readonly files: ScriptFiles;
  readonly base64: Base64;
}

/** Reads every input of a scenario, and the problems in them, into the texts that all callers share. */
function prepare({ name, env, files: readable, base64 }: ScenarioInput): string[] {
  const { settings: asked, ...plan } = readPlan(name, env, readable.text("../thresholds.json"));
  const settings = { ...asked, WS_HEADERS: targetHeaders(asked, base64) };
  const working = workingFolder(env, readable);
  const runtime = { files: readable, base64, workingFolder: working };
  const { conversations, files, pieces, problems, ...utterances } = packUtterances(settings, WIRES[name], runtime);
  const url = targetUrl(settings, WIRES[name].path);
  const session = readSession(settings.SESSION, runtime);
  const callerConfig: CallerConfig = { ...utterances, settings, url, session: session.text };
  const inCloud = Boolean(env.K6_CLOUDRUN_TEST_RUN_ID);
  const runPlan: RunPlan = {
    ...plan,
    problems: [
      ...plan.problems,
      ...(inCloud ? [] : variableProblems(env)),
      ...utteranceProblems(settings.PCM_DIR, working, problems),
      ...session.problems,
    ],
    options: runOptions(settings, plan.tiers, utterances.frames),
    folderProblem: folderProblem(settings.RESULTS_DIR, working, readable),
    go: goVariables(env),
    inCloud,
  };
  return layOutTexts({ callerConfig, runPlan, conversations, files, pieces });
}

/** Loads the module. */
export function loadRun() {
  return {
    prepare,
    optionsProblem,
    maskUrl,
    statusUrl,
    pipelineRemark,
    runLine,
    endLine,
    summaryFromK6,
    reportText,
    summaryJson,
  };
}
