/** Says when a run is to end early: the user interrupts it, its terminal closes, or the make that started it is gone. */

import { readFileSync } from "node:fs";
import { isatty } from "node:tty";

/** The time between two looks whether make and the terminal are still there, in ms. */
const LOOK_EVERY_MS = 500;

/**
 * Calls `interrupt` for each SIGINT and SIGTERM, and once when the terminal closes or the make that started this process has been
 * killed. Returns a function that ends this. Does not keep the process alive.
 */
export function followInterrupts(interrupt: () => void): () => void {
  let isLeftAlone = false;
  // A shell whose terminal closes passes the signal on: one of the two would end the run at once.
  const leaveAlone = () => {
    if (!isLeftAlone) interrupt();
    isLeftAlone = true;
  };
  const hangUp = ignoresHangUp(process.ppid) ? () => {} : leaveAlone;
  const handlers = [
    ["SIGINT", interrupt],
    ["SIGTERM", interrupt],
    ["SIGHUP", hangUp],
  ] as const;
  for (const [signal, handler] of handlers) process.on(signal, handler);
  const parent = process.ppid;
  const terminals = [1, 2].filter(isatty);
  const isAlone = () => {
    // Another parent than make may end and leave a run behind on purpose, as a shell does.
    const wasMakeKilled = process.env.MAKELEVEL !== undefined && process.ppid !== parent;
    // Where make is what the terminal was opened for (`ssh -t host make ...`), only make gets the signal, and waits for us.
    return wasMakeKilled || !terminals.every(isatty);
  };
  const timer = setInterval(() => isAlone() && leaveAlone(), LOOK_EVERY_MS).unref();
  return () => {
    clearInterval(timer);
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}

/**
 * True where a process ignores SIGHUP, as `nohup` makes it (Linux, `man 5 proc`). Node forgets that it was started so, which is
 * why its parent, make, is asked.
 */
export function ignoresHangUp(pid: number, read = textOf): boolean {
  const ignored = /^SigIgn:\s*([0-9a-f]+)$/m.exec(read(`/proc/${pid}/status`))?.[1] ?? "0";
  return (BigInt(`0x${ignored}`) & 1n) === 1n;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
