// @ts-check
/**
 * Files that two processes may make at the same time. In JavaScript, because install.js uses it before TypeScript can be run.
 */

import { randomBytes } from "node:crypto";
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const LOCK = ".lock";

/** How often the holder of a lock shows that it lives, and for how long it may not, in ms. */
const HEARTBEAT_MS = 1000;
const LEFT_OVER_MS = 30_000;

/** The time between two attempts to get a lock, in ms. */
const ATTEMPT_EVERY_MS = 100;

/** A part of a file name that no other process uses. */
export function uniquePart() {
  return `${process.pid}-${randomBytes(4).toString("hex")}`;
}

/**
 * Writes a file under a name of its own and renames it, so that no reader and no second writer meets an incomplete file.
 * @param {string} path
 * @param {string | Uint8Array} content
 * @param {number} [mode]
 */
export async function replaceFile(path, content, mode) {
  const part = `${path}.${uniquePart()}.part`;
  try {
    await writeFile(part, content, { ...(mode !== undefined && { mode }) });
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw writeError(path, error);
  }
}

/**
 * The error of a file or folder that could not be written: names it and the user where the system refused the permission.
 * @param {string} path
 * @param {unknown} error
 */
export function writeError(path, error) {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code !== "EACCES" && code !== "EPERM" && code !== "EROFS")
    return error instanceof Error ? error : new Error(String(error));
  const who = code === "EROFS" ? "anyone, the file system is read-only" : `uid ${process.getuid?.()}`;
  return new Error(`${path}: cannot be written by ${who} (${code})`);
}

/**
 * Makes a folder and those above it, where there are none. Throws an error that names the folder: `mkdir` with `recursive` says
 * "no such file or directory" where the file system is read-only.
 * @param {string} path
 * @returns {Promise<void>}
 */
export async function makeFolder(path) {
  try {
    await mkdir(path);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isThere) return;
    if (code !== "ENOENT" || dirname(path) === path) throw writeError(path, error);
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}

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
  try {
    await acquire(path, signal);
  } catch (error) {
    throw writeError(folder, error);
  }
  const heartbeat = setInterval(() => utimes(path, new Date(), new Date()).catch(() => {}), HEARTBEAT_MS);
  try {
    return await task();
  } finally {
    clearInterval(heartbeat);
    await rm(path, { force: true });
  }
}

/**
 * @param {string} path
 * @param {AbortSignal} [signal]
 */
async function acquire(path, signal) {
  let seen = { mtimeMs: 0, atMs: 0 };
  for (let attempt = 1; !(await create(path)); attempt += 1) {
    const mtimeMs = await stat(path).then(
      (found) => found.mtimeMs,
      () => 0,
    );
    if (mtimeMs !== seen.mtimeMs) seen = { mtimeMs, atMs: performance.now() };
    const isSilent = performance.now() - seen.atMs > LEFT_OVER_MS;
    if (isSilent || (await hasEnded(await readFile(path, "utf8").catch(() => "")))) await remove(path);
    else await delay(ATTEMPT_EVERY_MS, undefined, { ...(signal && { signal }) });
    if (attempt === 3) console.error(`${path}: waiting for another process that makes the same files`);
  }
}

/**
 * False where the lock is taken.
 * @param {string} path
 */
async function create(path) {
  try {
    await writeFile(path, `${process.pid} ${hostname()}`, { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

/**
 * True where the holder of a lock ran on this machine and has ended.
 * @param {string} holder
 */
function hasEnded(holder) {
  const [pid = "", host] = holder.split(" ");
  if (host !== hostname()) return false;
  try {
    return !process.kill(Number(pid), 0);
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "ESRCH";
  }
}

/**
 * Of several processes that find a lock left over, one removes it: renaming works once.
 * @param {string} path
 */
async function remove(path) {
  const mine = `${path}.${uniquePart()}`;
  await rename(path, mine).then(
    () => rm(mine, { force: true }),
    () => {},
  );
}
