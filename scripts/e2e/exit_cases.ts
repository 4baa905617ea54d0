/** The cases of `EXITS`: how a test produces each exit, and the verdict and output that a run must have then. */

import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { expect } from "vitest";
import { readLog } from "../results/run_folder.ts";
import { EXITS, type ExitName } from "../run/exit_codes.ts";
import { ensureK6 } from "../run/k6.ts";
import { fullDisk, k6WithFiles, startRefusingServer, wavCalledPcm } from "./exit_inputs.ts";
import {
  findK6Pid,
  type ProcessResult,
  repeatWhileInvalid,
  runCommand,
  startSimulator,
  untilTurnsLogged,
} from "./load.ts";
import { COMMANDS, SHORT_AUDIO } from "./setup.ts";

const AGENT = "--silence-ms 300 --stt-ms 300 --llm-ms 100 --tts-ms 100 --barge-ms 300".split(" ");

const LOAD = {
  USERS: "2",
  SPAWN_RATE: "10",
  TIME: "9s",
  PAUSE_BETWEEN_TURNS_SEC: "0.3",
  PCM_DIR: resolve(SHORT_AUDIO),
};

/** A run that has ended, with its folder and verdict. */
interface ExitedRun extends ProcessResult {
  readonly folder: string;
  readonly verdict: string;
}

type During = (
  run: {
    kill(signal: NodeJS.Signals): void;
    killK6(signal: NodeJS.Signals): Promise<void>;
    /** Limits a resource of k6 with an option of `man 1 prlimit`. */
    limitK6(limit: string): Promise<void>;
  },
  folder: string,
) => void | Promise<void>;

/** Runs the scenario acs_media as the make targets do, against a simulator with the given flags. */
async function runAgainst(
  flags: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  {
    folder = mkdtempSync(join(tmpdir(), "exit-")),
    args = [] as readonly string[],
    during = (() => {}) as During,
    shell = "",
  } = {},
): Promise<ExitedRun> {
  const simulator = await startSimulator([...AGENT, ...flags]);
  const command = [...COMMANDS.run, "--into", folder, "acs_media", ...args];
  const result = await runCommand(
    "bash",
    ["-c", `${shell}exec "$0" "$@"`, process.execPath, ...command],
    { ...LOAD, HOST: simulator.host, ...settings },
    (kill, pid) =>
      during(
        {
          kill,
          killK6: async (signal) => void process.kill(await findK6Pid(pid), signal),
          limitK6: async (limit) => void execFileSync("prlimit", ["--pid", String(await findK6Pid(pid)), limit]),
        },
        folder,
      ),
  );
  await simulator.stop();
  return { ...result, folder, verdict: verdictIn(folder) };
}

/** Runs against a fast agent, and calls `action` when the run has logged two turns. */
async function runWithAction(action: During, TIME = "60s"): Promise<ExitedRun> {
  const during: During = async (running, folder) => {
    await untilTurnsLogged(folder, 2);
    await action(running, folder);
  };
  return runAgainst([], { TIME }, { during });
}

function verdictIn(folder: string): string {
  try {
    return (JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as { verdict: string }).verdict;
  } catch {
    return "";
  }
}

/** The text of report.html, which must show the same verdict as `summary.json`. */
function pageIn(folder: string): string {
  return readFileSync(join(folder, "report.html"), "utf8");
}

/** Runs the bundle in a copy of the folder layout with the given thresholds.json. */
async function withThresholds(text: string): Promise<ExitedRun> {
  const folder = mkdtempSync(join(tmpdir(), "layout-"));
  cpSync("dist", join(folder, "dist"), { recursive: true });
  writeFileSync(join(folder, "thresholds.json"), text);
  return runPlain([], join(folder, "dist/acs_media.js"));
}

/** Runs a bundle with a plain k6, without the make targets; nothing listens at its target. */
async function runPlain(args: readonly string[], bundle = "dist/acs_media.js"): Promise<ExitedRun> {
  const { path } = await ensureK6();
  const env = Object.entries({ ...LOAD, HOST: "127.0.0.1:1" }).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  return { ...(await runCommand(path, ["run", "--quiet", ...env, ...args, bundle])), folder: "", verdict: "" };
}

/**
 * A case: the run that produces it, the verdict in `summary.json` ("" where there is none), and a pattern of the
 * output.
 */
type Case = readonly [run: () => Promise<ExitedRun>, verdict: string, output: RegExp];

