/**
 * Finds a child process by name. The parent is needed, since other runs on a machine have processes of the same name.
 */

import { readdir, readFile } from "node:fs/promises";

/** The pid of a child process with this name; null when there is none. */
export async function childOf(parentPid: number, name: string): Promise<number | null> {
  for (const pid of (await readdir("/proc")).filter((entry) => /^\d+$/.test(entry))) {
    const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
    const isChild = new RegExp(`^PPid:\\s+${parentPid}$`, "m").test(status);
    if (isChild && /^Name:\s+(.*)$/m.exec(status)?.[1] === name) return Number(pid);
  }
  return null;
}
