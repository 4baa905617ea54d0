import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { VERSION } from "../../lib/report/version.ts";
import { release } from "../release.ts";
import { ensureK6 } from "../run/k6.ts";
import { runCommand, runUntilValid, startSimulator } from "./load.ts";

const AGENT = ["--silence-ms", "800", "--stt-ms", "800", "--llm-ms", "200", "--tts-ms", "100", "--barge-ms", "300"];

const bash = (command: string, env: Record<string, string> = {}) => runCommand("bash", ["-ec", command], env);

describe("a release", () => {
  it("matches its checksums, has the same bytes each time, and runs unpacked with k6 alone", async () => {
    const archives = [];
    for (const name of ["one-", "two-"]) archives.push(await release(await mkdtemp(join(tmpdir(), name))));
    const [first = "", second = ""] = archives;
    expect(basename(first)).toBe(`k6-voice-agent-${VERSION}.tar.gz`);
    expect((await readFile(first)).equals(await readFile(second))).toBe(true);
    const sums = await bash(`cd "${dirname(first)}" && sha256sum --check SHA256SUMS`);
    expect(sums.exitCode, sums.output).toBe(0);
    const unpacked = await mkdtemp(join(tmpdir(), "unpacked-"));
    const simulator = await startSimulator(AGENT);
    const { path } = await ensureK6();
    const load = "-e USERS=2 -e SPAWN_RATE=10 -e TIME=16s";
    const command = `cd "${unpacked}" && tar -xf "${first}" && cd k6-voice-agent-* && "${resolve(path)}" run --quiet ${load} dist/acs_media.js`;
    const { exitCode, output } = await runUntilValid(() => bash(command, { HOST: simulator.host, GOGC: "" }));
    await simulator.stop();
    expect(exitCode, output).toBe(0);
    expect(output).toContain("PASS  every threshold of the target tier holds");
    expect(output).toMatch(/^collector {2}GOGC=100 \(Go's default\) {2}/m);
  });
});
