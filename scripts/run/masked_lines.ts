/** Passes on what k6 writes to its standard error with secrets masked: its warnings quote URLs. */

import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import { maskText } from "../../lib/settings/masking.ts";

/** Writes every line of `from` to `to`, masked; `secrets` are those of `secretsOf`. */
export function passOnMasked(from: Readable, to: Pick<Writable, "write">, secrets: readonly string[]): void {
  createInterface({ input: from }).on("line", (line) => to.write(`${maskText(line, secrets)}\n`));
}
