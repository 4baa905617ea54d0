import { once } from "node:events";
import { PassThrough } from "node:stream";

import { describe, expect, it } from "vitest";

import { freePort, parseHeap, parseTrace, traceCollections } from "./go_runtime.ts";

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

describe("the collections of k6", () => {
  it("are the lines that Go traces, as long as their three phases; other lines are passed on", async () => {
    const [stderr, rest] = [new PassThrough(), new PassThrough()];
    const collections = traceCollections(stderr, rest);
    stderr.write("gc 1 @0.037s 2%: 0.25+12+0.5 ms clock, 0.05+0.4/1.1/0+0.01 ms cpu, 4->5->2 MB, 4 MB goal, 2 P\n");
    stderr.write("gc is not a trace here\n");
    const [passedOn] = await once(rest, "data");
    expect(String(passedOn)).toBe("gc is not a trace here\n");
    expect(collections.map(({ durationMs }) => durationMs)).toEqual([12.75]);
  });
});

describe("a line that Go traces", () => {
  it("says when the collection began, how long it took, and what the heap held after it", () => {
    const line = "gc 5 @15.5s 0%: 1+210+2 ms clock, 0.2+34/188/90+3 ms cpu, 562->574->90 MB, 596 MB goal, 4 P";
    expect(parseTrace(line)).toEqual({ startSec: 15.5, durationMs: 213, liveMib: 90 });
    expect(parseTrace("PASS")).toBeNull();
  });
});

describe("a free port", () => {
  it("is one that a server can listen at", async () => {
    expect(await freePort()).toBeGreaterThan(1023);
  });
});
