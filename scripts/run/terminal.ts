/** How scripts meet a terminal: what is wrong is said without a stack trace, and nobody need read to the end. */

for (const stream of [process.stdout, process.stderr]) stream.on("error", orGone);

/** Prints an error's message and sets the exit code. */
export function fail(error: unknown, exitCode = 1): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = exitCode;
}

/** A reader that has seen enough, such as `head`, is no failure: the work is done all the same, and its exit code holds. */
function orGone(error: NodeJS.ErrnoException): void {
  if (error.code !== "EPIPE") throw error;
}
