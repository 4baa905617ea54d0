import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { makeSyntheticRun } from "../readers/synthetic_run.ts";
import { summaryOf } from "../readers/write_reports.ts";
import { reportFromLog } from "../results/report_from_log.ts";
import { concludeRun } from "./conclude.ts";

let printed = "";

beforeEach(() => {
  printed = "";
  for (const stream of ["log", "error"] as const) {
    vi.spyOn(console, stream).mockImplementation((text) => {
      printed += `${text}\n`;
    });
  }
});

afterEach(() => {
  vi.restoreAllMocks();
});

/** The folder of a run as k6 leaves it, with its own summary.json. */
async function folderOfRun(): Promise<string> {
  const folder = await makeSyntheticRun({ turns: 40 });
  const summary = summaryOf(await reportFromLog(folder)) as { metrics: object };
  await writeFile(
    join(folder, "summary.json"),
    JSON.stringify({ ...summary, metrics: { ...summary.metrics, log_lines: { count: 44 } } }),
  );
  return folder;
}

async function verdictIn(folder: string): Promise<string> {
  return JSON.parse(await readFile(join(folder, "summary.json"), "utf8")).verdict;
}

async function cutLog(folder: string): Promise<void> {
  const log = await readFile(join(folder, "log.jsonl"), "utf8");
  await writeFile(join(folder, "log.jsonl"), log.slice(0, log.length / 2));
}

describe("the end of a run", () => {
  it("has k6's exit code and all files where everything was written", async () => {
    const folder = await folderOfRun();
    expect(await concludeRun(folder, { version: "2.2.0", code: 0 })).toBe(0);
    expect(await readdir(folder)).toContain("report.html");
    expect(await verdictIn(folder)).toBe("PASS");
  });

  it("says what the first message was that nobody could read: k6 only counts them", async () => {
    const folder = await folderOfRun();
    const logFile = join(folder, "log.jsonl");
    const unread = '"unread":{"count":3,"name":"AudioChunk","shape":"{kind: string(10)}"}';
    await writeFile(logFile, (await readFile(logFile, "utf8")).replace('"unread":null', unread));
    const summaryFile = join(folder, "summary.json");
    const summary = JSON.parse(await readFile(summaryFile, "utf8"));
    const reasons = ["every threshold holds", "3 messages of the agent could not be read"];
    await writeFile(summaryFile, JSON.stringify({ ...summary, reasons }));
    expect(await concludeRun(folder, { version: "2.2.0", code: 0 })).toBe(0);
    const told = "3 messages of the agent could not be read; the first: AudioChunk {kind: string(10)}";
    expect(printed).toContain(`unread     ${told}`);
    expect(JSON.parse(await readFile(summaryFile, "utf8")).reasons).toEqual(["every threshold holds", told]);
  });

  it("is 255 with k6's verdict where the log lacks lines, or its end line", async () => {
    for (const cut of [cutLog, withoutEnd]) {
      const folder = await folderOfRun();
      await cut(folder);
      expect(await concludeRun(folder, { version: "2.2.0", code: 0 })).toBe(255);
      expect(printed).toMatch(/^log.jsonl: expected .* \(is the disk full\?\)$/m);
      expect(await verdictIn(folder)).toBe("PASS");
    }
  });

  it.each([
    ["empty", "", "an empty file"],
    ["cut off", '{"verdict":"PA', "half a file"],
    ["missing", null, "no file"],
  ])("is 255, says why and keeps k6's printed verdict where summary.json is %s", async (_, text, got) => {
    for (const code of [0, 99]) {
      const folder = await folderOfRun();
      await cutLog(folder);
      if (text === null) await rm(join(folder, "summary.json"));
      else await writeFile(join(folder, "summary.json"), text);
      expect(await concludeRun(folder, { version: "2.2.0", code })).toBe(255);
      expect(printed).toContain(`${got} (is the disk full?); the verdict is the one that k6 printed`);
      expect(await verdictIn(folder)).toBe("INVALID");
      expect(await readFile(join(folder, "report.html"), "utf8")).toContain("<h1>INVALID</h1>");
    }
  });

  it("is 255 where both summary.json and lines of the log are lost, though the log has its end line", async () => {
    const folder = await folderOfRun();
    await rm(join(folder, "summary.json"));
    const log = (await readFile(join(folder, "log.jsonl"), "utf8")).split("\n");
    await writeFile(join(folder, "log.jsonl"), log.filter((_, at) => at < 5 || at > 7).join("\n"));
    expect(await concludeRun(folder, { version: "2.2.0", code: 0 })).toBe(255);
    expect(await verdictIn(folder)).toBe("INVALID");
  });

  it("is k6's own where k6 printed its own report and wrote no summary.json", async () => {
    const folder = await makeSyntheticRun({ turns: 40 });
    expect(await concludeRun(folder, { version: "2.2.0", code: 0 })).toBe(0);
    expect(printed).toMatch(/^PASS/m);
  });

  it("is 255 where the run's folder was removed", async () => {
    const folder = await folderOfRun();
    await rm(folder, { recursive: true });
    expect(await concludeRun(folder, { version: "2.2.0", code: 0 })).toBe(255);
    expect(printed).toMatch(
      /^no report could be written: .* was removed during the run; the verdict is the one that k6 printed/,
    );
  });

  it("is 255 where run.json was lost, and says what is missing", async () => {
    const folder = await folderOfRun();
    await writeFile(join(folder, "run.json"), "");
    expect(await concludeRun(folder, { version: "2.2.0", code: 99 })).toBe(255);
    expect(printed).toMatch(/got neither: run.json is empty \(was the disk full\?\)/);
  });

  it("is 255 where something else wrote into the log", async () => {
    const folder = await folderOfRun();
    await appendFile(join(folder, "log.jsonl"), '{"type":"turn","call":\n');
    expect(await concludeRun(folder, { version: "2.2.0", code: 0 })).toBe(255);
    expect(printed).toMatch(/expected no damaged lines, got 1/);
  });

  it("is INVALID where k6 ran out of memory, and not for the version of its log", async () => {
    const folder = await makeSyntheticRun({ turns: 40, ends: false });
    expect(await concludeRun(folder, { version: "2.2.0", code: 2, limit: "memory" })).toBe(255);
    expect(printed).toMatch(/^INVALID {2}this machine ran out of memory/m);
    expect(printed).not.toMatch(/earlier versions/);
  });

  it("is INTERRUPTED where k6 was killed or interrupted, and says how many lines are missing", async () => {
    for (const code of [105, 255]) {
      const folder = await makeSyntheticRun({ turns: 40 });
      const lines = (await readFile(join(folder, "log.jsonl"), "utf8")).split("\n");
      await writeFile(join(folder, "log.jsonl"), lines.filter((_, index) => index < 2 || index >= 5).join("\n"));
      expect(await concludeRun(folder, { version: "2.2.0", code })).toBe(code);
      expect(printed).toMatch(/^INTERRUPTED {2}3 of 44 lines of the log are missing/m);
      expect(await verdictIn(folder)).toBe("INTERRUPTED");
    }
  });
});

async function withoutEnd(folder: string): Promise<void> {
  const log = await readFile(join(folder, "log.jsonl"), "utf8");
  await writeFile(join(folder, "log.jsonl"), log.replace(/\{"type":"end".*\n/, ""));
}
