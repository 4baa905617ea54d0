/** `make demo`: runs k6 against the simulator, then prints the report and its errors against the simulator's truth. */

import { join } from "node:path";
import { isProven, verifyRun } from "./proof/proof.ts";
import { proofText } from "./proof/proof_text.ts";
import { makeRunFolder } from "./results/run_folder.ts";
import { runScenario } from "./run/runner.ts";
import { spawnSimulator } from "./run/simulator_process.ts";
import { fail } from "./run/terminal.ts";

/** Simulator flags for an agent that meets the target tier with a margin: ttfb about 1.2 s, barge-in time 0.3 s. */
const AGENT = [
  "--silence-ms",
  "800",
  "--stt-ms",
  "900",
  "--llm-ms",
  "150..250",
  "--tts-ms",
  "80..150",
  "--barge-ms",
  "300",
];

/** Two conversations of short utterances: one of 24 s, as other conversations have, would leave no time for turns. */
const LOAD = { USERS: "5", TIME: "30s", CONVERSATION: "claim_status,new_claim" };

/** Runs the demo; returns the exit code. */
async function demo(): Promise<number> {
  const scenario = "acs_media";
  const folder = await makeRunFolder(scenario, new Date(), process.env.RESULTS_DIR);
  const simulator = await spawnSimulator([...AGENT, "--truth", join(folder, "truth.jsonl")]);
  try {
    const env = { ...process.env, ...LOAD, HOST: simulator.host, WS_URL: "" };
    const { exitCode } = await runScenario({ scenario, env, args: [], folder });
    await simulator.idle();
    const proof = await verifyRun(folder);
    console.log(proofText(proof));
    return exitCode === 0 && !isProven(proof) ? 1 : exitCode;
  } finally {
    await simulator.stop();
  }
}

await demo()
  .then((exitCode) => {
    process.exitCode = exitCode;
  })
  .catch(fail);
