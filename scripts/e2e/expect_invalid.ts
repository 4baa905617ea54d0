/** Checks the report of an INVALID run. */

import { expect } from "vitest";

import type { Load } from "./load.ts";

/**
 * Expects exit code 99, the verdict INVALID, the cause as the last reason, and the lines `cause` and `machine` in the
 * output.
 */
export function expectInvalid({ exitCode, output, summary }: Load, cause: RegExp): void {
  expect([exitCode, summary.verdict], output).toEqual([99, "INVALID"]);
  expect(output).toMatch(/^INVALID {2}/m);
  expect(output).not.toMatch(/^PASS/m);
  expect(summary.reasons.at(-1)).toMatch(cause);
  expect(output).toContain(`cause      ${summary.reasons.at(-1)}`);
  expect(output).toMatch(/^machine {4}\d+ cores? {2}k6 /m);
}
