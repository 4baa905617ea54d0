import { rm } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeSyntheticRun } from "../readers/synthetic_run.ts";
import { compareHtml } from "./compare_html.ts";
import { compareMd } from "./compare_md.ts";
import { compareText } from "./compare_text.ts";
import { type ComparedRun, type RunOfFolder, readRunOfFolder } from "./compared_run.ts";
import { compareRuns } from "./comparison.ts";
import { readMargin } from "./margin.ts";

const folders: string[] = [];
let base: RunOfFolder;
let run: RunOfFolder;

/** Turns that take longer by so much; the greeting stays. */
async function read(slowerMs: number): Promise<RunOfFolder> {
  const folder = await makeSyntheticRun({
    turns: 600,
    change: (turn) => ({ ...turn, ttfbMs: (turn.ttfbMs ?? 0) + slowerMs }),
  });
  folders.push(folder);
  return readRunOfFolder(folder);
}

beforeAll(async () => {
  base = await read(0);
  run = await read(180);
});

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

const compared = (now: ComparedRun = run) => compareRuns([base], { ...now, gate: run.gate }, readMargin(""));

describe("a comparison", () => {
  it("is told in one line first, by the row that matters most", () => {
    const [first] = compareMd(compared()).split("\n");
    expect(first).toMatch(/^ttfb P95 \+180 ms \(\+\d+ %\), slower; 3 more slower; \d+ of 17 rows within noise/);
    expect(compareText(compared()).split("\n")[0]).toBe(first);
    expect(compareText(compared())).toMatch(/^ttfb P95 \* +\d+ ms +\d+ ms +\+180 ms \(\+\d+ %\) .* slower$/m);
  });

  it("is told by what the gate judges where nothing is slower", () => {
    const alike = compareRuns([run], base, readMargin(""));
    expect(alike.outcome).toBe("same");
    expect(alike.headline).toMatch(/^ttfb P95 -180 ms \(-\d+ %\), faster; 3 more faster; \d+ of 17 rows within noise/);
    const other = { ...base, facts: { ...base.facts, run: "other" } };
    expect(compareRuns([other], base, readMargin("100ms")).headline).toMatch(
      /^ttfb P95 0 ms \(0 %\), same within noise; /,
    );
  });

  it("that cannot be told says between what the difference is", () => {
    const { headline } = compareRuns([base], run, readMargin("185ms"));
    expect(headline).toMatch(
      /^ttfb P95 \+\d+ ms \(\+\d+ %\) \[-?\+?\d+ to \+\d+ ms\], cannot tell; \d+ of 17 rows within noise/,
    );
  });

  it("that is refused says why, without numbers", async () => {
    const invalid = { ...run, facts: { ...run.facts, verdict: "INVALID" as const, reasons: ["<b>too | slow</b>"] } };
    const comparison = compared(invalid);
    expect(comparison).toMatchObject({ outcome: "refused", exitCode: 107, rows: [] });
    const [first, ...rest] = compareMd(comparison).split("\n");
    expect(first).toBe(`not compared: ${escaped(run.path)}: INVALID: \\<b\\>too \\| slow\\</b\\>`);
    expect(rest.join("\n")).not.toContain("ttfb");
    const html = await compareHtml(comparison, [base], invalid);
    expect(html).toContain("INVALID: &lt;b&gt;too | slow&lt;/b&gt;");
    expect(html).not.toContain("<svg");
  });

  it("is a page with both distributions over each other, and without a script", async () => {
    const html = await compareHtml(compared(), [base], run);
    expect(html).toContain('<header class="verdict FAIL">\n<h1>Slower</h1>');
    expect(html.match(/<svg class="lines"/g)).toHaveLength(3);
    expect(html.match(/<path class="line" d="M[^"]+L/g)).toHaveLength(3 * 2);
    expect(html).toContain("base (600)");
    expect(html).not.toContain("<script");
  });

  it("has its inputs, its method and its rows in compare.json, and no secret", () => {
    const comparison = JSON.parse(JSON.stringify(compared()));
    expect(comparison).toMatchObject({
      format: 1,
      outcome: "slower",
      exitCode: 99,
      margin: { share: 0.05, ms: 50, points: 0.02 },
      method: { resamples: 2000, seed: 1 },
      bases: [{ path: base.path, scenario: "acs_media", comparedTurns: 600 }],
      run: { path: run.path },
    });
    const row = comparison.rows.find(({ name }: { name: string }) => name === "ttfb P95");
    expect(Object.keys(row).sort()).toEqual(
      [
        ...[
          "name",
          "series",
          "statistic",
          "worse",
          "unit",
          "gated",
          "base",
          "run",
          "difference",
          "relative",
          "interval",
        ],
        ...["margin", "pWorse", "pBetter", "betweenRuns", "baseSize", "runSize", "verdict", "needs"],
      ].sort(),
    );
  });
});

function escaped(path: string): string {
  return path.replaceAll("_", "\\_");
}
