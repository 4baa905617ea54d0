import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { heapSettings } from "../run/heap_goal.ts";
import { DOCUMENTS, updatedDocument } from "./readme_tables.ts";

describe("the documents", () => {
  it.each(DOCUMENTS)("%s has up-to-date tables (make format writes them)", async (file) => {
    expect(readFileSync(file, "utf8")).toBe(await updatedDocument(file));
  });

  it.each([
    ["README.md", 50],
    ["docs/performance.md", 50],
    ["docs/scale_out.md", 400],
  ])("%s starts k6 with the values for %i callers on a machine of 8 GiB", (file, callers) => {
    const { GOGC, GOMEMLIMIT } = heapSettings({ machineBytes: 8 * 2 ** 30, limitBytes: null }, callers);
    const commands = readFileSync(file, "utf8").match(/^ {4}.*GOGC=\d.* k6 run .*$/gm) ?? [];
    expect(commands).toEqual([expect.stringContaining(`GOGC=${GOGC} GOMEMLIMIT=${GOMEMLIMIT}`)]);
  });

  it("name only make targets of the Makefile", () => {
    const targets = new Set([...readFileSync("Makefile", "utf8").matchAll(/^([a-z_]+):/gm)].map((match) => match[1]));
    for (const file of [
      "README.md",
      "AGENTS.md",
      "docs/audio.md",
      "docs/compare.md",
      "docs/metrics.md",
      "docs/results.md",
      "docs/simulator.md",
    ]) {
      for (const [, target] of readFileSync(file, "utf8").matchAll(/(?:`|^ {4})make ([a-z_]+)/gm))
        expect(targets, file).toContain(target);
    }
  });
});