const CASES: Readonly<Record<ExitName, Case>> = {
  passed: [() => runAgainst([]), "PASS", /^PASS {2}every threshold/m],
  slow: [
    () => runAgainst(["--llm-ms", "2500"], { TIME: "16s" }),
    "FAIL",
    /ttfb p\(95\) is 2\d{3} ms; the target tier wants/,
  ],
  unmeasured: [() => runAgainst(["--reply-ms", "500"]), "FAIL", /no barge-in was measured: .* lower it/],
  refused: [
    async () => runAgainst([], { HOST: await startRefusingServer(), TIME: "60s" }),
    "FAIL",
    /all 2 callers gave up/,
  ],
  throttled: [
    () => runAgainst(["--faults", "llm_429"]),
    "FAIL",
    /turn_success rate is 0\.0 %.*failed turns: \d+ throttled/,
  ],
  invalid: [
    () =>
      runWithAction(async ({ killK6 }, folder) => {
        await killK6("SIGSTOP");
        const stoppedAtMs = Date.now();
        while (Date.now() < stoppedAtMs + 1500) await readLog(folder);
        await killK6("SIGCONT");
      }, "12s"),
    "INVALID",
    /^INVALID {2}(\d+ times the wall clock jumped|this machine was too slow)/m,
  ],
  limited: [
    async () => runAgainst([], { K6: await k6WithFiles(16), USERS: "12", SPAWN_RATE: "20" }),
    "INVALID",
    /^INVALID {2}this machine ran out of file descriptors/m,
  ],
  interrupted: [
    () => runWithAction(({ kill }) => kill("SIGINT")),
    "INTERRUPTED",
    /^INTERRUPTED {2}the run was stopped before its time/m,
  ],
  interruptedTwice: [
    () =>
      runWithAction(({ kill }) => {
        kill("SIGINT");
        kill("SIGINT");
      }),
    "INTERRUPTED",
    /^INTERRUPTED {2}/m,
  ],
  hungUp: [
    () =>
      runWithAction(({ kill }) => {
        kill("SIGHUP");
        kill("SIGHUP");
      }),
    "INTERRUPTED",
    /^INTERRUPTED {2}the run was stopped before its time/m,
  ],
  hung: [
    () =>
      runAgainst(["--faults", "stops_reading"], {
        USERS: "1",
        TIME: "16s",
        SAMPLE_RATE: "24000",
        CHUNK_MS: "10",
        FIRST_BYTE_TIMEOUT_SEC: "1",
        TURN_TIMEOUT_SEC: "1",
        GREETING_TIMEOUT_SEC: "3",
        // The prefix is part of every frame, so the kernel's buffers, about 4 MB, are full after 9 s instead of 48.
        SESSION_PREFIX: "k6va-".repeat(800),
      }),
    "INTERRUPTED",
    /the agent may have stopped reading; stopping it/,
  ],
  input: [() => runAgainst([], { USERS: "ten" }), "", /USERS: expected a whole number >= 1, got "ten"/],
  speech: [
    () => runAgainst([], { PCM_DIR: wavCalledPcm() }),
    "",
    /turn_001\.pcm: expected raw samples, got a WAV file; rename it to \.wav and run make audio_manifest/,
  ],
  thresholds: [() => withThresholds('{"target":{"tftb":["p(95)<1"]}}'), "", /thresholds.json.*tftb/],
  option: [
    () => runAgainst([], {}, { args: ["--no-thresholds"] }),
    "",
    /EXTRA_ARGS: expected no option that switches the gate off, got --no-thresholds/,
  ],
  quotes: [
    () => runAgainst([], { EXTRA_ARGS: `--tag note=it'"` }),
    "",
    /EXTRA_ARGS: expected closed quotes, got ' without its end/,
  ],
  replaced: [() => runPlain(["--vus", "3", "--duration", "9s"]), "", /use -e USERS=/],
  folder: [() => runAgainst([], {}, { folder: "/dev/null/results" }), "", /\/dev\/null\/results/],
  fullDisk: [
    () => runAgainst([], {}, { folder: fullDisk() }),
    "PASS",
    /log.jsonl: expected \d+ lines, got 0: .*disk full/,
  ],
  outOfMemory: [
    () => runWithAction(({ limitK6 }) => limitK6("--as=1")),
    "INVALID",
    /^INVALID {2}this machine ran out of memory/m,
  ],
  unwritten: [
    // A limit for the size of files, which needs no root as a full disk does: the page is larger, all else is smaller.
    () => runAgainst([], {}, { shell: "ulimit -f 80; " }),
    "PASS",
    /could not write report.html: the file is larger than .*; the verdict is the one that k6 printed/,
  ],
  killed: [() => runWithAction(({ killK6 }) => killK6("SIGKILL")), "INTERRUPTED", /^INTERRUPTED {2}/m],
};

/** Runs a case and checks its exit code, verdict, output and page. A run that is INVALID unexpectedly is repeated. */
export async function expectExit(name: ExitName): Promise<void> {
  const [runCase, verdict, output] = CASES[name];
  const exited = await (verdict === "INVALID" ? runCase() : repeatWhileInvalid(runCase, (run) => run.verdict));
  expect(exited.output).toMatch(output);
  expect([exited.exitCode, exited.verdict]).toEqual([EXITS[name].code, verdict]);
  if (name === "unwritten") expect(readdirSync(exited.folder)).not.toContain("report.html");
  else if (verdict !== "") expect(pageIn(exited.folder)).toContain(`<h1>${verdict}</h1>`);
  if (name === "fullDisk") expect(pageIn(exited.folder)).toMatch(/<p class="note">Note: log.jsonl: expected \d+ lines/);
  // Where memory ran out, Go prints a trace of its own.
  if (name !== "outOfMemory") expect(exited.output).not.toMatch(/goroutine|\n\s+at \S+ \(/);
}
