import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { VERSION } from "../lib/report/version.ts";
import { buildAll } from "./build.ts";

async function bundle(name = "acs_media"): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "dist-"));
  await buildAll(folder);
  return readFileSync(join(folder, `${name}.js`), "utf8");
}

describe("the bundle", () => {
  it("is the same bytes every time", async () => {
    expect(await bundle()).toBe(await bundle());
  });

  it("begins with its version, which is the package's", async () => {
    expect((await bundle()).split("\n")[0]).toContain(`k6-voice-agent ${VERSION},`);
    expect(JSON.parse(readFileSync("package.json", "utf8")).version).toBe(VERSION);
  });

  it.each([
    ["acs_media", "browser"],
    ["browser_conversation", "acs"],
  ])(
    "%s gives callers nothing of what is done in rooms: k6 keeps every function in each of them",
    async (name, other) => {
      const [before = "", office = "", after = ""] = (await bundle(name)).split(
        /(?:^function openOffice\(\) \{$|^ *return openOffice2?\(\);$)/m,
      );
      const carried = [...(before + after).matchAll(/^\/\/ lib\/\w+\/([\w.]+)\.ts$/gm)].map((match) => match[1]);
      expect(carried).toContain("conversation");
      for (const room of [
        other,
        "settings",
        "setting_kinds",
        "plan",
        "utterances",
        "thresholds",
        "report",
        "table",
        "verdict",
        "summary",
        "glossary",
        "journal",
        "samples",
        "backoff",
        "faults",
        "error_messages",
        "wires",
        "target",
      ])
        expect(carried).not.toContain(room);
      expect(office).toContain("RATE LIMIT SUMMARY");
      expect(before + after).not.toContain("RATE LIMIT SUMMARY");
    },
  );

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
