import { readFileSync } from "node:fs";
import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { asJudgedByK6 } from "../results/report_from_log.ts";
import { escaped } from "./html_table.ts";
import { makeRun } from "./synthetic_run.ts";
import { stagesOf } from "./ttfb_stages.ts";
import { writeReaders } from "./write_reports.ts";

const matchesSchema = new Ajv2020().compile(JSON.parse(readFileSync("docs/summary.schema.json", "utf8")));

async function read(made: Parameters<typeof makeRun>[0]) {
  const folder = await makeRun(made);
  const { run } = await writeReaders(folder);
  const of = (name: string) => readFile(join(folder, name), "utf8");
  return { folder, run, of };
}

describe("the readers of a run", () => {
  it("are made from run.json and log.jsonl alone", async () => {
    const { folder, run } = await read({ turns: 60 });
    expect(run.verdict).toBe("PASS");
    expect((await readdir(folder)).sort()).toEqual([
      "junit.xml",
      "log.jsonl",
      "report.html",
      "run.json",
      "stats.csv",
      "summary.json",
      "summary.md",
    ]);
  });

  it("call a run interrupted whose log has no last word, even when its last line is half", async () => {
    const folder = await makeRun({ turns: 40, ends: false });
    await appendFile(join(folder, "log.jsonl"), '{"type":"turn","run":"x","ttf');
    const { run } = await writeReaders(folder);
    expect(run.verdict).toBe("INTERRUPTED");
    expect(run.stats.turns?.count).toBe(40);
  });

  it("need no run.json where the log tells what was asked for, as that of a pod does", async () => {
    const folder = await makeRun({ turns: 40 });
    const { k6: _, ...asked } = JSON.parse(await readFile(join(folder, "run.json"), "utf8"));
    const log = await readFile(join(folder, "log.jsonl"), "utf8");
    await rm(join(folder, "run.json"));
    await expect(writeReaders(folder)).rejects.toThrow(/expected run.json, or a "run" line in log.jsonl, got neither/);
    await writeFile(join(folder, "log.jsonl"), `words of k6\n${JSON.stringify({ type: "run", ...asked })}\n${log}`);
    expect((await writeReaders(folder)).run.verdict).toBe("PASS");
  });

  it("tell what the agent said of itself when the run began, though it was killed, and say it once", async () => {
    const opening = { type: "run", remarks: ["known before", "the agent runs another"] };
    for (const ends of [true, false]) {
      const folder = await makeRun({ turns: 40, ends });
      const log = await readFile(join(folder, "log.jsonl"), "utf8");
      await writeFile(join(folder, "log.jsonl"), `${JSON.stringify(opening)}\n${log}`);
      expect((await writeReaders(folder)).run.remarks).toEqual(opening.remarks);
    }
  });

  it("tell the dropped calls of an open load, which only its end knows", async () => {
    const folder = await makeRun({ turns: 40, settings: { CALLS_PER_SEC: "1" }, ends: false });
    const end = { type: "end", interrupted: false, droppedIterations: 3, remarks: ["the agent runs another"] };
    await appendFile(join(folder, "log.jsonl"), JSON.stringify(end));
    const { run } = await writeReaders(folder);
    expect(run.reasons).toEqual(["3 calls found no free caller: raise USERS or lower CALLS_PER_SEC"]);
    expect(run.remarks).toContain("the agent runs another");
  });
});

