/** Passes on what k6 writes to its standard error with secrets masked: its warnings quote URLs. */

import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

import { maskText } from "../../lib/settings/masking.ts";

/** k6's last line where a threshold does not hold. */
const VERDICT = /^thresholds on metrics .* have been crossed$/;

/** Writes the lines of `from` to `to`, masked: all of them, or those that are no verdict. `secrets` are those of `secretsOf`. */
export function passOnMasked(
  from: Readable,
  to: Pick<Writable, "write">,
  secrets: readonly string[],
  which: "all" | "no verdict" = "all",
): void {
  createInterface({ input: from }).on("line", (line) => {
    if (which === "all" || !VERDICT.test(line)) to.write(`${maskText(line, secrets)}\n`);
  });
}
