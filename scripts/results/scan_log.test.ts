import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { lineProblems, lineRemarks } from "./line_counts.ts";
import { scanLog } from "./scan_log.ts";

interface Written {
  readonly vu?: number;
  readonly process?: string;
  /** The first number of a line. */
  readonly from?: number;
}

/** The lines of one process: `turns` turns of one call, then the line of the call. */
function recordsOf(turns: number, { from = 1, process = "p1", vu = 1 }: Written = {}): string[] {
  const origin = { vu, call: `call-${process}-${vu}` };
  const health = { faults: [], lagMs: [1.5], rampUpLagMs: [], clockSteps: 0 };
  return [
    ...Array.from({ length: turns }, (_, index) =>
      JSON.stringify({ type: "turn", ...origin, line: from + index, turn: index + 1, outcome: "ok", ...health }),
    ),
    JSON.stringify({
      type: "call",
      ...origin,
      line: from + turns,
      dialAtMs: 1,
      closedAtMs: 2,
      closedBy: "caller",
      outcome: "ok",
      ...health,
    }),
  ];
}

const run = (process = "p1") => JSON.stringify({ type: "run", process, remarks: [`of ${process}`] });
const end = (lines: number, process = "p1", more: object = {}) =>
  JSON.stringify({ type: "end", process, lines, interrupted: false, droppedIterations: 1, remarks: [], ...more });

/** Scans a log with this content. */
async function scan(content: string | Buffer) {
  const folder = await mkdtemp(join(tmpdir(), "scan-"));
  await writeFile(join(folder, "log.jsonl"), content);
  const read: string[] = [];
  const facts = await scanLog(folder, {
    turn: ({ call, turn }) => read.push(`${call}/${turn}`),
    call: ({ call }) => read.push(call),
  });
  return { ...facts, records: read };
}

const scanLines = (...lines: (string | readonly string[])[]) => scan(`${lines.flat().join("\n")}\n`);

describe("a log of one process", () => {
  it("is whole when it has as many lines as its end line says", async () => {
    const { end: ended, lines, records, remarks } = await scanLines(run(), recordsOf(3), end(4));
    expect(records).toEqual(["call-p1-1/1", "call-p1-1/2", "call-p1-1/3", "call-p1-1"]);
    expect(lines).toEqual({ read: 4, written: 4, missing: 0, foreign: 0, damaged: 0, repeated: 0 });
    expect([lineProblems(lines), lineRemarks(lines, ended)]).toEqual([[], []]);
    expect([ended?.interrupted, ended?.droppedIterations, remarks]).toEqual([false, 1, ["of p1"]]);
  });

  it("says how many lines are missing, wherever they are", async () => {
    const all = recordsOf(40);
    const pick = fc.subarray(all, { minLength: 0, maxLength: all.length - 1 });
    await fc.assert(
      fc.asyncProperty(pick, async (kept) => {
        const { end: ended, lines } = await scanLines(run(), kept, end(all.length));
        expect(ended?.interrupted).toBe(false);
        expect(lines.missing).toBe(all.length - kept.length);
        expect(lineProblems(lines)[0]).toMatch(new RegExp(`^${lines.missing} of 41 lines of the log are missing`));
      }),
      { numRuns: 30 },
    );
  });

  it("shows holes by the numbers of the lines where its end is cut off, too", async () => {
    const all = [...recordsOf(10), ...recordsOf(10, { vu: 2 })];
    const { end: ended, lines } = await scanLines(run(), all.slice(3, 8), all.slice(15, 17));
    expect(ended).toBeNull();
    expect(lines).toMatchObject({ read: 7, written: null, missing: 3 + 4 });
    expect(lineProblems(lines)[0]).toMatch(/^at least 7 lines of the log are missing/);
  });

  it("counts a line that is in it twice once, also where another line is missing for it", async () => {
    const all = recordsOf(40);
    const twice = await scanLines(run(), all, all.slice(35), end(41));
    expect(twice.records).toHaveLength(41);
    expect(twice.lines).toMatchObject({ missing: 0, repeated: 6 });
    expect(lineRemarks(twice.lines, twice.end)[0]).toMatch(/^6 lines of log.jsonl are in it more than once/);
    const swapped = await scanLines(run(), all.slice(1), all.slice(40), end(41));
    expect(swapped.lines).toMatchObject({ missing: 1, repeated: 1 });
  });

  it("takes no lines of another run for its own", async () => {
    const { lines } = await scanLines(run(), recordsOf(3), recordsOf(2, { process: "other", vu: 7 }), end(4));
    expect(lines).toMatchObject({ foreign: 3, missing: 0 });
    expect(lineProblems(lines)[0]).toMatch(/^3 lines more than the run wrote/);
  });

  it("may have more lines than k6 counted when it was interrupted", async () => {
    const { lines } = await scanLines(run(), recordsOf(3), end(2, "p1", { interrupted: true }));
    expect(lineProblems(lines)).toEqual([]);
  });

  it("cannot be known to be whole where its end line has no number of lines, as in earlier versions", async () => {
    const old = recordsOf(3).map((line) => line.replace(/"line":\d+,/, ""));
    const { end: ended, lines } = await scanLines('{"type":"run"}', old, '{"type":"end","interrupted":false}');
    expect(lines).toMatchObject({ read: 4, written: null, missing: 0 });
    expect(lineRemarks(lines, ended)[0]).toMatch(/does not say how many lines were written/);
  });
});