describe("readers of a run whose log is not whole", () => {
  it("give k6's verdict, all of them, and say first what is missing", async () => {
    const folder = await makeRun({ turns: 10, ends: false });
    const judged = { verdict: "PASS", reasons: ["every threshold of the target tier holds"] } as const;
    await writeReaders(folder, (reread) => asJudgedByK6(reread, judged, "log.jsonl: expected 37 lines, got 11"));
    const text = async (name: string) => readFile(join(folder, name), "utf8");
    expect(JSON.parse(await text("summary.json"))).toMatchObject(judged);
    expect(await text("report.html")).toContain("<h1>PASS</h1>");
    expect(await text("junit.xml")).toContain("the run is PASS");
    for (const name of ["report.html", "summary.md"]) {
      expect(await text(name)).toContain("every threshold of the target tier holds");
      expect(await text(name)).toMatch(/log.jsonl: expected 37 lines, got 11; the verdict is k6(&#39;|'|’)s own/);
    }
  });
});

describe("readers of a run whose machine was watched", () => {
  const SAMPLE = { k6: 0.4, others: 1.6, stolen: 0, cores: 2, rssBytes: 2 ** 27 };
  const atMs = Date.UTC(2026, 0, 2, 3, 4, 5);

  /** Every turn was late by this much, while other programs used most of the CPU. */
  async function watched(lagMs: number) {
    const folder = await makeRun({ turns: 60 });
    const log = await readFile(join(folder, "log.jsonl"), "utf8");
    await writeFile(join(folder, "log.jsonl"), log.replaceAll('"lagMs":[2,3,2]', `"lagMs":[2,${lagMs},2]`));
    const lines = Array.from({ length: 90 }, (_, index) => JSON.stringify({ atMs: atMs + index * 1000, ...SAMPLE }));
    await writeFile(join(folder, "machine.jsonl"), `${lines.join("\n")}\n{"atMs":1767323`);
    const { run } = await writeReaders(folder);
    return { run, of: (name: string) => readFile(join(folder, name), "utf8") };
  }

  it("say what it did, in every one that people read, and as the schema says", async () => {
    const { run, of } = await watched(3);
    const summary = JSON.parse(await of("summary.json"));
    expect(matchesSchema(summary), JSON.stringify(matchesSchema.errors)).toBe(true);
    expect(summary.generator.machine).toMatchObject({ cores: 2, othersCores: { mean: 1.6, max: 1.6 }, pausedSec: 0 });
    const words = "2 cores  k6 0.40 (max 0.40)  others 1.60 (max 1.60)  stolen 0.00 (max 0.00)  memory of k6 128 MB";
    for (const name of ["report.html", "summary.md"]) expect(await of(name)).toContain(words);
    expect([run.verdict, run.reasons.length]).toEqual(["PASS", 1]);
  });

  it("say why frames were late, after the reason for which the run was refused", async () => {
    const { run, of } = await watched(200);
    expect(run.verdict).toBe("INVALID");
    expect(run.reasons[0]).toMatch(/^this machine was too slow/);
    expect(run.reasons.at(-1)).toMatch(/^other programs took the CPU/);
    expect(JSON.parse(await of("summary.json")).reasons).toEqual(run.reasons);
    expect(await of("report.html")).toContain("<li>other programs took the CPU");
  });
});

describe("summary.json", () => {
  it("is as its schema says, whatever the run was like", async () => {
    for (const made of [{ turns: 60 }, { turns: 60, failsEvery: 4 }, { turns: 0 }, { turns: 30, ends: false }]) {
      const summary = JSON.parse(await (await read(made)).of("summary.json"));
      expect(matchesSchema(summary), JSON.stringify(matchesSchema.errors)).toBe(true);
    }
  });

  it("breaks its schema when a field is missing or of another kind", async () => {
    const summary = JSON.parse(await (await read({ turns: 30 })).of("summary.json"));
    expect(matchesSchema({ ...summary, verdict: "GREEN" })).toBe(false);
    expect(matchesSchema({ ...summary, metrics: { ttfb: { p95: "fast", grade: {} } } })).toBe(false);
    expect(matchesSchema({ ...summary, generator: undefined })).toBe(false);
  });
});

describe("stats.csv", () => {
  it("has a row for each series, empty where too few samples carry a percentile", async () => {
    const rows = (await (await read({ turns: 60 })).of("stats.csv")).trim().split("\n");
    expect(rows[0]).toBe("name,kind,count,avg,min,p50,p90,p95,p99,max,rate");
    expect(rows.find((row) => row.startsWith("ttfb,"))).toMatch(
      /^ttfb,trend,60,[\d.]+,[\d.]+,[\d.]+,[\d.]+,[\d.]+,,[\d.]+,$/,
    );
    expect(rows.find((row) => row.startsWith("ttfb/01,"))).toMatch(
      /^ttfb\/01,trend,6,[\d.]+,[\d.]+,[\d.]+,,,,[\d.]+,$/,
    );
    expect(rows.find((row) => row.startsWith("turn_success,"))).toBe("turn_success,rate,60,,,,,,,,1");
    for (const row of rows) expect(row.split(",")).toHaveLength(11);
    expect(rows.filter((row) => row.startsWith("stage")).map((row) => row.split(",")[0])).toEqual(["stage/stt"]);
  });
});

describe("junit.xml", () => {
  it("has a test case for each expression of each tier, and fails only in the tier that decides", async () => {
    const { of } = await read({ turns: 60, failsEvery: 12 });
    const xml = await of("junit.xml");
    expect(xml.match(/<testcase /g)).toHaveLength(13);
    expect(xml).toContain('<testsuite name="target (gates)" tests="4" failures="1" skipped="0">');
    expect(xml).toContain('message="turn_success is 91.7 %; wanted rate&gt;0.95"');
    expect(xml).toContain('<testsuite name="acceptable" tests="4" failures="0" skipped="0">');
    expect(xml).toMatch(
      /<testcase classname="verdict" name="the run is FAIL"><failure message="turn_success rate is 91.7 %/,
    );
  });

  it("fails where nothing was measured", async () => {
    const xml = await (await read({ turns: 0 })).of("junit.xml");
    expect(xml).toContain('message="ttfb is no data; wanted p(95)&lt;2000"');
  });

  it("holds no character that XML forbids", () => {
    expect(escaped('<a b="c">&\u0000\u001b')).toBe("&lt;a b=&quot;c&quot;&gt;&amp;\ufffd\ufffd");
  });
});

describe("summary.md", () => {
  it("begins with the verdict and its reason, and grades every gate", async () => {
    const text = await (await read({ turns: 60, failsEvery: 12 })).of("summary.md");
    expect(text).toMatch(/^## Load test: FAIL\n\n- turn\\_success rate is 91.7 %/);
    expect(text).toContain("| turn\\_success | 91.7 % | rate\\>0.95 **FAIL** | rate\\>0.90 ok | rate\\>0.85 ok |");
    expect(text).toContain("| rate/openai | 5 |");
  });
});

describe("the stages", () => {
  const turn = (ttfbMs: number, sttMs: number | null, textMs: number | null = null) =>
    ({ firstAudioAtMs: 1, outcome: "ok", sttMs, textMs, ttfbMs }) as Parameters<typeof stagesOf>[0][number];

  it("add up to the mean ttfb, in all turns and in the slowest", () => {
    const [all, slowest] = stagesOf([turn(1000, 600), turn(3000, 800)], false);
    expect(all?.stages.map(({ ms }) => ms)).toEqual([700, 1300]);
    expect(slowest).toMatchObject({ turns: 1, stages: [{ ms: 800 }, { ms: 2200 }] });
  });

  it("tell the model from the voice where text leads its audio, and never come to less than nothing", () => {
    expect(stagesOf([turn(1000, 400, 700)], true)[0]?.stages.map(({ ms }) => ms)).toEqual([400, 300, 300]);
    expect(stagesOf([turn(1000, 1200, 300)], true)[0]?.stages.map(({ ms }) => ms)).toEqual([1000, 0, 0]);
  });

  it("are not told where no turn shows when it was understood", () => {
    expect(stagesOf([turn(1000, null)], false)).toEqual([]);
  });
});
