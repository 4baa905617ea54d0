import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

/** Every TypeScript file below a folder, tests left out. */
function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts") && !file.endsWith(".d.ts"))
    .map((file) => join(folder, file));
}

/** What a file imports, as it is written. */
function imports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^(?:import|export) (?:[\w*{}\s,]+ from )?"([^"]+)";$/gm)].map((match) => match[1] ?? "");
}

const lib = sources("lib");
const pure = lib.filter((file) => file !== "lib/k6/scenario.ts");

describe("the layers", () => {
  it("let only lib/k6/scenario.ts import k6", () => {
    const importers = [...lib, ...sources("scenarios")].filter((file) =>
      imports(file).some((name) => /^k6($|\/)/.test(name)),
    );
    expect(importers).toEqual(["lib/k6/scenario.ts"]);
  });

  it("let nothing in lib import lib/k6/scenario.ts, or anything from outside lib", () => {
    for (const file of pure)
      for (const name of imports(file))
        expect(`${file}: ${name}`).toMatch(/: \.\.?\/([a-z0-9]+\/)?(?!scenario\.ts)[a-z0-9_.]+\.ts$/);
  });

  it("keep the clock, chance and output out of lib", () => {
    for (const file of pure) {
      expect(
        `${file}: ${readFileSync(file, "utf8").match(/Date\.now|new Date\(\)|Math\.random|\bconsole\./)?.[0] ?? "pure"}`,
      ).toBe(`${file}: pure`);
    }
  });

  it("let scenarios import lib only", () => {
    for (const file of sources("scenarios"))
      for (const name of imports(file)) expect(name).toMatch(/^\.\.\/lib\/[a-z0-9]+\/[a-z0-9_]+\.ts$/);
  });

  it("keep the simulator from sharing code with the bundle: it is the oracle", () => {
    for (const file of sources("scripts/simulator"))
      for (const name of imports(file)) expect(`${file}: ${name}`).not.toMatch(/\/lib\//);
  });

  it("keep scripts away from what runs in k6", () => {
    for (const file of sources("scripts"))
      for (const name of imports(file)) expect(`${file}: ${name}`).not.toMatch(/lib\/k6\/scenario\.ts|scenarios\//);
  });

  it("keep the machine free of wires: it imports neither codecs nor settings", () => {
    for (const file of sources("lib/conversation"))
      for (const imported of imports(file)) expect(imported).toMatch(/^\.\/[a-z_.]+\.ts$|^\.\.\/metrics\/records\.ts$/);
    expect([...imports("lib/conversation/reply.ts"), ...imports("lib/conversation/playout.ts")]).toEqual([]);
  });

  it("let only tests use the tests' harness", () => {
    for (const file of [...lib, ...sources("scripts")]) expect(imports(file)).not.toContain("./play.ts");
  });

  it("keep every file to a size that one can hold in mind", () => {
    for (const file of [...lib, ...sources("scenarios"), ...sources("scripts")]) {
      expect(`${file}: ${readFileSync(file, "utf8").split("\n").length > 270 ? "too long" : "fine"}`).toBe(
        `${file}: fine`,
      );
    }
  });
});
