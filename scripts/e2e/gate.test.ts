import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { ensureK6 } from "../run/k6.ts";
import { runCommand, runUntilValid, startSimulator } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

const QUICK = ["--silence-ms", "300", "--stt-ms", "300", "--llm-ms", "200", "--tts-ms", "100", "--barge-ms", "300"];

let k6 = "";
const servers: Server[] = [];

beforeAll(async () => {
  k6 = (await ensureK6()).path;
});

afterAll(() => {
  for (const server of servers) server.close();
});

/** Runs a script with a plain k6, without the make targets. */
const runK6 = (env: Record<string, string>, args: string[] = [], script = "dist/acs_media.js") =>
  runUntilValid(() =>
    runCommand(k6, [
      "run",
      "--quiet",
      ...args,
      ...Object.entries(env).flatMap(([name, value]) => ["-e", `${name}=${value}`]),
      script,
    ]),
  );

/** Starts a server that answers every upgrade with a status; resolves with its host and port. */
async function startRefusingServer(status: number): Promise<string> {
  const server = createServer();
  server.on("upgrade", (_, socket) =>
    socket.end(`HTTP/1.1 ${status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n`),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  servers.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.concurrent("a wrong input ends the run before any call, with exit code 107", () => {
  it.each([
    [
      { USERS: "ten", TIME: "soon" },
      ['USERS: expected a whole number >= 1, got "ten"', "TIME: expected a duration > 0"],
    ],
    [{ PIPLINE: "voicelive" }, ["PIPLINE is not a setting; did you mean PIPELINE?"]],
    [{ PCM_DIR: "/nonexistent" }, ["PCM_DIR: expected manifest.jsonl or turn_001.pcm in /nonexistent, got neither"]],
  ])("%j", async (env, messages) => {
    const { exitCode, output } = await runK6({ HOST: "127.0.0.1:1", ...env } as Record<string, string>);
    expect(exitCode, output).toBe(107);
    for (const message of messages) expect(output.replaceAll('\\"', '"')).toContain(message);
    expect(output).not.toContain("goroutine");
  });

  it("a broken audio file; the message has its name", async () => {
    const folder = mkdtempSync(join(tmpdir(), "pcm-"));
    writeFileSync(join(folder, "turn_001.pcm"), Buffer.alloc(641));
    const { exitCode, output } = await runK6({ PCM_DIR: folder });
    expect([exitCode, output]).toEqual([
      107,
      expect.stringContaining("turn_001.pcm: expected 16-bit PCM, got an odd number of bytes (641)"),
    ]);
  });
});

describe.concurrent("an agent that accepts no calls fails the gate, and the reason says what to check", () => {
  it("when nothing listens", async () => {
    const { exitCode, output } = await runK6({ HOST: "127.0.0.1:1", USERS: "2", TIME: "7s" });
    expect(exitCode, output).toBe(99);
    expect(output).toMatch(
      /FAIL {2}\d+ x ws\/error\/refused: nothing listens at ws:\/\/127.0.0.1:1\/api\/v1\/media\/stream: is the agent running/,
    );
    expect(output).not.toMatch(/\n\s+at /);
  });

  it.each([
    [403, /answered the upgrade with 403: a wrong path, or wrong credentials/],
    [404, /answered the upgrade with 404: the path is wrong; the phone wire is served at \/api\/v1\/media\/stream/],
  ])("when it answers %d: every caller gives up, and the run ends early", async (status, hint) => {
    const startedAtMs = Date.now();
    const { exitCode, output } = await runK6({
      HOST: await startRefusingServer(status),
      USERS: "2",
      SPAWN_RATE: "9",
      TIME: "60s",
    });
    expect(exitCode, output).toBe(99);
    expect(output).toMatch(hint);
    expect(output).toContain("all 2 callers gave up");
    expect(Date.now() - startedAtMs).toBeLessThan(40_000);
  });

  it("when it answers 500: callers reconnect until the test ends", async () => {
    const { exitCode, output } = await runK6({ HOST: await startRefusingServer(500), USERS: "1", TIME: "7s" });
    expect(exitCode, output).toBe(99);
    expect(output).toMatch(/answered the upgrade with 500/);
    expect(Number(/(\d+) x ws\/error\/http_500/.exec(output)?.[1])).toBeGreaterThan(1);
  });
});

describe.concurrent("k6 without the make targets", () => {
  const small = {
    USERS: "1",
    SPAWN_RATE: "9",
    TIME: "8s",
    TURNS_PER_USER: "2",
    PCM_DIR: resolve(SHORT_AUDIO),
    PAUSE_BETWEEN_TURNS_SEC: "0.1",
  };

  it("runs the scenario's source as it runs the bundle, and writes only summary.json", async () => {
    const simulator = await startSimulator(QUICK);
    const results = mkdtempSync(join(tmpdir(), "results-"));
    const { exitCode, output } = await runK6(
      { ...small, HOST: simulator.host, RESULTS_DIR: results },
      [],
      "scenarios/acs_media.ts",
    );
    await simulator.stop();
    expect(exitCode, output).toBe(0);
    expect(output).toMatch(/target: ws:\/\/127.0.0.1:\d+\/api\/v1\/media\/stream/);
    expect(output).toContain("PASS  every threshold of the target tier holds");
    expect(readdirSync(results)).toEqual(["summary.json"]);
    expect(JSON.parse(readFileSync(join(results, "summary.json"), "utf8"))).toMatchObject({
      verdict: "PASS",
      settings: { USERS: 1 },
    });
  });

  it("prints its own summary with REPORT=k6", async () => {
    const simulator = await startSimulator(QUICK);
    const { exitCode, output } = await runK6({ ...small, HOST: simulator.host, REPORT: "k6" });
    await simulator.stop();
    expect(exitCode, output).toBe(0);
    expect(output).toContain("iteration_duration");
    expect(output).not.toContain("RATE LIMIT SUMMARY");
  });

  it("fails a run of an agent that is slower than the tier, and passes it in a less strict tier", async () => {
    const simulator = await startSimulator([...QUICK, "--llm-ms", "1800"]);
    const results = await Promise.all(
      ["target", "acceptable"].map((GATE) => runK6({ ...small, TIME: "14s", HOST: simulator.host, GATE })),
    );
    await simulator.stop();
    expect(results.map(({ exitCode }) => exitCode)).toEqual([99, 0]);
    expect(results[0]?.output).toMatch(/FAIL {2}ttfb p\(95\) is 2[1-3]\d\d ms; the target tier wants p\(95\)<2000/);
  });
});
