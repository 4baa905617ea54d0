// @ts-check
/**
 * Files that two processes may make at the same time, and why one could not be written. In JavaScript, because install.js uses it before TypeScript can be run.
 */

import { randomBytes } from "node:crypto";
import { mkdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

const USER = `uid ${process.getuid?.()}`;

/**
 * What an error of the file system means, by its code.
 * @type {Readonly<Record<string, string>>}
 */
const CAUSES = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than the system allows (ulimit -f)",
  EROFS: "the file system is read-only",
  EACCES: `permission denied for ${USER}`,
  EPERM: `operation not permitted for ${USER}`,
  ENOENT: "its folder is not there any more",
  ENOTDIR: "its folder is no folder",
};

/**
 * Who may not write, by the code of the error.
 * @type {Readonly<Record<string, string>>}
 */
const REFUSED = { EROFS: `anyone, ${CAUSES.EROFS}`, EACCES: USER, EPERM: USER };

/** The error of a file or folder that the system refused to write. */
class WriteError extends Error {
  /**
   * @param {string} path
   * @param {string} code
   * @param {unknown} cause
   */
  constructor(path, code, cause) {
    super(`${path}: cannot be written by ${REFUSED[code]} (${code})`, { cause });
    this.code = code;
  }
}

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
 * The error of a file or folder that could not be written: names it and the user where the system refused the permission, and
 * keeps the `code` of the system; other errors stay as they are.
 * @param {string} path
 * @param {unknown} error
 */
export function writeError(path, error) {
  const code = codeOf(error);
  if (code in REFUSED && !(error instanceof WriteError)) return new WriteError(path, code, error);
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * Why a file could not be written or read, in words, without its name.
 * @param {unknown} error
 */
export function fileProblem(error) {
  const code = codeOf(error);
  if (code in CAUSES) return `${CAUSES[code]} (${code})`;
  return error instanceof Error ? error.message : String(error);
}

/**
 * The code of an error of the system; empty where it is another.
 * @param {unknown} error
 */
function codeOf(error) {
  return error instanceof Error && "code" in error ? String(error.code) : "";
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
    const isThere = await stat(path).then(
      (found) => found.isDirectory(),
      () => false,
    );
    if (isThere) return;
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw writeError(path, error);
    await makeFolder(dirname(path));
    await makeFolder(path);
  }
}