describe("a log with torn lines", () => {
  const [first = "", second = "", third = "", call = ""] = recordsOf(3);

  it.each([
    ["half a line", [first, second.slice(0, 60), third, call], 1],
    ["the other half of a line", [first, second.slice(60), third, call], 1],
    ["a line that was cut in two", [first, second.slice(0, 60), second.slice(60), third, call], 2],
    ["two lines in one", [first, second + third, call], 1],
    ["half a line before another", [first, second.slice(0, 60) + third, call], 1],
    ["NUL bytes before a line", [first, `\0\0\0${second}`, third, call], 1],
    ["a line of NUL bytes", [first, second, third, call, "\0\0\0\0"], 1],
    ["a record without what a report needs", [first, '{"type":"turn"}', third, call], 1],
    ["a field of another type", [first, second.replace('"lagMs":[1.5]', '"lagMs":"1.5"'), third, call], 1],
    ["a number that is none", [first, second.replace("1.5", "1e999"), third, call], 1],
  ])("counts %s", async (_, records, damaged) => {
    const { lines } = await scanLines(run(), records, end(4));
    const read = records.filter((line) => recordsOf(3).includes(line)).length;
    expect(lines).toMatchObject({ read, damaged, missing: 4 - read });
    expect(lineProblems(lines).join()).toMatch(new RegExp(`${damaged} lines of log.jsonl are damaged`));
  });

  it("survives a cut at every byte", async () => {
    const whole = `${[run(), ...recordsOf(2), end(3)].join("\n")}\n`;
    for (let bytes = 0; bytes < whole.length - 1; bytes += 7) {
      const { end: ended, lines } = await scan(whole.slice(0, bytes));
      expect(ended !== null && lineProblems(lines).length === 0).toBe(false);
    }
  });

  it("does not count the text of k6 and of a shell", async () => {
    const text = [
      "PASS  every threshold holds",
      "Name      Count",
      "level=info msg=x",
      "12",
      '{"level":"info"}',
      "null",
    ];
    const { lines } = await scanLines(text, run(), recordsOf(3), text, end(4), text);
    expect(lines).toMatchObject({ damaged: 0, missing: 0 });
  });

  it("reads lines with CRLF, with a byte order mark, and in UTF-16 as PowerShell writes it", async () => {
    const text = `${[run(), ...recordsOf(3), end(4)].join("\r\n")}\r\n`;
    const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, "utf16le")]);
    for (const content of [text, `\uFEFF${text}`, utf16]) {
      const { lines, remarks } = await scan(content);
      expect(lines).toMatchObject({ read: 4, damaged: 0, missing: 0 });
      expect(remarks).toEqual(["of p1"]);
    }
  });
});

describe("a log of several processes", () => {
  const one = recordsOf(3, { process: "p1" });
  const two = recordsOf(5, { process: "p2" });

  it("has the lines of all of them, one after another or mixed", async () => {
    const mixed = [run("p1"), run("p2"), ...two, ...one, end(4, "p1"), end(6, "p2")];
    for (const lines of [[run("p1"), ...one, end(4, "p1"), run("p2"), ...two, end(6, "p2")], mixed]) {
      const scanned = await scanLines(lines);
      expect(scanned.lines).toMatchObject({ read: 10, written: 10, missing: 0 });
      expect(scanned.end).toEqual({ interrupted: false, droppedIterations: 2, generatorLimit: null, lines: 10 });
    }
  });

  it("is whole where one of them is in it twice", async () => {
    const log = [run("p1"), ...one, end(4, "p1")];
    expect((await scanLines(log, log)).lines).toMatchObject({ read: 4, written: 4, missing: 0, repeated: 4 });
  });

  it("is that of an interrupted run where one of them did not end", async () => {
    expect((await scanLines(run("p1"), one, run("p2"), two, end(6, "p2"))).end).toBeNull();
    const stopped = end(6, "p2", { interrupted: true });
    expect((await scanLines(run("p1"), one, end(4, "p1"), run("p2"), two, stopped)).end?.interrupted).toBe(true);
  });

  it("lacks the head of one whose run line is missing", async () => {
    const headless = await scanLines(two.slice(2), end(6, "p2"));
    expect(headless.end?.lines).toBe(6);
    expect(headless.lines.missing).toBe(2);
    const second = await scanLines(run("p1"), one, end(4, "p1"), two.slice(2), end(6, "p2"));
    expect(second.lines).toMatchObject({ written: 10, missing: 2 });
  });
});
