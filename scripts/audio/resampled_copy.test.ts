import { readFileSync } from "node:fs";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { readUtterances } from "../../lib/audio/utterances.ts";
import { manifestEntry, readManifest, writeManifest } from "./manifest.ts";
import { writeResampledCopy } from "./resampled_copy.ts";

const INFO = { conversation: "a", turn: 1, text: "hello", voice: "v", language: "en-US", sample_rate: 16000 };

/** A second at 16 kHz, of which the second half is a loud tone. */
function tone(hz: number): Buffer {
  const level = (at: number) => (at < 8000 ? 0 : 8000 * Math.sin((2 * Math.PI * hz * at) / 16000));
  const samples = Int16Array.from({ length: 16000 }, (_, at) => level(at));
  return Buffer.from(samples.buffer);
}

describe.each([8000, 24000])("a copy at %d Hz", (rateHz) => {
  const bytes = 2 * rateHz;
  let from = "";
  let into = "";

  const say = async (file: string, hz: number) => {
    await writeFile(join(from, file), tone(hz));
    return manifestEntry({ ...INFO, file }, tone(hz));
  };

  beforeAll(async () => {
    from = await mkdtemp(join(tmpdir(), "from-"));
    into = join(await mkdtemp(join(tmpdir(), "into-")), "copy");
    await writeManifest(from, [await say("turn_001.pcm", 300), await say("turn_002.pcm", 500)]);
  });
  afterAll(async () => {
    for (const folder of [from, into]) await rm(folder, { recursive: true });
  });

  it("has every utterance at its rate, and a manifest that says so", async () => {
    expect(await writeResampledCopy(from, into, rateHz)).toBe(2);
    const [entry] = await readManifest(into);
    expect(entry).toMatchObject({ file: "turn_001.pcm", sample_rate: rateHz, bytes, duration_ms: 1000 });
    expect((await stat(join(into, "turn_002.pcm"))).size).toBe(bytes);
  });

  it("is what a test would make of the original by itself", async () => {
    const read = (folder: string) => {
      const files = {
        text: (path: string) => readFileSync(path, "utf8"),
        bytes: (path: string) => new Uint8Array(readFileSync(path)).buffer,
      };
      return readUtterances(files, { folders: [folder], rateHz, frameMs: 20, maxFrames: 0, conversations: [] });
    };
    expect(read(into)).toEqual(read(from));
    expect(read(into).utterances).toHaveLength(2);
  });

  it("takes a new place, and new digits, without being written again", async () => {
    const [first, second] = await readManifest(from);
    await writeManifest(from, [first ?? {}, { ...second, conversation: "b", dtmf: "1" }]);
    expect(await writeResampledCopy(from, into, rateHz)).toBe(0);
    expect((await readManifest(into))[1]).toMatchObject({ conversation: "b", dtmf: "1" });
  });

  it("is written again only where an utterance has changed, or is damaged", async () => {
    expect(await writeResampledCopy(from, into, rateHz)).toBe(0);
    await writeManifest(from, [await say("turn_001.pcm", 300), await say("turn_002.pcm", 700)]);
    await writeFile(join(into, "turn_001.pcm"), "damaged");
    expect(await writeResampledCopy(from, into, rateHz)).toBe(2);
    expect((await readFile(join(into, "turn_001.pcm"))).length).toBe(bytes);
  });
});
