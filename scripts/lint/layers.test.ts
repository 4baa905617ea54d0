import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";

import { describe, expect, it } from "vitest";

import { LAYERS } from "./layers.ts";

const MAX_LINES = 250;

/** What only tests may import. */
const TEST_HELPERS = [
  "lib/conversation/play.ts",
  "lib/report/synthetic_summary.ts",
  "lib/wire/test_wire_settings.ts",
  "scripts/audio/fake_speech_service.ts",
  "scripts/github/fake_gh.js",
  "scripts/github/fake_world.ts",
  "scripts/capacity/synthetic_capacity.ts",
  "scripts/capacity/synthetic_lines.ts",
  "scripts/readers/synthetic_run.ts",
  "scripts/simulator/test_caller.ts",
];

/** Every source file below a folder, tests left out. */
function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|js)$/.test(file) && !/\.(test|d)\.ts$/.test(file))
    .map((file) => join(folder, file));
}

/** What a file imports, as it is written. */
function imports(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return [...text.matchAll(/^(?:import|export) (?:[\w*{}\s,]+ from )?"([^"]+)";$/gm)].map((match) => match[1] ?? "");
}

/** The files of this project that a file imports. */
function importedFiles(file: string): string[] {
  return imports(file)
    .filter((name) => name.startsWith("."))
    .map((name) => normalize(join(dirname(file), name)));
}

const lib = sources("lib");
const files = [...lib, ...sources("scenarios"), ...sources("scripts")];
const folders = Object.keys(LAYERS);
const importsK6 = (file: string) => imports(file).some((name) => /^k6($|\/)/.test(name));
const pure = lib.filter((file) => !importsK6(file));

/** The folders that a folder may import from. */
function allowed(folder: string): string[] {
  const inLib = folders.filter((name) => name.startsWith("lib/") && name !== "lib/k6");
  return (LAYERS[folder]?.imports ?? []).flatMap((name) => (name === "lib/*" ? inLib : [name]));
}

/** The arrows of the code: each folder with the folders that its files import from. */
function arrows(): [from: string, to: string][] {
  const all = files.flatMap((file) => importedFiles(file).map((to) => `${dirname(file)} ${dirname(to)}`));
  return [...new Set(all)]
    .map((arrow): [string, string] => [arrow.split(" ")[0] ?? "", arrow.split(" ")[1] ?? ""])
    .filter(([from, to]) => from !== to);
}

/** The first circle of imports that can be reached from a file, or null. */
function circleFrom(file: string, path: readonly string[] = [], done = new Set<string>()): string[] | null {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return null;
  for (const next of importedFiles(file)) {
    const circle = circleFrom(next, [...path, file], done);
    if (circle !== null) return circle;
  }
  done.add(file);
  return null;
}

describe("the table of folders", () => {
  it("names every folder with code, and no other", () => {
    expect([...new Set(files.map((file) => dirname(file)))].sort()).toEqual([...folders].sort());
  });

  it("lets a folder import only folders that stand below it", () => {
    for (const folder of folders)
      for (const to of allowed(folder))
        expect(folders.indexOf(to), `${folder} -> ${to}`).toBeGreaterThan(folders.indexOf(folder));
  });

  it("allows every import of the code, and no import that the code does not have", () => {
    const found = arrows();
    for (const [from, to] of found) expect(allowed(from), `${from} imports ${to}`).toContain(to);
    for (const folder of folders)
      for (const to of LAYERS[folder]?.imports.filter((name) => name !== "lib/*") ?? [])
        expect(found, `${folder} imports ${to}`).toContainEqual([folder, to]);
  });
});

describe("the code", () => {
  it("has no circle of imports", () => {
    for (const file of files) expect(circleFrom(file), file).toBeNull();
  });

  it("imports k6 in lib/k6 only", () => {
    const importers = [...new Set(files.filter(importsK6).map((file) => dirname(file)))];
    expect(importers.filter((folder) => folder !== "scripts/bench")).toEqual(["lib/k6"]);
    expect(files.filter((file) => importsK6(file) && dirname(file) === "scripts/bench")).toEqual([
      "scripts/bench/bare.js",
    ]);
  });

  it("reads no clock, no chance and prints nothing in lib, but where it imports k6", () => {
    for (const file of pure) {
      expect(
        `${file}: ${readFileSync(file, "utf8").match(/Date\.now|new Date\(\)|Math\.random|\bconsole\./)?.[0] ?? "pure"}`,
      ).toBe(`${file}: pure`);
    }
  });

  it("follows replies and playout without importing anything but what the arrival of audio is", () => {
    for (const file of ["reply", "playout"])
      expect(imports(`lib/conversation/${file}.ts`)).toEqual(["./audio_arrival.ts"]);
  });

  it("takes only records and the limit of a late frame from lib/metrics into a conversation", () => {
    for (const file of sources("lib/conversation"))
      for (const to of importedFiles(file)) expect(to).toMatch(/^lib\/(conversation\/|metrics\/(records|late)\.ts$)/);
  });

  it.each(TEST_HELPERS)("uses %s in tests only", (helper) => {
    expect(files).toContain(helper);
    expect(files.filter((file) => importedFiles(file).includes(helper))).toEqual([]);
  });

  it("has one export at run time in each lazy module, the function that loads it", () => {
    const lazy = lib.filter((file) => file.endsWith(".lazy.ts"));
    expect(lazy.length).toBeGreaterThan(0);
    for (const file of lazy) {
      const exported = [...readFileSync(file, "utf8").matchAll(/^export (?!type\b|interface\b)(.*)$/gm)];
      expect(exported.map((match) => match[1]).join("\n"), file).toMatch(/^function load[A-Z]\w*\(\) \{$/);
    }
  });

  it(`has no file of more than ${MAX_LINES} lines`, () => {
    for (const file of files)
      expect(readFileSync(file, "utf8").split("\n").length - 1, file).toBeLessThanOrEqual(MAX_LINES);
  });
});
