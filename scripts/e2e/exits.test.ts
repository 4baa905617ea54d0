import { cpSync, mkdtempSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";
import { readLog } from "../results/results.ts";
import { EXITS, type ExitName } from "../run/exit_codes.ts";
import { ensureK6 } from "../run/k6.ts";
import { spawnSimulator } from "../run/simulator_process.ts";
import { type Ended, k6Of, run, turnsLogged, untilMeasured } from "./load.ts";
import { SHORT_AUDIO } from "./setup.ts";

const AGENT = "--silence-ms 300 --stt-ms 300 --llm-ms 100 --tts-ms 100 --barge-ms 300".split(" ");

const LOAD = {
  USERS: "2",
  SPAWN_RATE: "10",
  TIME: "9s",
  PAUSE_BETWEEN_TURNS_SEC: "0.3",
  PCM_DIR: resolve(SHORT_AUDIO),
};

/** How a run ended, and the folder that it left. */
interface Outcome extends Ended {
  readonly folder: string;
  readonly verdict: string;
}

type During = (
  run: { kill(signal: NodeJS.Signals): void; killK6(signal: NodeJS.Signals): Promise<void> },
  folder: string,
) => void | Promise<void>;

/** A run as the make targets make it, against a simulator with these flags. */
async function made(
  flags: readonly string[],
  settings: Readonly<Record<string, string>> = {},
  { folder = mkdtempSync(join(tmpdir(), "exit-")), args = [] as readonly string[], during = (() => {}) as During } = {},
): Promise<Outcome> {
  const simulator = await spawnSimulator([...AGENT, ...flags]);
  const command = ["--import", "tsx", "scripts/run.ts", "--into", folder, "acs_media", ...args];
  const ended = await run(process.execPath, command, { ...LOAD, HOST: simulator.host, ...settings }, (kill, pid) =>
    during({ kill, killK6: async (signal) => void process.kill(await k6Of(pid), signal) }, folder),
  );
  await simulator.stop();
  return { ...ended, folder, verdict: verdictIn(folder) };
}

/** A run of a good agent to which something happens once it has measured something. */
async function whileItRuns(happens: During, TIME = "60s"): Promise<Outcome> {
  const during: During = async (running, folder) => {
    await turnsLogged(folder, 2);
    await happens(running, folder);
  };
  return made([], { TIME }, { during });
}

function verdictIn(folder: string): string {
  try {
    return (JSON.parse(readFileSync(join(folder, "summary.json"), "utf8")) as { verdict: string }).verdict;
  } catch {
    return "";
  }
}

/** The page for people: it must say what `summary.json` says. */
function pageIn(folder: string): string {
  return readFileSync(join(folder, "report.html"), "utf8");
}

/** Runs while nothing but a threshold decides: with a repository's layout of its own. */
async function withThresholds(text: string): Promise<Outcome> {
  const folder = mkdtempSync(join(tmpdir(), "layout-"));
  cpSync("dist", join(folder, "dist"), { recursive: true });
  writeFileSync(join(folder, "thresholds.json"), text);
  const { path } = await ensureK6();
  const env = Object.entries({ ...LOAD, HOST: "127.0.0.1:1" }).flatMap(([name, value]) => ["-e", `${name}=${value}`]);
  return { ...(await run(path, ["run", "--quiet", ...env, join(folder, "dist/acs_media.js")])), folder, verdict: "" };
}

/** Resolves with the host of a server that answers every upgrade with 404. */
async function refuser(): Promise<string> {
  const server = createServer().on("upgrade", (_, socket) => socket.end("HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n"));
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  server.unref();
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function fullDisk(): string {
  const folder = mkdtempSync(join(tmpdir(), "full-"));
  symlinkSync("/dev/full", join(folder, "log.jsonl"));
  return folder;
}

/** A way to end: how it comes about, and what a user sees then. */
type Case = readonly [outcome: () => Promise<Outcome>, verdict: string, says: RegExp];

const CASES: Readonly<Record<ExitName, Case>> = {
  passed: [() => made([]), "PASS", /^PASS {2}every threshold/m],
  slow: [() => made(["--llm-ms", "2500"], { TIME: "16s" }), "FAIL", /ttfb p\(95\) is 2\d{3} ms; the target tier wants/],
  unmeasured: [() => made(["--reply-ms", "500"]), "FAIL", /no barge-in was measured: .* lower it/],
  refused: [async () => made([], { HOST: await refuser(), TIME: "60s" }), "FAIL", /all 2 callers gave up/],
  throttled: [() => made(["--faults", "llm_429"]), "FAIL", /turn_success rate is 0\.0 %.*failed turns: \d+ throttled/],
  invalid: [
    () =>
      whileItRuns(async ({ killK6 }, folder) => {
        await killK6("SIGSTOP");
        const stoppedAtMs = Date.now();
        while (Date.now() < stoppedAtMs + 1500) await readLog(folder);
        await killK6("SIGCONT");
      }, "12s"),
    "INVALID",
    /^INVALID {2}(\d+ times the wall clock jumped|this machine was too slow)/m,
  ],
  interrupted: [
    () => whileItRuns(({ kill }) => kill("SIGINT")),
    "INTERRUPTED",
    /^INTERRUPTED {2}the run was stopped before its time/m,
  ],
  interruptedTwice: [
    () =>
      whileItRuns(({ kill }) => {
        kill("SIGINT");
        kill("SIGINT");
      }),
    "INTERRUPTED",
    /^INTERRUPTED {2}/m,
  ],
  hung: [
    () =>
      made(["--faults", "stops_reading"], {
        USERS: "1",
        TIME: "16s",
        SAMPLE_RATE: "24000",
        CHUNK_MS: "10",
        FIRST_BYTE_TIMEOUT_SEC: "1",
        TURN_TIMEOUT_SEC: "1",
        GREETING_TIMEOUT_SEC: "3",
        // It stands in every frame: what the kernel's buffers hold, some 4 MB, is full after 9 s and not after 48.
        SESSION_PREFIX: "k6va-".repeat(800),
      }),
    "INTERRUPTED",
    /the agent may have stopped reading; stopping it/,
  ],
  input: [() => made([], { USERS: "ten" }), "", /USERS: expected a whole number >= 1, got "ten"/],
  thresholds: [() => withThresholds('{"target":{"tftb":["p(95)<1"]}}'), "", /thresholds.json.*tftb/],
  replaced: [() => made([], {}, { args: ["--vus", "3", "--duration", "9s"] }), "INTERRUPTED", /use -e USERS=/],
  folder: [() => made([], {}, { folder: "/dev/null/results" }), "", /\/dev\/null\/results/],
  fullDisk: [() => made([], {}, { folder: fullDisk() }), "PASS", /log.jsonl: expected \d+ lines, got 0: .*disk full/],
  killed: [() => whileItRuns(({ killK6 }) => killK6("SIGKILL")), "INTERRUPTED", /^INTERRUPTED {2}/m],
};

/** The hung run first: it waits for its watchdog while the others go on. */
const LONGEST_FIRST = Object.entries(EXITS)
  .map(([name, exit]) => ({ name: name as ExitName, ...exit }))
  .sort((a, b) => Number(b.name === "hung") - Number(a.name === "hung"));

describe.concurrent("a run ends with", () => {
  it.each(LONGEST_FIRST)("$code when $when", async ({ name, code }) => {
    const [outcome, verdict, says] = CASES[name];
    const ended = await (verdict === "INVALID" ? outcome() : untilMeasured(outcome, (one) => one.verdict));
    expect(ended.output).toMatch(says);
    expect([ended.exitCode, ended.verdict]).toEqual([code, verdict]);
    if (verdict !== "") expect(pageIn(ended.folder)).toContain(`<h1>${verdict}</h1>`);
    if (name === "fullDisk")
      expect(pageIn(ended.folder)).toMatch(/<p class="note">Note: log.jsonl: expected \d+ lines/);
    expect(ended.output).not.toMatch(/goroutine|\n\s+at \S+ \(/);
  });
});
