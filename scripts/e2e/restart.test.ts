import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as passed } from "node:timers/promises";

import { describe, expect, it } from "vitest";
import { verifyRun } from "../proof/proof.ts";
import { readLog } from "../results/results.ts";
import { spawnSimulator } from "../run/simulator_process.ts";
import { run, type Summary, turnsLogged, untilMeasured } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

const AGENT = "--silence-ms 300 --stt-ms 300 --llm-ms 100 --tts-ms 100 --barge-ms 300".split(" ");

const LOAD = { USERS: "6", SPAWN_RATE: "10", TIME: "36s", PAUSE_BETWEEN_TURNS_SEC: "0.3", PCM_DIR: SHORT_AUDIO };

/** How long the agent is away, in ms. */
const AWAY_MS = 10_000;

/** Kills an agent, and lets another take its place at the same address when so much time has passed. */
async function replace(agent: { host: string; pid: number }, flags: readonly string[]) {
  process.kill(agent.pid, "SIGKILL");
  const killedAtMs = Date.now();
  await passed(AWAY_MS);
  const port = agent.host.split(":")[1] ?? "";
  return { killedAtMs, backAtMs: Date.now(), agent: await spawnSimulator([...flags, "--port", port]) };
}

/** One run with such an outage, and what it left. */
async function outage() {
  const folder = await mkdtemp(join(tmpdir(), "restart-"));
  const truths = ["before", "after"].map((name) => join(folder, `${name}.jsonl`));
  const [before = [], after = []] = truths.map((path) => [...AGENT, "--truth", path]);
  const first = await spawnSimulator(before);
  const command = ["--import", "tsx", "scripts/run.ts", "--into", folder, "acs_media"];
  const [ended, { agent, ...instants }] = await Promise.all([
    run(process.execPath, command, { ...LOAD, HOST: first.host }),
    turnsLogged(folder, 6).then(() => replace(first, after)),
  ]);
  await agent.idle();
  await agent.stop();
  await writeFile(join(folder, "truth.jsonl"), await Promise.all(truths.map((path) => readFile(path))));
  const summary = JSON.parse(await readFile(join(folder, "summary.json"), "utf8")) as Summary;
  return { ...ended, ...instants, log: await readLog(folder), proof: await verifyRun(folder), summary };
}

describe("an agent that is killed in mid-run and comes back after 10 s", () => {
  it("gets its callers back, each reconnect counted, and the gate fails with the reasons", async () => {
    const ended = await untilMeasured(outage, ({ summary }) => summary.verdict);
    const { calls, turns } = ended.log;
    const dialled = (fromMs: number, toMs: number) =>
      calls.filter(({ dialAtMs }) => dialAtMs >= fromMs && dialAtMs < toMs);
    const was = dialled(0, ended.killedAtMs);
    const away = dialled(ended.killedAtMs, ended.backAtMs);
    const back = dialled(ended.backAtMs, Number.POSITIVE_INFINITY);
    console.log(
      `${was.length} calls before, ${away.length} while away, ${back.length} after; ${turns.length} turns\n${ended.output}`,
    );

    expect(was.map(({ closedBy, outcome }) => [outcome, closedBy])).toEqual(was.map(() => ["closed", "agent"]));
    expect(new Set(away.map(({ outcome }) => outcome))).toEqual(new Set(["refused"]));
    expect(away.length).toBeGreaterThan(Number(LOAD.USERS));
    const served = new Set(back.filter(({ outcome }) => outcome === "ok").map(({ vu }) => vu));
    expect(served.size, "callers that came back").toBe(Number(LOAD.USERS));
    expect(back.filter(({ retry }) => retry === 0)).toEqual([]);
    expect(ended.summary.metrics.reconnects?.count).toBe(calls.filter(({ retry }) => retry > 0).length);
    expect([ended.exitCode, ended.summary.verdict]).toEqual([99, "FAIL"]);
    expect(ended.output).toMatch(/\d+ x ws\/error\/refused: nothing listens at/);
    expect(ended.output).toMatch(/connection_success rate is \d/);
    // What a killed agent had not written down yet, it took with it.
    const killed = new Set(was.map(({ call }) => call));
    const ofOthers = (names: readonly string[]) => names.filter((name) => !killed.has(name.split("/")[0] ?? ""));
    expect([ofOthers(ended.proof.missing), ofOthers(ended.proof.untold)]).toEqual([[], []]);
    expect(ended.proof.joined).toBeGreaterThan(Number(LOAD.USERS));
  });
});
