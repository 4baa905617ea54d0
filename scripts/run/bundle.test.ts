import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { VERSION } from "../../lib/report/version.ts";
import { buildAll } from "./bundle.ts";

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
    "%s keeps what runs once per run inside its lazy modules, so that no caller keeps it",
    async (name, otherCodec) => {
      const [before = "", loadRun = "", after = ""] = (await bundle(name)).split(
        /(?:^function loadRun\(\) \{$|^ *return loadRun2?\(\);$)/m,
      );
      const inCallers = [...(before + after).matchAll(/^\/\/ lib\/\w+\/([\w.]+)\.ts$/gm)].map((match) => match[1]);
      expect(inCallers).toContain("conversation");
      for (const file of [
        otherCodec,
        "settings",
        "read_settings",
        "setting_kinds",
        "plan",
        "utterances",
        "thresholds",
        "run_summary",
        "report_text",
        "verdict",
        "summary_json",
        "glossary",
        "journal",
        "samples",
        "backoff",
        "faults",
        "error_messages",
        "wires",
        "target_url",
      ])
        expect(inCallers).not.toContain(file);
      expect(loadRun).toContain("RATE LIMIT SUMMARY");
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
