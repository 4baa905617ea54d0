import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, it } from "vitest";
import { verifyRun } from "../proof/proof.ts";
import { readLog } from "../results/run_folder.ts";
import { repeatWhileInvalid, runCommand, type Summary, startSimulator, untilTurnsLogged } from "./load.ts";
import { COMMANDS, SHORT_AUDIO } from "./setup.ts";

const AGENT = "--silence-ms 300 --stt-ms 300 --llm-ms 100 --tts-ms 100 --barge-ms 300".split(" ");

const LOAD = { USERS: "6", SPAWN_RATE: "10", TIME: "36s", PAUSE_BETWEEN_TURNS_SEC: "0.3", PCM_DIR: SHORT_AUDIO };

/** The time between the end of the agent and its restart, in ms. */
const OUTAGE_MS = 10_000;

/** Kills an agent, and starts another one at the same address after `OUTAGE_MS`. */
async function restart(agent: { host: string; pid: number }, flags: readonly string[]) {
  process.kill(agent.pid, "SIGKILL");
  const killedAtMs = Date.now();
  await delay(OUTAGE_MS);
  const port = agent.host.split(":")[1] ?? "";
  return { killedAtMs, restartedAtMs: Date.now(), agent: await startSimulator([...flags, "--port", port]) };
}

/** Runs a load during which the agent is killed and restarted; the truth is that of both agents. */
async function runWithOutage() {
  const folder = await mkdtemp(join(tmpdir(), "restart-"));
  const truths = ["before", "after"].map((name) => join(folder, `${name}.jsonl`));
  const [before = [], after = []] = truths.map((path) => [...AGENT, "--truth", path]);
  const first = await startSimulator(before);
  const command = [...COMMANDS.run, "--into", folder, "acs_media"];
  const [ended, { agent, ...instants }] = await Promise.all([
    runCommand(process.execPath, command, { ...LOAD, HOST: first.host }),
    untilTurnsLogged(folder, 6).then(() => restart(first, after)),
  ]);
  await agent.idle();
  await agent.stop();
  await writeFile(join(folder, "truth.jsonl"), await Promise.all(truths.map((path) => readFile(path))));
  const summary = JSON.parse(await readFile(join(folder, "summary.json"), "utf8")) as Summary;
  return { ...ended, ...instants, log: await readLog(folder), proof: await verifyRun(folder), summary };
}

describe("an agent that is killed during a run and restarted after 10 s", () => {
  it("gets all callers again, each reconnect is counted, and the gate fails with the reasons", async () => {
    const ended = await repeatWhileInvalid(runWithOutage, ({ summary }) => summary.verdict);
    const { calls, turns } = ended.log;
    const dialled = (fromMs: number, toMs: number) =>
      calls.filter(({ dialAtMs }) => dialAtMs >= fromMs && dialAtMs < toMs);
    const beforeOutage = dialled(0, ended.killedAtMs);
    const during = dialled(ended.killedAtMs, ended.restartedAtMs);
    const afterRestart = dialled(ended.restartedAtMs, Number.POSITIVE_INFINITY);
    console.log(
      `${beforeOutage.length} calls before the outage, ${during.length} during it, ${afterRestart.length} after it; ${turns.length} turns\n${ended.output}`,
    );

    expect(beforeOutage.map(({ closedBy, outcome }) => [outcome, closedBy])).toEqual(
      beforeOutage.map(() => ["closed", "agent"]),
    );
    expect(new Set(during.map(({ outcome }) => outcome))).toEqual(new Set(["refused"]));
    expect(during.length).toBeGreaterThan(Number(LOAD.USERS));
    const served = new Set(afterRestart.filter(({ outcome }) => outcome === "ok").map(({ vu }) => vu));
    expect(served.size, "callers with a call after the restart").toBe(Number(LOAD.USERS));
    expect(afterRestart.filter(({ retry }) => retry === 0)).toEqual([]);
    expect(ended.summary.metrics.reconnects?.count).toBe(calls.filter(({ retry }) => retry > 0).length);
    expect([ended.exitCode, ended.summary.verdict]).toEqual([99, "FAIL"]);
    expect(ended.output).toMatch(/\d+ x ws\/error\/refused: nothing listens at/);
    expect(ended.output).toMatch(/connection_success rate is \d/);
    // The truth of calls in progress is lost with the killed agent.
    const killed = new Set(beforeOutage.map(({ call }) => call));
    const ofOthers = (names: readonly string[]) => names.filter((name) => !killed.has(name.split("/")[0] ?? ""));
    expect([ofOthers(ended.proof.missingFromTruth), ofOthers(ended.proof.missingFromLog)]).toEqual([[], []]);
    expect(ended.proof.joined).toBeGreaterThan(Number(LOAD.USERS));
  });
});
