import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { makeUtteranceFolder } from "./utterance_folder.ts";

describe("a folder of utterances", () => {
  it("has copies of the five shortest shipped ones, and a manifest", async () => {
    const from = await mkdtemp(join(tmpdir(), "shipped-"));
    const lengths = [60, 20, 40, 10, 30, 50];
    const lines = lengths.map((bytes) => ({ file: `${bytes}.pcm`, bytes, sample_rate: 16000, channels: 1 }));
    for (const { bytes, file } of lines) await writeFile(join(from, file), Buffer.alloc(bytes));
    await writeFile(join(from, "manifest.jsonl"), lines.map((line) => JSON.stringify(line)).join("\n"));
    const folder = await makeUtteranceFolder(7, from);
    const made = (await readFile(join(folder, "manifest.jsonl"), "utf8"))
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(made.map(({ bytes }) => bytes)).toEqual([10, 20, 30, 40, 50, 10, 20]);
    expect(made[6]).toEqual({ file: "turn_007.pcm", bytes: 20, sample_rate: 16000, channels: 1 });
    expect((await readFile(join(folder, "turn_007.pcm"))).length).toBe(20);
    await writeFile(join(from, "manifest.jsonl"), "");
    await expect(makeUtteranceFolder(5, from)).rejects.toThrow(
      "expected 5 utterances, got 0; run: make generate_audio",
    );
    for (const each of [from, folder]) await rm(each, { recursive: true });
  });
});
