/** Handles output of commands: prints errors without a stack trace, and ignores an output that is closed. */

for (const stream of [process.stdout, process.stderr]) stream.on("error", ignoreClosedOutput);

/** Prints an error's message and sets the exit code. */
export function fail(error: unknown, exitCode = 1): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = exitCode;
}

/**
 * A reader such as `head` may close the pipe early (EPIPE), and a terminal may close (EIO): the command continues and keeps its
 * exit code.
 */
function ignoreClosedOutput(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE" && error.code !== "EIO") throw error;
}
