/** The checks of `make doctor`: this machine, the settings, then the connection to the agent step by step. */

import { maskText } from "../../lib/settings/masking.ts";
import type { Settings } from "../../lib/settings/settings.ts";
import { targetHeaders } from "../../lib/settings/target_url.ts";
import { pipelineRemark, statusUrl } from "../../lib/wire/pipeline_status.ts";
import { type ScenarioName, WIRES } from "../../lib/wire/wires.ts";
import { runCommand } from "../run/children.ts";
import { httpGet } from "../run/http_get.ts";
import { findK6 } from "../run/k6.ts";
import { BASE64, type PreparedPlan, prepare, targetSecrets } from "../run/prepare.ts";
import { runProblems } from "../run/run_problems.ts";
import { splitWords } from "../run/words.ts";
import { type CheckResult, failed, passed } from "./check_result.ts";
import { dialConnection } from "./connection.ts";
import { explainFailedDial } from "./failed_dial.ts";
import { checkRoad } from "./network_checks.ts";
import { dialRequest } from "./target.ts";

/** The longest wait for the agent's status, in ms. */
const STATUS_MS = 10_000;

/** The longest status that is read, in bytes. */
const STATUS_BYTES = 64_000;

/**
 * Runs the checks in order. After a failed step of the connection the later steps are not run. What a check found may quote
 * the agent, so the secrets of the settings are masked in it.
 */
export async function* runChecks(scenario: ScenarioName, env: NodeJS.ProcessEnv): AsyncGenerator<CheckResult> {
  yield await checkNode(env);
  yield await checkK6();
  const prepared = prepare(scenario, env);
  const secrets = targetSecrets(prepared.settings);
  for await (const result of targetChecks(scenario, prepared, env))
    yield { ...result, found: maskText(result.found, secrets) };
}

async function* targetChecks(
  scenario: ScenarioName,
  prepared: PreparedPlan,
  env: NodeJS.ProcessEnv,
): AsyncGenerator<CheckResult> {
  const { settings, utterances } = prepared;
  const problems = runProblems(prepared, env, splitWords(env.EXTRA_ARGS ?? ""));
  const audio = `${utterances.files.length} utterances`;
  const advice = "see the setting; make generate_audio speaks what callers say";
  yield problems.length === 0
    ? passed("settings and audio", audio)
    : failed("settings and audio", problems.join("; "), advice);
  const url = new URL(dialRequest(scenario, settings, "x").url);
  for await (const result of checkRoad(url, env)) {
    yield result;
    if (!result.ok) return;
  }
  const upgrade = await checkUpgrade(scenario, settings, env);
  yield upgrade;
  if (upgrade.ok) yield await checkPipeline(scenario, settings, url, env);
}

/** OpenAI refuses a wrong key or model by an error behind the upgrade. */
const ACCEPTED_LATER = "101; OpenAI checks the key and the model only behind it: make call SCENARIO=openai_realtime";

/** Asks the script that the make targets ask, so that there is one rule. */
async function checkNode({ PATH = "" }: NodeJS.ProcessEnv): Promise<CheckResult> {
  const { exitCode, output } = await runCommand("/bin/sh", ["scripts/setup/require_node.sh"], { PATH });
  if (exitCode === 0) return passed("node", process.versions.node);
  return failed("node", output.trim(), "install a Node that is recent enough");
}

async function checkK6(): Promise<CheckResult> {
  const k6 = await findK6();
  if (k6 !== null) return passed("k6", `${k6.version} at ${k6.path}`);
  return passed("k6", "none yet: the first run fetches or builds one");
}

async function checkUpgrade(scenario: ScenarioName, settings: Settings, env: NodeJS.ProcessEnv): Promise<CheckResult> {
  const result = await dialConnection(dialRequest(scenario, settings, `${settings.SESSION_PREFIX}doctor`), env);
  if (result.connection !== null) {
    result.connection.close(1000);
    return passed("upgrade", scenario === "openai_realtime" ? ACCEPTED_LATER : "101, the agent takes calls");
  }
  const [problem] = explainFailedDial(scenario, settings, result);
  return failed("upgrade", problem?.found ?? "", problem?.advice ?? "");
}

async function checkPipeline(
  scenario: ScenarioName,
  settings: Settings,
  url: URL,
  env: NodeJS.ProcessEnv,
): Promise<CheckResult> {
  const { hasPipelines, statusPath } = WIRES[scenario];
  if (!hasPipelines) return passed("pipeline", "none: PIPELINE is of the accelerator's wires");
  if (statusPath === null) return passed("pipeline", `${settings.PIPELINE}, which the caller chooses on this wire`);
  const options = { headers: targetHeaders(settings, BASE64), timeoutMs: STATUS_MS, maxBytes: STATUS_BYTES, env };
  const signal = AbortSignal.timeout(STATUS_MS);
  const body = await httpGet(statusUrl(url.href, statusPath), { ...options, signal }).then(
    (answer) => answer.body.toString("utf8"),
    () => "",
  );
  const remark = pipelineRemark(settings.PIPELINE, body);
  if (remark !== null) return failed("pipeline", remark, "set PIPELINE to what the agent runs");
  return passed("pipeline", settings.PIPELINE);
}
