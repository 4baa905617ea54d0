import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import type { CheckResult } from "./check_result.ts";
import { runChecks } from "./checks.ts";

/** The check of this name, of a host that has no address. */
async function checkNamed(name: string, env: Record<string, string>): Promise<CheckResult | undefined> {
  const base = { PATH: process.env.PATH ?? "", HOST: "agent.invalid", XDG_CONFIG_HOME: "/nonexistent" };
  for await (const result of runChecks("acs_media", { ...base, ...env })) if (result.name === name) return result;
  return undefined;
}

const folder = () => mkdtempSync(join(tmpdir(), "doctor-"));

describe("make doctor", () => {
  it.each([
    [{ REPORT: "k6" }, "REPORT: expected table with make"],
    [{ TURN_LOG: "false" }, "TURN_LOG: expected true with make"],
    [{ K6_NO_THRESHOLDS: "true" }, "got K6_NO_THRESHOLDS"],
    [{ EXTRA_ARGS: "--vus 3" }, "got --vus"],
  ])("refuses %j, as a run does", async (env, found) => {
    const result = await checkNamed("settings and audio", env as Record<string, string>);
    expect(result?.ok).toBe(false);
    expect(result?.found).toContain(found);
  });

  it("refuses a load in k6's config file, as a run does", async () => {
    const XDG_CONFIG_HOME = folder();
    mkdirSync(join(XDG_CONFIG_HOME, "k6"));
    writeFileSync(join(XDG_CONFIG_HOME, "k6", "config.json"), '{"vus": 3}');
    expect((await checkNamed("settings and audio", { XDG_CONFIG_HOME }))?.found).toContain("take vus out of the file");
  });

  it("refuses an HTTP_PROXY with which every dial fails, as a run does", async () => {
    const env = { HOST: "ws://agent.invalid", HTTP_PROXY: "http://user:a^b@proxy:3128" };
    expect((await checkNamed("settings and audio", env))?.found).toContain(
      "HTTP_PROXY: expected a URL such as http://proxy:3128 with",
    );
  });

  it.each([
    ["v20.10.0", false],
    ["v20.11.0", true],
    ["v21.2.0", false],
    ["v21.3.0", true],
  ])("takes the Node that the make targets take: %s is %s", async (version, ok) => {
    const PATH = folder();
    writeFileSync(join(PATH, "node"), `#!/bin/sh\necho ${version}\n`, { mode: 0o755 });
    expect((await runChecks("acs_media", { PATH }).next()).value).toMatchObject({ name: "node", ok });
  });
});
