import { PassThrough } from "node:stream";

import { describe, expect, it } from "vitest";

import { watchMemory } from "./out_of_memory.ts";

/** Whether a k6 that printed these texts and ended so ran out of memory; the kernel killed `kills` processes meanwhile. */
function ranOut(texts: readonly string[], end: { code?: number; signal?: NodeJS.Signals }, kills = 0): boolean {
  let counted = 3;
  const stderr = new PassThrough();
  const watch = watchMemory(stderr, () => counted);
  for (const text of texts) stderr.emit("data", text);
  counted += kills;
  return watch.ranOut({ code: end.code ?? null, signal: end.signal ?? null });
}

describe("a k6 that died", () => {
  it.each([
    ["fatal error: runtime: out of memory\n\ngoroutine 1", 2],
    ["fatal error: runtime: cannot allocate memory", 2],
    ["runtime: failed to create new OS thread (have 9 already; errno=12)", 2],
  ])("ran out of memory: %s", (text, code) => {
    expect(ranOut([text], { code })).toBe(true);
    expect(ranOut([text.slice(0, 20), text.slice(20), "x".repeat(5000)], { code })).toBe(true);
  });

  it("ran out of memory where the kernel killed a process meanwhile", () => {
    expect(ranOut([], { signal: "SIGKILL" }, 1)).toBe(true);
    expect(ranOut([], { code: 137 }, 1)).toBe(true);
  });

  it("was killed by somebody, or crashed for another reason", () => {
    expect(ranOut([], { signal: "SIGKILL" })).toBe(false);
    expect(ranOut(["panic: runtime error: index out of range"], { code: 2 })).toBe(false);
    expect(ranOut(["the agent said: out of memory"], { code: 99 }, 1)).toBe(false);
  });
});
