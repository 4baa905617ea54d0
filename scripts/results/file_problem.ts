/** Says why a file could not be written or read. */

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
