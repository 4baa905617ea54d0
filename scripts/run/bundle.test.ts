import { mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
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

  it("is not written again where it is the same, since the folder may be read-only", async () => {
    const folder = mkdtempSync(join(tmpdir(), "dist-"));
    const times = () => [folder, join(folder, "acs_media.js")].map((path) => statSync(path).ctimeMs);
    await buildAll(folder);
    const before = times();
    await buildAll(folder);
    expect(times()).toEqual(before);
    writeFileSync(join(folder, "acs_media.js"), "old");
    await Promise.all([buildAll(folder), buildAll(folder)]);
    expect(readFileSync(join(folder, "acs_media.js"), "utf8")).toBe(await bundle());
    expect(readdirSync(folder).sort()).toEqual([
      "acs_media.js",
      "browser_conversation.js",
      "openai_realtime.js",
      "twilio_media.js",
    ]);
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
