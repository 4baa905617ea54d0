/** How scripts end when something is wrong: what it is, without a stack trace, and exit code 1. */

/** Prints an error's message and sets the exit code. */
export function fail(error: unknown): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
