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
const pure = lib.filter((file) => file !== "lib/k6.ts");

describe("the layers", () => {
  it("let only lib/k6.ts import k6", () => {
    const importers = [...lib, ...sources("scenarios")].filter((file) =>
      imports(file).some((name) => /^k6($|\/)/.test(name)),
    );
    expect(importers).toEqual(["lib/k6.ts"]);
  });

  it("let nothing in lib import lib/k6.ts, or anything from outside lib", () => {
    for (const file of pure)
      for (const name of imports(file)) expect(`${file}: ${name}`).toMatch(/: \.\/(?!k6\.ts)[a-z]+\.ts$/);
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
      for (const name of imports(file)) expect(name).toMatch(/^\.\.\/lib\/[a-z0-9]+\.ts$/);
  });

  it("keep the simulator from sharing code with the bundle: it is the oracle", () => {
    for (const file of sources("scripts/simulator"))
      for (const name of imports(file)) expect(`${file}: ${name}`).not.toMatch(/\/lib\//);
  });

  it("keep scripts away from what runs in k6", () => {
    for (const file of sources("scripts"))
      for (const name of imports(file)) expect(`${file}: ${name}`).not.toMatch(/lib\/k6\.ts|scenarios\//);
  });

  it("keep the machine free of wires: it imports neither codecs nor settings", () => {
    const machine = [
      "conversation",
      "turns",
      "turn",
      "reply",
      "barge",
      "playout",
      "greeting",
      "legal",
      "line",
      "outlook",
      "rest",
      "slot",
      "scribe",
      "sheet",
      "speech",
      "rules",
      "record",
      "event",
    ];
    const known = machine.map((name) => `./${name}.ts`);
    for (const name of machine) for (const imported of imports(`lib/${name}.ts`)) expect(known).toContain(imported);
    expect([...imports("lib/reply.ts"), ...imports("lib/playout.ts")]).toEqual([]);
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
