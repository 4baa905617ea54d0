import { rm } from "node:fs/promises";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { makeSyntheticRun } from "../readers/synthetic_run.ts";
import { identityOf, type RunOfFolder, readRunOfFolder } from "./compared_run.ts";
import { comparedRows } from "./comparison.ts";
import { digestText, isDigest, readDigest } from "./digest.ts";
import { readMargin } from "./margin.ts";

const SECRET = "hunter2-hunter2";
const URL = `wss://user:${SECRET}@agent.example.com/ws?token=${SECRET}`;

const folders: string[] = [];
let run: RunOfFolder;
let slower: RunOfFolder;

async function read(options: Parameters<typeof makeSyntheticRun>[0]): Promise<RunOfFolder> {
  const folder = await makeSyntheticRun(options);
  folders.push(folder);
  return readRunOfFolder(folder);
}

beforeAll(async () => {
  const settings = { WS_URL: URL, WS_HEADERS: JSON.stringify({ Authorization: SECRET }) };
  run = await read({ turns: 600, failsEvery: 50, settings });
  slower = await read({ turns: 600, change: (turn) => ({ ...turn, ttfbMs: (turn.ttfbMs ?? 0) + 180.4 }) });
});

afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true }))));

describe("the file of make baseline", () => {
  it("gives the same comparison as the run's folder, to the rounding of 1 ms", () => {
    const [kept] = readDigest("base.json", digestText([run]));
    const margin = readMargin("");
    const ofFolder = comparedRows([run], slower, margin);
    const ofFile = comparedRows([kept ?? run], slower, margin);
    expect(ofFile.map(({ name, verdict }) => [name, verdict])).toEqual(
      ofFolder.map(({ name, verdict }) => [name, verdict]),
    );
    expect(ofFolder.filter(({ verdict }) => verdict === "slower").length).toBeGreaterThan(1);
    for (const [at, row] of ofFile.entries()) {
      const other = ofFolder[at];
      const far = row.unit === "share" ? 1e-9 : 1;
      expect(Math.abs((row.base ?? 0) - (other?.base ?? 0)), row.name).toBeLessThanOrEqual(far);
      for (const end of [0, 1])
        expect(Math.abs((row.interval?.[end] ?? 0) - (other?.interval?.[end] ?? 0)), row.name).toBeLessThanOrEqual(
          2 * far,
        );
    }
  });

  it("keeps the inputs of the run, so that it is known again, and no session id and no secret", () => {
    const text = digestText([run]);
    const [kept] = readDigest("base.json", text);
    expect(kept?.facts).toEqual(run.facts);
    expect(identityOf(kept ?? slower)).toBe(identityOf(run));
    expect(kept?.path).toBe(`base.json: ${run.facts.run}`);
    expect(text).not.toContain(SECRET);
    expect(text).not.toMatch(/k6va-1-\d/);
  });

  it("holds several runs in some tens of kB", () => {
    const text = digestText([run, slower]);
    expect(readDigest("base.json", text).map(({ facts }) => facts.comparedTurns)).toEqual([600, 600]);
    expect(text.length).toBeLessThan(70_000);
    expect(isDigest(text)).toBe(true);
  });

  it.each<[string, (text: string) => string, string | RegExp]>([
    [
      "that is cut off",
      (text) => text.slice(0, 5000),
      /^base\.json: expected a whole file of make baseline, got a damaged one \(.+\)$/,
    ],
    ["that is no JSON", () => "# Notes", /^base\.json: expected a file of make baseline, got no JSON \(.+\)$/],
    [
      "of something else",
      () => '{"name":"k6-voice-agent"}',
      "base.json: expected a file of make baseline, got another one",
    ],
    ["that is null", () => "null", "base.json: expected a file of make baseline, got another one"],
    [
      "of another format",
      (text) => text.replace('"format":1', '"format":2'),
      "base.json: expected format 1 of a baseline, got 2: make it again",
    ],
    [
      "without runs",
      () => '{"content":"baseline of k6-voice-agent","format":1}',
      "base.json: baseline: expected what must have required property 'runs', got ",
    ],
    [
      "with a time that is none",
      (text) => text.replace(/"ttfb":\[\d+/, '"ttfb":["soon"'),
      'base.json: runs/0/calls/0/times/ttfb/0: expected what must be number, got "soon"',
    ],
    [
      "with an unknown verdict",
      (text) => text.replace('"PASS"', '"GOOD"').replace('"FAIL"', '"GOOD"'),
      'base.json: runs/0/facts/verdict: expected what must be equal to one of the allowed values, got "GOOD"',
    ],
  ])("%s is refused", (_, damage, message) => {
    expect(() => readDigest("base.json", damage(digestText([run])))).toThrow(message);
  });
});
