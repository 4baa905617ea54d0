/**
 * A Pipecat agent, which is called over Twilio's wire by `twilio_media` in a real k6: the caller is ours, the agent and its log are
 * not. Every second reply is interrupted.
 */

import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { repeatWhileInvalid, type Summary } from "../e2e/load.ts";
import { lineProblems } from "../results/line_counts.ts";
import { readJsonLines } from "../results/lines.ts";
import { makeRunFolder, readLog } from "../results/run_folder.ts";
import { guarded, runCommand } from "../run/children.ts";
import { untilListening } from "../run/listening.ts";
import type { Peer } from "./peer.ts";
import { type CallerLog, findingsOf } from "./pipecat_findings.ts";
import { type AgentLine, type AgentLog, readAgentLog } from "./pipecat_log.ts";

/** Two conversations whose utterances have no pause for which the agent would take one for two. */
const LOAD = { USERS: "4", SPAWN_RATE: "4", TIME: "60s", CONVERSATION: "claim_status,short_answers", BARGE_EVERY: "2" };

/** Settings of the environment that would lead elsewhere. */
const UNSET = { HOST: "", WS_PATH: "", PCM_DIR: "", CAPACITY: "", CALLS_PER_SEC: "0", EXTRA_ARGS: "" };

/** An agent that does not listen after this time, in ms, never will; importing Pipecat takes a few seconds. */
const START_MS = 120_000;

/** An agent that has not ended this long after it was asked to, in ms, is killed. */
const STOP_MS = 5000;

/** A run of k6, and what its agent logged. */
interface Calls {
  readonly verdict: string;
  readonly caller: CallerLog;
  readonly agent: AgentLog;
}

/** PyPI `pipecat-ai`. */
export const pipecat: Peer = {
  name: "pipecat-ai 1.14.0",
  requirements: "scripts/conformance/pipecat_requirements.txt",
  async check(python) {
    const { agent, caller } = await repeatWhileInvalid(
      () => callAgent(python),
      ({ verdict }) => verdict,
    );
    return findingsOf(caller, agent);
  },
};

/** Starts an agent, calls it, and ends it whatever happens. */
async function callAgent(python: string): Promise<Calls> {
  const folder = await makeRunFolder("twilio_media", new Date(), process.env.RESULTS_DIR);
  const agentLog = join(folder, "agent.jsonl");
  console.error(`pipecat: ${LOAD.USERS} callers for ${LOAD.TIME}; the run is in ${folder}`);
  const agent = await startAgent(python, agentLog);
  const { exitCode, output } = await callWithK6(agent.host, folder).finally(agent.stop);
  const summary = await readSummary(folder);
  if (summary === null)
    throw new Error(`${folder}: expected a run with a report, got exit code ${exitCode}: ${output}`);
  const { calls, lines, turns } = await readLog(folder);
  const problems = [...lineProblems(lines), ...(summary.verdict === "INVALID" ? summary.reasons : [])];
  const agentLines = (await readJsonLines(agentLog)) as unknown as (AgentLine | null)[];
  return { verdict: summary.verdict, caller: { calls, turns, problems }, agent: readAgentLog(agentLines) };
}

async function startAgent(python: string, log: string): Promise<{ readonly host: string; stop(): Promise<void> }> {
  // A group of its own: an interrupt in a terminal is for k6 first, which hangs up.
  const child = guarded(() =>
    spawn(python, ["-W", "ignore::DeprecationWarning", "scripts/conformance/pipecat_agent.py", log], {
      env: { ...process.env, LOGURU_LEVEL: "WARNING" },
      stdio: ["ignore", "pipe", "inherit"],
      detached: true,
    }),
  );
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const stop = async () => {
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(timer);
  };
  const timer = setTimeout(() => child.kill("SIGKILL"), START_MS);
  const host = await untilListening(child, "the Pipecat agent").finally(() => clearTimeout(timer));
  return { host, stop };
}

function callWithK6(host: string, folder: string) {
  const env = { ...UNSET, ...LOAD, WS_URL: `ws://${host}/ws` };
  return runCommand(process.execPath, ["--import", "tsx", "scripts/run.ts", "--into", folder, "twilio_media"], env);
}

/** The report of a run; null where it has none. */
async function readSummary(folder: string): Promise<Summary | null> {
  const text = await readFile(join(folder, "summary.json"), "utf8").catch(() => null);
  return text === null ? null : (JSON.parse(text) as Summary);
}
