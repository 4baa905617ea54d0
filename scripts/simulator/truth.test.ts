import { existsSync } from "node:fs";

import { afterEach, describe, expect, it, vi } from "vitest";

import type { LatenessMonitor } from "./lateness.ts";
import { TruthFile } from "./truth.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a truth file on a full disk", () => {
  it.skipIf(!existsSync("/dev/full"))("ends with one message, and the agent goes on", () => {
    const printed = vi.spyOn(console, "error").mockImplementation(() => {});
    const lateness = { worstAround: () => 0, summary: () => ({}) } as unknown as LatenessMonitor;
    const truth = new TruthFile("/dev/full", lateness);
    const refusal = { type: "refusal", call: "a", atMs: 1, status: 503 } as const;
    for (let count = 0; count < 3; count += 1) truth.write(refusal);
    truth.close();
    expect(printed.mock.calls).toEqual([[expect.stringMatching(/^the truth ends here: .*ENOSPC/)]]);
  });
});
