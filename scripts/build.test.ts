import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { VERSION } from "../lib/version.ts";
import { buildAll } from "./build.ts";

async function bundle(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "dist-"));
  await buildAll(folder);
  return readFileSync(join(folder, "acs_media.js"), "utf8");
}

describe("the bundle", () => {
  it("is the same bytes every time", async () => {
    expect(await bundle()).toBe(await bundle());
  });

  it("begins with its version, which is the package's", async () => {
    expect((await bundle()).split("\n")[0]).toContain(`k6-voice-agent ${VERSION},`);
    expect(JSON.parse(readFileSync("package.json", "utf8")).version).toBe(VERSION);
  });

  it("is readable, and imports nothing but k6", async () => {
    const text = await bundle();
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThan(600);
    expect(
      [...text.matchAll(/^import .* from "([^"]+)";$/gm)]
        .map((match) => match[1])
        .filter((module) => !/^k6($|\/)/.test(module ?? "")),
    ).toEqual([]);
  });
});
