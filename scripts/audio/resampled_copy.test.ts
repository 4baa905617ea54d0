import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { manifestEntry, readManifest, writeManifest } from "./manifest.ts";
import { writeResampledCopy } from "./resampled_copy.ts";

const INFO = { conversation: "a", turn: 1, text: "hello", voice: "v", language: "en-US", sample_rate: 16000 };

/** A second at 16 kHz, of which the second half is a loud tone. */
function tone(hz: number): Buffer {
  const level = (at: number) => (at < 8000 ? 0 : 8000 * Math.sin((2 * Math.PI * hz * at) / 16000));
  const samples = Int16Array.from({ length: 16000 }, (_, at) => level(at));
  return Buffer.from(samples.buffer);
}

describe("a copy at 8 kHz", () => {
  let from = "";
  let into = "";

  const say = async (file: string, hz: number) => {
    await writeFile(join(from, file), tone(hz));
    return manifestEntry({ ...INFO, file }, tone(hz));
  };

  beforeAll(async () => {
    from = await mkdtemp(join(tmpdir(), "from-"));
    into = join(await mkdtemp(join(tmpdir(), "into-")), "pcm_8000");
    await writeManifest(from, [await say("turn_001.pcm", 300), await say("turn_002.pcm", 500)]);
  });
  afterAll(async () => {
    for (const folder of [from, into]) await rm(folder, { recursive: true });
  });

  it("has every utterance with half as many samples, and a manifest that says so", async () => {
    expect(await writeResampledCopy(from, into, 8000)).toBe(2);
    const [entry] = await readManifest(into);
    expect(entry).toMatchObject({ file: "turn_001.pcm", sample_rate: 8000, bytes: 16000, duration_ms: 1000 });
    expect((await stat(join(into, "turn_002.pcm"))).size).toBe(16000);
  });

  it("is written again only where an utterance has changed, or is damaged", async () => {
    expect(await writeResampledCopy(from, into, 8000)).toBe(0);
    await writeManifest(from, [await say("turn_001.pcm", 300), await say("turn_002.pcm", 700)]);
    await writeFile(join(into, "turn_001.pcm"), "damaged");
    expect(await writeResampledCopy(from, into, 8000)).toBe(2);
    expect((await readFile(join(into, "turn_001.pcm"))).length).toBe(16000);
  });
});
