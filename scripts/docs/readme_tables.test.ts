import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { DOCUMENTS, updatedDocument } from "./readme_tables.ts";

describe("the documents", () => {
  it.each(DOCUMENTS)("%s has up-to-date tables (make format writes them)", async (file) => {
    expect(readFileSync(file, "utf8")).toBe(await updatedDocument(file));
  });

  it("name only make targets of the Makefile", () => {
    const targets = new Set([...readFileSync("Makefile", "utf8").matchAll(/^([a-z_]+):/gm)].map((match) => match[1]));
    for (const file of [
      "README.md",
      "AGENTS.md",
      "docs/audio.md",
      "docs/metrics.md",
      "docs/results.md",
      "docs/simulator.md",
    ]) {
      for (const [, target] of readFileSync(file, "utf8").matchAll(/(?:`|^ {4})make ([a-z_]+)/gm))
        expect(targets, file).toContain(target);
    }
  });
});
