import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeSyntheticRun } from "../readers/synthetic_run.ts";
import { runCommand } from "../run/children.ts";

let runs: { readonly fast: string; readonly again: string; readonly slow: string; readonly short: string };
let parent: string;

const command = (name: "compare" | "baseline", args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
  runCommand(process.execPath, ["--import", "tsx", `scripts/compare/${name}.ts`, ...args], env);

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), "compare-"));
  const slower = (ms: number) => ({ turns: 600, change: (turn: object) => ({ ...turn, ttfbMs: 900 + ms }) as never });
  runs = {
    fast: await makeSyntheticRun(slower(0)),
    again: await makeSyntheticRun(slower(2)),
    slow: await makeSyntheticRun(slower(180)),
    short: await makeSyntheticRun({ turns: 30 }),
  };
});

afterAll(() => Promise.all([parent, ...Object.values(runs)].map((folder) => rm(folder, { recursive: true }))));

describe.concurrent("make compare", () => {
  it.each([
    ["same", "again", 0, /^ttfb P95 \+2 ms \(0 %\), same within noise; /],
    ["slower", "slow", 99, /^ttfb P95 \+180 ms \(\+20 %\), slower; /],
    ["cannot_tell", "short", 98, /^ttfb P95 .*, cannot tell; /],
  ] as const)("ends as %s, and writes its files into the folder of the run", async (outcome, name, exitCode, line) => {
    const ended = await command("compare", [runs[name], runs.fast]);
    expect(ended.exitCode, ended.output).toBe(exitCode);
    expect(ended.output).toMatch(line);
    expect(ended.output.trimEnd()).toMatch(/compare\.html$/);
    expect(JSON.parse(await readFile(join(runs[name], "compare.json"), "utf8"))).toMatchObject({ outcome, exitCode });
    expect(await readFile(join(runs[name], "compare.md"), "utf8")).toMatch(line);
    expect(await readFile(join(runs[name], "compare.html"), "utf8")).toContain("</html>");
  });

  it("takes the margin from COMPARE_MARGIN", async () => {
    const folder = await makeSyntheticRun({ turns: 600, change: (turn) => ({ ...turn, ttfbMs: 1080 }) });
    const ended = await command("compare", [folder, runs.fast], { COMPARE_MARGIN: "50%" });
    expect(ended).toMatchObject({ exitCode: 0 });
    await rm(folder, { recursive: true });
  });

  it("refuses what would be untrue with 107, and says so in its files too", async () => {
    const late = await makeSyntheticRun({ turns: 100, change: (turn) => ({ ...turn, lagMs: [90] }) });
    const ended = await command("compare", [late, runs.fast]);
    expect(ended.exitCode).toBe(107);
    expect(ended.output).toMatch(/^not compared: .*: INVALID: this machine was too slow/);
    expect(JSON.parse(await readFile(join(late, "compare.json"), "utf8"))).toMatchObject({
      outcome: "refused",
      rows: [],
    });
    await rm(late, { recursive: true });
  });

  it.each<[string, () => readonly string[], RegExp]>([
    ["no run", () => ["", runs.fast], /^RUN: expected one folder of results\/, got ""$/m],
    [
      "two runs",
      () => [`${runs.fast} ${runs.slow}`, runs.again],
      /^RUN: expected one folder of results\/, got ".* .*"$/m,
    ],
    [
      "a run that is a file",
      () => ["package.json", runs.fast],
      /^RUN: expected a folder of results\/, got "package.json"$/m,
    ],
    ["no base", () => [runs.fast], /^BASE: expected folders of results\/ or files of make baseline, got ""$/m],
    [
      "a base that is not there",
      () => [runs.fast, "results/none"],
      /^BASE: expected folders of results\/ or files of make baseline, got "results\/none", which is not there$/m,
    ],
    [
      "a base that is another file",
      () => [runs.fast, "package.json"],
      /^package.json: expected a file of make baseline, got another one$/m,
    ],
    [
      "the run as its own base",
      () => [runs.fast, `${runs.fast}/.`],
      /^BASE: expected other folders than that of RUN, got ".*" for both$/m,
    ],
    ["a base twice", () => [runs.slow, runs.fast, runs.fast], /^BASE: expected different runs, got one twice: /m],
  ])("stops with 107 at %s", async (_, args, message) => {
    const ended = await command("compare", args());
    expect(ended.exitCode).toBe(107);
    expect(ended.output).toMatch(message);
  });

  it("stops with 107 at a margin that is none", async () => {
    const ended = await command("compare", [runs.slow, runs.fast], { COMPARE_MARGIN: "5" });
    expect(ended.exitCode).toBe(107);
    expect(ended.output).toMatch(/^COMPARE_MARGIN: expected /);
  });

  it("stops with 107 at a setting that is misspelt", async () => {
    const ended = await command("compare", [runs.slow, runs.fast], { COMPARE_MARGINS: "5%" });
    expect(ended.exitCode).toBe(107);
    expect(ended.output).toMatch(/^COMPARE_MARGINS is not a setting; did you mean COMPARE_MARGIN\?$/m);
  });
});

describe.concurrent("make baseline", () => {
  it("keeps runs in a file that is a base, and adds to it", async () => {
    const [first, both] = [join(parent, "first.json"), join(parent, "both.json")];
    const kept = await command("baseline", [runs.fast], { BASELINE: first });
    expect(kept.exitCode, kept.output).toBe(0);
    expect(kept.output).toMatch(/^.*first\.json: 1 run, 600 turns, \d+ kB$/m);
    const added = await command("baseline", [first, runs.again], { BASELINE: both });
    expect(added.output).toMatch(/^.*both\.json: 2 runs, 1200 turns, \d+ kB$/m);
    const folder = await makeSyntheticRun({ turns: 600, change: (turn) => ({ ...turn, ttfbMs: 1080 }) });
    const ended = await command("compare", [folder, both]);
    expect(ended.exitCode).toBe(99);
    expect(ended.output).toMatch(/^ttfb P95 \+179 ms/);
    expect(await readFile(join(folder, "compare.md"), "utf8")).toContain(
      `both.json: ${basename(runs.again).replaceAll("_", "\\_")}`,
    );
    await rm(folder, { recursive: true });
  });

  it("replaces no file that is none of its own", async () => {
    const path = join(parent, "notes.json");
    await writeFile(path, "{}");
    const ended = await command("baseline", [runs.fast], { BASELINE: path });
    expect(ended.exitCode).toBe(107);
    expect(ended.output).toMatch(
      /^BASELINE: expected a new file, or one of make baseline, got ".*notes\.json", which is another$/m,
    );
    expect(await readFile(path, "utf8")).toBe("{}");
  });

  it("stops with 107 at a setting that is misspelt", async () => {
    const ended = await command("baseline", [runs.fast], { BASELIN: join(parent, "typo.json") });
    expect(ended.exitCode).toBe(107);
    expect(ended.output).toMatch(/^BASELIN is not a setting; did you mean BASELINE\?$/m);
  });

  it("keeps no run that no comparison would take", async () => {
    const late = await makeSyntheticRun({ turns: 100, change: (turn) => ({ ...turn, lagMs: [90] }) });
    const path = join(parent, "late.json");
    const ended = await command("baseline", [late], { BASELINE: path });
    expect(ended.exitCode).toBe(107);
    expect(ended.output).toMatch(/: INVALID: this machine was too slow/);
    expect(await readdir(parent)).not.toContain("late.json");
    await rm(late, { recursive: true });
  });
});
