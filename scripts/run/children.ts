/** Starts child processes that never outlive this process, and finds children by name. */

import { type ChildProcess, spawn } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import type { Socket } from "node:net";

/**
 * Ends a child whose parent was killed, which can do nothing itself any more: reads the child's pid, then waits for a line, which
 * says that the child has ended, or for the end of the input, which says that the parent has. As the watchdog does, it interrupts
 * twice, so that calls are hung up, and then kills.
 */
const GUARD = `
trap '' HUP INT TERM
read -r pid || exit 0
read -r ended && exit 0
for signal in INT INT KILL; do
  kill -$signal "$pid" || exit 0
  for second in 1 2 3 4 5; do
    kill -0 "$pid" || exit 0
    sleep 1
  done
done`;

/** Starts a child that ends when this process does, however that ends: also by SIGKILL. */
export function guarded<Child extends ChildProcess>(start: () => Child): Child {
  // A session of its own keeps the guard from what ends this process: Ctrl-C, or a terminal that closes.
  const guard = spawn("/bin/sh", ["-c", GUARD], { stdio: ["pipe", "ignore", "ignore"], detached: true });
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  const child = start();
  if (child.pid === undefined) guard.stdin.end("");
  else guard.stdin.write(`${child.pid}\n`);
  child.once("exit", () => guard.stdin.end("ended\n"));
  guard.unref();
  (guard.stdin as Socket).unref();
  return child;
}

/** A process that has ended. */
export interface ProcessResult {
  readonly exitCode: number | null;
  /** The text of stdout and stderr, in the order of arrival. */
  readonly output: string;
}

/** Runs a command to its end; `onStarted` gets a function that signals it. */
export async function runCommand(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  onStarted: (kill: (signal: NodeJS.Signals) => void, pid: number) => void = () => {},
): Promise<ProcessResult> {
  const child = guarded(() => spawn(command, args, { env: { ...process.env, K6_NO_USAGE_REPORT: "true", ...env } }));
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += String(data)));
  onStarted((signal) => child.kill(signal), child.pid ?? 0);
  const exitCode = await new Promise<number | null>((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  return { exitCode, output };
}

/** The pid of a child process with this name; null when there is none. */
export async function childOf(parentPid: number, name: string): Promise<number | null> {
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const isChild = new RegExp(`^PPid:\\s+${parentPid}$`, "m").test(status);
    if (isChild && /^Name:\s+(.*)$/m.exec(status)?.[1] === name) return Number(pid);
  }
  return null;
}
