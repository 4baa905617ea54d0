import { readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";

import type { CapacityResult } from "./probe.ts";
import { type SyntheticSearch, syntheticCapacity, syntheticProbe } from "./synthetic_capacity.ts";
import { writeCapacityReport } from "./write_report.ts";

const matchesSchema = new Ajv2020().compile(JSON.parse(readFileSync("docs/capacity.schema.json", "utf8")));

const SEARCHES: readonly SyntheticSearch[] = ["knee", "generator", "none", "interrupted", "open"];

async function filesOf(result: CapacityResult) {
  const folder = await mkdtemp(join(tmpdir(), "capacity-report-"));
  await writeCapacityReport(folder, result);
  return { folder, text: (name: string) => readFile(join(folder, name), "utf8") };
}

describe("the report files of a search", () => {
  it.each(SEARCHES)("are all written for a search that ended as %s", async (search) => {
    const result = syntheticCapacity(search);
    const { folder, text } = await filesOf(result);
    expect((await readdir(folder)).sort()).toEqual(["capacity.html", "capacity.json", "capacity.md", "junit.xml"]);
    for (const name of ["capacity.html", "capacity.json", "capacity.md"])
      expect((await text(name)).replaceAll("\\<", "<").replaceAll("&lt;", "<")).toContain(result.sentence);
  });

  it("are written for a search without a run", async () => {
    const { text } = await filesOf(syntheticCapacity("interrupted", { probes: [] }));
    for (const name of ["capacity.html", "capacity.md"]) expect(await text(name)).toContain("No run was made.");
    expect(await text("junit.xml")).toContain('<testsuite name="runs" tests="0"');
  });

  it("are written as far as they fit on a full disk, and what is missing is named in one error", async () => {
    const written: string[] = [];
    const write = async (path: string, text: string) => {
      if (path.endsWith(".html") || path.endsWith(".xml"))
        throw Object.assign(new Error("ENOSPC: no space"), { code: "ENOSPC" });
      written.push(`${path} ${text.length > 0}`);
    };
    await expect(writeCapacityReport("results/c", syntheticCapacity("knee"), write)).rejects.toThrow(
      /^results\/c: could not write junit\.xml, capacity\.html: the disk is full \(ENOSPC\)$/,
    );
    expect(written).toEqual(["results/c/capacity.json true", "results/c/capacity.md true"]);
  });
});

describe("capacity.json", () => {
  it.each(SEARCHES)("matches its schema for a search that ended as %s", async (search) => {
    const result = syntheticCapacity(search);
    const read = JSON.parse(await (await filesOf(result)).text("capacity.json"));
    expect(matchesSchema(read), JSON.stringify(matchesSchema.errors)).toBe(true);
    expect(read).toEqual(result);
  });

  it("does not match its schema when a field is missing, unknown or of another type", () => {
    const result = syntheticCapacity("knee");
    expect(matchesSchema({ ...result, answer: "36" })).toBe(false);
    expect(matchesSchema({ ...result, end: "done" })).toBe(false);
    expect(matchesSchema({ ...result, better: true })).toBe(false);
    expect(matchesSchema({ ...result, probes: undefined })).toBe(false);
    expect(matchesSchema({ ...result, probes: [{ ...syntheticProbe(1, "grow"), turns: null }] })).toBe(false);
  });
});

describe("capacity.md", () => {
  it("begins with the sentence and what explains it, then has a row for each run", async () => {
    const text = await (await filesOf(syntheticCapacity("knee"))).text("capacity.md");
    const lines = text.split("\n");
    expect(lines[0]).toMatch(/^## The agent carries 36 callers; at 37 /);
    expect(lines[2]).toMatch(/^- from 36 to 37 callers, /);
    expect(lines.filter((line) => /^\| \d/.test(line))).toHaveLength(9);
    expect(text).toContain("| 37 | narrow | uncertain | 400 | 1094 | 1980 (uncertain) |");
    expect(text).toContain("| 37 | narrow | breaks (2 runs) | 400 | 1154 | 2200 |");
    expect(text).toContain("- 40 callers: ttfb is 2500 ms, wanted p(95)\\<2000");
  });

  it("has a dash for what was not measured", async () => {
    const text = await (await filesOf(syntheticCapacity("none"))).text("capacity.md");
    expect(text).toContain("| 1 | narrow | breaks | 0 | - | - | - | - | - |");
    expect(text).toContain("- 1 caller: ttfb is no data, wanted p(95)\\<2000");
  });

  it("shows the texts of an agent as text, also within a row", async () => {
    const folder = "a|b\r\n<b>";
    const result = syntheticCapacity("knee", {
      sentence: "carries *1*\n# two",
      probes: [syntheticProbe(1, "grow", { folder })],
    });
    const text = await (await filesOf(result)).text("capacity.md");
    expect(text).toContain("## carries \\*1\\* \\# two\n");
    expect(text).toContain("| a\\|b \\<b\\> |\n");
  });
});

describe("junit.xml of a search", () => {
  const junitOf = async (search: SyntheticSearch, changes?: Partial<CapacityResult>) =>
    (await filesOf(syntheticCapacity(search, changes))).text("junit.xml");

  it("passes with the answer and the run that shows it; other runs are skipped", async () => {
    const xml = await junitOf("knee");
    expect(xml).toContain('<testcase classname="capacity" name="the agent carries 36 callers"/>');
    expect(xml).toContain('<testsuite name="runs" tests="9" failures="0" skipped="8">');
    expect(xml).toContain('name="36 callers, confirm (09_36_callers)"/>');
    expect(xml).toContain(
      '<skipped message="does not decide: breaks (2 runs); ttfb is 2200 ms, wanted p(95)&lt;2000"/>',
    );
  });

  it("fails with the answer and the run that broke where more was wanted", async () => {
    const xml = await junitOf("knee", { wanted: 60, exitCode: 99 });
    expect(xml).toMatch(/name="the agent carries 60 callers"><failure message="The agent carries 36 callers; /);
    expect(xml).toContain('<testsuite name="runs" tests="9" failures="1" skipped="7">');
    expect(xml).toMatch(
      /name="37 callers, narrow \(07_37_callers\)"><failure message="breaks \(2 runs\)">breaks \(2 runs\)\nttfb is 2200 ms/,
    );
  });

  it("passes with what was wanted where the agent carries more", async () => {
    expect(await junitOf("knee", { wanted: 30 })).toContain('name="the agent carries 30 callers"/>');
  });

  it("fails where no load held, and where the search did not end well", async () => {
    const none = await junitOf("none");
    expect(none).toContain('name="the agent carries a load that meets the targets"><failure');
    expect(none).toContain('<testsuite name="runs" tests="3" failures="1" skipped="2">');
    expect(await junitOf("interrupted")).toContain('<testsuite name="capacity" tests="1" failures="1"');
    expect(await junitOf("knee", { exitCode: 105, isConfirmed: false })).toContain('tests="1" failures="1"');
  });
});
