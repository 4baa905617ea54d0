/** Writes files whole or not at all, and says why one could not be written. */

import { rename, rm, writeFile } from "node:fs/promises";

/** What to do about an error of the file system, by its code. */
const CAUSES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full",
  EDQUOT: "the disk quota is used up",
  EFBIG: "the file is larger than the system allows (ulimit -f)",
  EROFS: "the disk is read-only",
  EACCES: "permission denied",
  ENOENT: "its folder is not there any more",
  ENOTDIR: "its folder is no folder",
};

/** Why a file could not be written or read, in words. */
export function fileProblem(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code !== undefined && code in CAUSES ? `${CAUSES[code]} (${code})` : message;
}

/**
 * Writes a text file. Where there is not enough room, an old file of that name stays as it is, and no part of the new one is
 * left.
 */
export async function writeWhole(path: string, text: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, text);
    await rename(part, path);
  } catch (error) {
    await rm(part, { force: true }).catch(() => {});
    throw error;
  }
}
