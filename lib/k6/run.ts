/** What k6 does once per run: options and setup before the first call, handleSummary after the last one. */

import exec from "k6/execution";

import type { SummaryData } from "../report/run_summary.ts";
import type { Transport } from "../wire/codec.ts";
import type { ScenarioName } from "../wire/wires.ts";
import { type CallerConfig, loadRun, type RunPlan } from "./run.lazy.ts";
import { RUN_PLAN, type TextAt } from "./shared_texts.ts";

/** CommonJS's import; k6 lets a script call it while the script is read, and returns the module itself, without a `default`. */
declare function require(name: "k6/http"): typeof import("k6/http").default;

/** What a scenario exports to k6 for the run. */
export interface Run {
  readonly options: Readonly<Record<string, unknown>>;
  setup(): { readonly process: string; readonly remarks: readonly string[] };
  /** Without `metrics`, `data` is k6's new summary, of which no report can be made. */
  handleSummary(data: SummaryData | { readonly metrics?: undefined }): Record<string, string> | undefined;
}

/** The inputs of a scenario, as they were read once and are shared by all callers. */
export interface SharedInput {
  readonly name: ScenarioName;
  readonly transport: Transport;
  readonly textAt: TextAt;
  readonly callerConfig: CallerConfig;
}

/** Printed where `--new-machine-readable-summary` hands over a summary that has no thresholds and no counts. */
const NO_METRICS =
  "no report: k6's --new-machine-readable-summary takes the thresholds out of what it is made of; leave it out. k6's exit code is that of the gate\n";

/** Makes the run. Throws when an input is wrong, after it has printed every problem. */
export function makeRun({ name, transport, textAt, callerConfig }: SharedInput): Run {
  const http = require("k6/http");
  const { settings, url } = callerConfig;
  const input = { scenario: name, settings, path: transport.path, pathHint: transport.pathHint };

  /** k6 escapes line breaks in what is thrown, so each problem is a line of its own before a short throw (exit code 107). */
  const refuse = (problems: readonly string[]) => {
    if (problems.length === 0) return;
    for (const problem of problems) console.error(problem);
    throw new Error(`${problems.length} problem(s), see above; no call was made`);
  };

  const tlsRemarks = (): string[] => {
    if (exec.test.options.insecureSkipTLSVerify !== true) return [];
    return ["TLS CERTIFICATES WERE NOT VERIFIED (insecureSkipTLSVerify): anyone could have answered these calls"];
  };

  /** Gets the body of a URL; null when there is no answer. */
  const bodyOf = (address: string): string | null => {
    const params = { headers: { ...settings.WS_HEADERS }, timeout: "5s", throw: true };
    try {
      return String(http.get(address, params).body);
    } catch {
      return null;
    }
  };

  /** Asks the agent which pipeline it runs, on a wire where only the agent knows. No answer gives no remark. */
  const pipelineRemarks = (): string[] => {
    if (transport.statusPath === null) return [];
    const { pipelineRemark, statusUrl } = loadRun();
    const answer = bodyOf(statusUrl(url, transport.statusPath));
    const remark = answer === null ? null : pipelineRemark(settings.PIPELINE, answer);
    return remark === null ? [] : [remark];
  };

  const plan = runPlanOf(textAt);
  refuse(plan.problems);
  return {
    options: { ...plan.options },
    setup() {
      const { folderProblem, go, remarks, tiers, ...rest } = runPlanOf(textAt);
      const { maskUrl, runLine } = loadRun();
      const startedAtMs = Date.now();
      const known = [`target: ${maskUrl(url)}`, ...remarks.map((remark) => `note: ${remark}`)];
      if (!settings.TURN_LOG) for (const line of known) console.log(line);
      const found = [...tlsRemarks(), ...pipelineRemarks()];
      const process = crypto.randomUUID();
      const firstLine = runLine({ ...input, process, tiers, remarks: [...remarks, ...found], go, url, startedAtMs });
      if (settings.TURN_LOG) console.log(JSON.stringify(firstLine));
      refuse(folderProblem === null ? [] : [folderProblem]);
      refuseOtherOptions(rest);
      return { process, remarks: found };
    },
    handleSummary(data) {
      const { endLine, reportText, summaryFromK6, summaryJson } = loadRun();
      if (data.metrics === undefined) return { stdout: NO_METRICS };
      if (settings.TURN_LOG) console.log(JSON.stringify(endLine(data, settings)));
      if (settings.REPORT === "k6") return undefined;
      const { go, remarks, tiers } = runPlanOf(textAt);
      const summary = summaryFromK6(data, { ...input, remarks, tiers, go: go === null ? [] : [go] });
      const files: Record<string, string> = { stdout: reportText(summary) };
      if (settings.RESULTS_DIR !== "") {
        files[`${settings.RESULTS_DIR}/summary.json`] = `${JSON.stringify(summaryJson(summary), null, 2)}\n`;
      }
      return files;
    },
  };
}

/** Reads the plan of the run from the shared texts. */
export function runPlanOf(textAt: TextAt): RunPlan {
  return JSON.parse(textAt(RUN_PLAN) ?? "") as RunPlan;
}

/** Ends the run when k6 was started with another load, other thresholds or another summary than the settings ask for. */
export function refuseOtherOptions({ inCloud, options }: Pick<RunPlan, "inCloud" | "options">): void {
  const problem = loadRun().optionsProblem(options, exec.test.options, inCloud);
  if (problem !== null) exec.test.abort(problem);
}
