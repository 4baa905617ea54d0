/** Waits until a server that was started as a child process listens. */

import type { ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";

/**
 * The `HOST:PORT` of a child that prints `listening on ws://HOST:PORT...`. Rejects when the child, called `name`, ends before it has.
 */
export async function untilListening(child: ChildProcess, name: string): Promise<string> {
  if (child.stdout === null) throw new Error(`${name}: expected a pipe, got none`);
  for await (const line of createInterface(child.stdout)) {
    const host = /^listening on wss?:\/\/([^\s/]+)/.exec(line)?.[1];
    if (host !== undefined) return host;
  }
  throw new Error(`${name}: expected it to listen, got an exit`);
}
