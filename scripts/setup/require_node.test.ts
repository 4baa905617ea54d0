import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { runCommand } from "../run/children.ts";

/** Runs a command where `node` is a script that says this version; null: where there is no `node`. */
async function withNode(version: string | null, command: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), "node-"));
  const script = `#!/bin/sh\n[ "$1" = --version ] || echo "ran $*"\necho "${version}"\n`;
  if (version !== null) writeFileSync(join(folder, "node"), script, { mode: 0o755 });
  // Where node is missing, the shell and make are found all the same: by their paths.
  const path = version === null ? folder : `${folder}:${process.env.PATH}`;
  const [program = "", ...args] = command;
  return runCommand(program, args, { PATH: path });
}

const require = (version: string | null, ...what: string[]) =>
  withNode(version, ["/bin/sh", "scripts/setup/require_node.sh", ...what]);

describe("the Node that is needed", () => {
  it.each(["v20.11.0", "v20.19.5", "v21.3.0", "v22.0.0", "v24.11.1", "v100.0.0", "v24.0.0-nightly20250101"])(
    "is %s",
    async (version) => expect(await require(version)).toEqual({ exitCode: 0, output: "" }),
  );

  it.each(["v8.17.0", "v18.20.8", "v20.0.0", "v20.10.0", "v21.2.0"])("is not %s", async (version) => {
    const { exitCode, output } = await require(version);
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^Node >= 20\.11 is needed.*, this is v[\d.]+\n$/);
    expect(output).toContain(version);
  });

  it("is missing, or is another program of that name", async () => {
    expect((await require(null)).output).toBe("Node >= 20.11 is needed, none that runs is on PATH\n");
    expect((await require("hello")).output).toBe('Node >= 20.11 is needed, this says "hello"\n');
  });

  it.each([
    ["v20.18.3", 1],
    ["v20.19.0", 0],
    ["v21.7.3", 1],
    ["v22.11.0", 1],
    ["v22.12.0", 0],
    ["v24.0.0", 0],
  ])("for tests is not below 20.19 and 22.12: %s ends with %i", async (version, exitCode) => {
    expect((await require(version, "tests")).exitCode).toBe(exitCode);
  });

  it.each(["doctor", "call", "build", "demo", "report", "check", "test", "run_load_test_acs_media", "simulate"])(
    "is asked for by make %s before anything else",
    async (target) => {
      const { exitCode, output } = await withNode("v20.10.0", ["make", "--no-print-directory", target]);
      expect(exitCode).toBe(2);
      expect(output).toMatch(/^Node >= 20\.1[19] is needed.*, this is v20\.10\.0\nmake(\[\d\])?: \*\*\* .*\n$/);
    },
  );

  it("is the one that package.json and the README say", () => {
    const [, of20, of21] = /^of20=(\d+) of21=(\d+) /m.exec(readFileSync("scripts/setup/require_node.sh", "utf8")) ?? [];
    const range = `^20.${of20} || >=21.${of21}`;
    expect(JSON.parse(readFileSync("package.json", "utf8")).engines.node).toBe(range);
    expect(JSON.parse(readFileSync("package-lock.json", "utf8")).packages[""].engines.node).toBe(range);
    expect(readFileSync("README.md", "utf8")).toContain("needs Node 20.11");
  });
});
