/** Handles output of commands: prints errors without a stack trace, and ignores a closed output pipe. */

for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedPipe);

/** Prints an error's message and sets the exit code. */
export function fail(error: unknown, exitCode = 1): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = exitCode;
}

/** A reader such as `head` may close the pipe early: the command continues and keeps its exit code. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
