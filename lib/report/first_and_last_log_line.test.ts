import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { readSettings } from "../settings/read_settings.ts";
import { readTiers } from "../settings/thresholds.ts";
import { endLine, runLine } from "./first_and_last_log_line.ts";

const { tiers } = readTiers(readFileSync("thresholds.json", "utf8"));

describe("the first line of a log", () => {
  it("holds the inputs of the run, and no secret", () => {
    const { settings } = readSettings({
      RESULTS_DIR: "results/a-run",
      USERS: "3",
      WS_HEADERS: '{"Authorization":"s3cret"}',
    });
    const input = { scenario: "acs_media", settings, tiers, remarks: ["a remark"], path: "/p", pathHint: "" };
    const line = runLine({
      ...input,
      process: "p1",
      url: "wss://me:s3cret@host/p?code=s3cret",
      startedAtMs: Date.UTC(2026, 0, 2),
      go: { GOGC: "1600", GOMEMLIMIT: null, GOMAXPROCS: "4" },
    });
    expect(line).toMatchObject({
      type: "run",
      process: "p1",
      run: "a-run",
      startedAt: "2026-01-02T00:00:00.000Z",
      url: "wss://***@host/p?code=***",
      settings: { USERS: 3 },
      thresholds: tiers,
      remarks: ["a remark"],
      go: { GOGC: "1600", GOMEMLIMIT: null, GOMAXPROCS: "4" },
    });
    expect(JSON.stringify(line)).not.toContain("s3cret");
  });
});

describe("the name of the run in the first line", () => {
  it.each([
    ["results/a-run", "a-run"],
    ["results/a-run/", "a-run"],
    ["/mnt/a-run//", "a-run"],
    ["a-run/", "a-run"],
    ["", ""],
  ])("of RESULTS_DIR=%s is %j", (RESULTS_DIR, name) => {
    const { settings } = readSettings({ RESULTS_DIR });
    const input = { scenario: "acs_media", settings, tiers, remarks: [], path: "/p", pathHint: "" } as const;
    expect(runLine({ ...input, process: "p1", url: "wss://host/p", startedAtMs: 0, go: null }).run).toBe(name);
  });
});

describe("the last line of a log", () => {
  const { settings } = readSettings({ TIME: "90s" });
  const end = (testRunDurationMs: number, metrics = {}) =>
    endLine(
      { state: { testRunDurationMs }, setup_data: { process: "p1", remarks: ["the agent runs another"] }, metrics },
      settings,
    );

  it("holds how the run ended, how many lines it wrote, the dropped calls and the remarks of setup", () => {
    const metrics = { dropped_iterations: { values: { count: 3, rate: 0.1 } }, log_lines: { values: { count: 96 } } };
    expect(end(90_000, metrics)).toEqual({
      type: "end",
      process: "p1",
      lines: 96,
      interrupted: false,
      droppedIterations: 3,
      remarks: ["the agent runs another"],
    });
  });

  it("says that no line was written where none was", () => {
    expect(end(90_000).lines).toBe(0);
  });

  it("is interrupted when the run ended before TIME, unless all callers had given up", () => {
    expect(end(40_000).interrupted).toBe(true);
    const gaveUp = { gave_up: { values: { count: 15 }, thresholds: { "count<15": { ok: false } } } };
    expect(end(40_000, gaveUp).interrupted).toBe(false);
  });
});
