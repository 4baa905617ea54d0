/** Starts the simulator as a process of its own and waits for its first line: nothing ever sleeps for it. */

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A simulator that listens. */
export interface SimulatorProcess {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** Its process, for those who measure what it costs. */
  readonly pid: number;
  /** Resolves when it has no call any more, at the latest after 5 s: all it knows of them is then in its truth file. */
  idle(): Promise<void>;
  /** Ends it; its truth file is whole when this resolves. */
  stop(): Promise<void>;
}

const IDLE_MS = 5000;

/** Starts the simulator with flags; rejects with what it said when it does not start. */
export async function spawnSimulator(flags: readonly string[]): Promise<SimulatorProcess> {
  const args = ["--import", "tsx", "scripts/simulator/main.ts", "--until-stdin-ends", "--port", "0", ...flags];
  // In a process group of its own, so that a terminal's Ctrl-C leaves it alive until k6 has ended; with a pipe to this
  // process, so that it does not outlive it.
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const host = await firstLine(child);
  return {
    host,
    pid: child.pid ?? 0,
    async idle() {
      for (const giveUpAtMs = Date.now() + IDLE_MS; Date.now() < giveUpAtMs; ) {
        const response = await fetch(`http://${host}/api/v1/browser/status`);
        const status = (await response.json()) as { active_connections: { total_connections: number } };
        if (status.active_connections.total_connections === 0) return;
      }
    },
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error("simulator: expected a pipe, got none");
  for await (const line of createInterface(child.stdout)) {
    const host = /^listening on wss?:\/\/(\S+)$/.exec(line)?.[1];
    if (host !== undefined) return host;
  }
  throw new Error("simulator: expected it to listen, got an exit");
}
