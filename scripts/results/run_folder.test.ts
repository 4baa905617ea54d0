import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { describe, expect, it } from "vitest";

import { makeRunFolder } from "./run_folder.ts";

describe("the folder of a run", () => {
  it("is its own, also of runs that start in the same second where there is no folder of runs yet", async () => {
    const parent = join(mkdtempSync(join(tmpdir(), "runs-")), "new/results");
    const startedAt = new Date("2026-01-02T03:04:05.678Z");
    const folders = await Promise.all(Array.from({ length: 8 }, () => makeRunFolder("acs_media", startedAt, parent)));
    expect(new Set(folders).size).toBe(8);
    expect(readdirSync(parent).sort()).toEqual(folders.map((folder) => basename(folder)).sort());
    expect(readdirSync(parent)).toContain("2026-01-02T03-04-05_acs_media");
  });

  it("of many runs has a name that says so", async () => {
    const parent = mkdtempSync(join(tmpdir(), "runs-"));
    const folder = await makeRunFolder("acs_media", new Date("2026-01-02T03:04:05.678Z"), parent, "capacity_");
    expect(basename(folder)).toBe("capacity_2026-01-02T03-04-05_acs_media");
  });

  it("that cannot be made is named, with what to do", async () => {
    const parent = mkdtempSync(join(tmpdir(), "runs-"));
    writeFileSync(join(parent, "file"), "");
    mkdirSync(join(parent, "folder"));
    await expect(makeRunFolder("acs_media", new Date(), join(parent, "file"))).rejects.toThrow(
      /file.*RESULTS_DIR=folder/,
    );
  });
});
