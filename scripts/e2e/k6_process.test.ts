import { existsSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { describe, expect, it } from "vitest";

import { k6Env } from "../run/k6_env.ts";
import { expectInvalid } from "./expect_invalid.ts";
import { findK6Pid, loadOnce, runCommand, startSimulator, untilTurnsLogged } from "./load.ts";
import { COMMANDS, SHORT_AUDIO } from "./setup.ts";

const AGENT = "--silence-ms 300 --stt-ms 300 --llm-ms 100 --tts-ms 100 --barge-ms 300".split(" ");

/** How long k6 is stopped, in ms. */
const STOPPED_MS = 3000;

describe.concurrent("the k6 of a run", () => {
  it("is started with the heap goal for its callers, so that its garbage collector runs less often, and its report says so", async () => {
    let environment: string[] = [];
    const {
      folder: into,
      output,
      summary,
    } = await loadOnce(AGENT, { USERS: "1", TIME: "15s" }, async (_, folder, { runner }) => {
      await untilTurnsLogged(folder, 1);
      environment = (await readFile(`/proc/${await findK6Pid(runner)}/environ`, "utf8")).split("\0");
    });
    const { GOGC, GOMEMLIMIT, GOMAXPROCS = null } = k6Env({ ...process.env, USERS: "1" });
    expect(environment).toEqual(expect.arrayContaining([`GOGC=${GOGC}`, `GOMEMLIMIT=${GOMEMLIMIT}`]));
    expect(output).toMatch(new RegExp(`^collector {2}GOGC=${GOGC} {2}GOMEMLIMIT=${GOMEMLIMIT} {2}GOMAXPROCS`, "m"));
    expect(summary.generator).toMatchObject({ go: [{ GOGC, GOMEMLIMIT, GOMAXPROCS }] });
    const [log = ""] = (await readFile(join(into, "log.jsonl"), "utf8")).split("\n");
    for (const text of [await readFile(join(into, "run.json"), "utf8"), log])
      expect(JSON.parse(text).go).toEqual({ GOGC, GOMEMLIMIT, GOMAXPROCS });
  });

  it("ends when the process that runs it is killed", async () => {
    const folder = await mkdtemp(join(tmpdir(), "killed-"));
    const simulator = await startSimulator(AGENT);
    const env = { HOST: simulator.host, USERS: "1", TIME: "5m", PCM_DIR: SHORT_AUDIO };
    let k6 = 0;
    await runCommand(process.execPath, [...COMMANDS.run, "--into", folder, "acs_media"], env, async (kill, runner) => {
      await untilTurnsLogged(folder, 1);
      k6 = await findK6Pid(runner);
      kill("SIGKILL");
    });
    expect(k6).toBeGreaterThan(0);
    // It is interrupted twice, and then killed, 5 s apart.
    for (const giveUpAtMs = Date.now() + 30_000; existsSync(`/proc/${k6}`) && Date.now() < giveUpAtMs; )
      await delay(100);
    expect(existsSync(`/proc/${k6}`)).toBe(false);
    await simulator.stop();
  });

  it("makes its run INVALID when it was stopped for seconds, and the report has the cause", async () => {
    let stops = 0;
    const run = await loadOnce(AGENT, { USERS: "5", TIME: "14s" }, async (_, folder, { runner }) => {
      await untilTurnsLogged(folder, 2);
      const k6 = await findK6Pid(runner);
      process.kill(k6, "SIGSTOP");
      stops += 1;
      await delay(STOPPED_MS);
      process.kill(k6, "SIGCONT");
    });
    expect(stops).toBe(1);
    expectInvalid(run, /^k6 stood still for [2-5] s, .* it was stopped/);
    expect(run.summary.reasons[0]).toMatch(/^\d+ times the wall clock jumped, or a caller stood still/);
  });
});
