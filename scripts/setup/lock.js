// @ts-check
/**
 * Locks of folders. In JavaScript, because install.js uses them before TypeScript can be run.
 *
 * A lock is a file that only its holder removes, or, when the holder has ended, the one process that has a lock of its own on
 * this removal. Renaming or removing it without that would hit the lock of the next holder: others remove the left-over lock, too.
 */

import { createHash, randomBytes } from "node:crypto";
import { readFileSync, readlinkSync } from "node:fs";
import { open, readFile, rm, stat, utimes } from "node:fs/promises";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

import { makeFolder, writeError } from "./files.js";

const LOCK = ".lock";

/** How often the holder of a lock shows that it lives, and for how long it may not, in ms. */
const HEARTBEAT_MS = 1000;
const LEFT_OVER_MS = 30_000;

/** The time between two attempts to get a lock, in ms. */
const ATTEMPT_EVERY_MS = 100;

/**
 * Where a process id means the same process: a host name is not enough, because containers may share it. On Linux, the boot and
 * the namespace of process ids (namespaces(7)); elsewhere there are no such namespaces.
 */
const PLACE = [hostname(), process.platform, ...(process.platform === "linux" ? [namespaceId()] : [])]
  .join("/")
  .replaceAll(" ", "-");

/** An id that no other process has where it cannot be read, so that only silence counts. */
function namespaceId() {
  try {
    const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
    return `${boot}/${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return randomBytes(8).toString("hex");
  }
}

/** @typedef {{ text: string, mtimeMs: number }} Held what a lock file says, and when it was last touched */

/**
 * Runs a task while no other process runs one with the lock of the same folder; makes the folder where there is none. A lock is
 * left over when its process has ended, or has not shown for 30 s that it lives (on another machine, or in another container).
 * Throws when the folder cannot be written.
 * @template T
 * @param {string} folder
 * @param {() => Promise<T>} task
 * @param {AbortSignal} [signal] ends the wait
 * @returns {Promise<T>}
 */
export async function withLock(folder, task, signal) {
  const path = join(folder, LOCK);
  await makeFolder(folder);
  const mine = await acquire(path, signal).catch((error) => Promise.reject(writeError(folder, error)));
  const heartbeat = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    return await task();
  } finally {
    clearInterval(heartbeat);
    await release(path, mine);
  }
}

/**
 * Waits for a lock and takes it; returns what its file says.
 * @param {string} path
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>}
 */
async function acquire(path, signal) {
  const mine = `${process.pid} ${PLACE} ${randomBytes(8).toString("hex")}`;
  let seen = { mtimeMs: -1, atMs: 0 };
  for (let attempt = 1; !(await create(path, mine)); attempt += 1) {
    const held = await look(path);
    if (held !== null && held.mtimeMs !== seen.mtimeMs) seen = { mtimeMs: held.mtimeMs, atMs: performance.now() };
    const isSilent = performance.now() - seen.atMs > LEFT_OVER_MS;
    if (held !== null && (isSilent || hasEnded(held.text))) await removeLeftOver(path, held, signal);
    else await delay(ATTEMPT_EVERY_MS, undefined, { ...(signal && { signal }) });
    if (attempt === 3 && basename(path) === LOCK)
      console.error(`${path}: waiting for another process that makes the same files`);
  }
  return mine;
}

/**
 * False where the lock is taken.
 * @param {string} path
 * @param {string} mine
 */
async function create(path, mine) {
  try {
    const file = await open(path, "wx");
    try {
      await file.writeFile(mine);
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await file.close();
    }
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * Null where there is no lock.
 * @param {string} path
 * @returns {Promise<Held | null>}
 */
async function look(path) {
  try {
    return { mtimeMs: (await stat(path)).mtimeMs, text: await readFile(path, "utf8") };
  } catch {
    return null;
  }
}

/**
 * Removes a lock that is left over, while no other process removes the same one.
 * @param {string} path
 * @param {Held} held
 * @param {AbortSignal} [signal]
 */
async function removeLeftOver(path, held, signal) {
  const name = createHash("sha256").update(`${path}\n${held.text}`).digest("hex").slice(0, 16);
  const removal = join(dirname(path), `${LOCK}.${name}`);
  const mine = await acquire(removal, signal);
  const now = await look(path);
  if (now?.text === held.text && now.mtimeMs === held.mtimeMs) await rm(path, { force: true });
  await release(removal, mine);
}

/**
 * Removes a lock where it is still the process's own: it may have been taken for left over, as after a night's sleep.
 * @param {string} path
 * @param {string} mine
 */
async function release(path, mine) {
  if ((await look(path))?.text === mine) await rm(path, { force: true });
}

/**
 * True where the holder of a lock ran where this process runs, and has ended.
 * @param {string} holder
 */
function hasEnded(holder) {
  const [pid = "", place] = holder.split(" ");
  if (place !== PLACE) return false;
  try {
    return !process.kill(Number(pid), 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}
