import { describe, expect, it } from "vitest";

import { freePort, parseHeap } from "./go_runtime.ts";

const PROFILE = `heap profile: 2: 64 [9: 288] @ heap/1048576
# runtime.MemStats
# Alloc = 5000
# TotalAlloc = 90000
# Mallocs = 700
# HeapAlloc = 5001
# HeapObjects = 42
`;

describe("the heap of k6", () => {
  it("is read from the memory statistics at the end of its profile", () => {
    expect(parseHeap(PROFILE)).toEqual({ liveObjects: 42, liveBytes: 5001, allocatedBytes: 90_000 });
  });

  it("cannot be read from what is no profile", () => {
    expect(() => parseHeap("404 page not found")).toThrow(
      'expected "# HeapObjects = " in k6\'s heap profile, got none',
    );
  });
});

describe("a free port", () => {
  it("is one that a server can listen at", async () => {
    expect(await freePort()).toBeGreaterThan(1023);
  });
});
