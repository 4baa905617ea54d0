/** Starts the simulator in a child process and waits until it listens. */

import { spawn } from "node:child_process";

import { untilListening } from "./listening.ts";

/** A running simulator. */
export interface SimulatorProcess {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** The pid of the process, to measure its use of CPU and memory. */
  readonly pid: number;
  /** Resolves when no call is open, after 5 s at the latest. The truth file then holds all calls. */
  idle(): Promise<void>;
  /** Stops the process. The truth file is complete when this resolves. */
  stop(): Promise<void>;
}

const IDLE_MS = 5000;

/** How Node starts the simulator from its source. */
const SOURCE = ["--import", "tsx", "scripts/simulator/main.ts"];

/**
 * Starts the simulator with flags, from its source or from `program`. Rejects when it exits before it listens; its error is on
 * stderr.
 */
export async function spawnSimulator(flags: readonly string[], program = SOURCE): Promise<SimulatorProcess> {
  const args = [...program, "--until-stdin-ends", "--port", "0", ...flags];
  // A separate process group keeps it running after Ctrl-C in a terminal, until k6 has ended. The stdin pipe ends it when this
  // process ends.
  const child = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"], detached: true });
  const ended = new Promise<void>((done) => child.once("close", () => done()));
  const host = await untilListening(child, "simulator");
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
