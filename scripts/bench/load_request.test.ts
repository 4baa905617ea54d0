import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type LoadRequest, scriptSettings } from "./load_request.ts";

const request = (more: Partial<LoadRequest> = {}): LoadRequest => ({
  script: "ours",
  wire: "acs_media",
  traffic: "full duplex",
  callers: 100,
  steadySec: 20,
  ...more,
});

describe("the settings of a load", () => {
  it("let the callers of both scripts come at the same rate, and stay for the same time", async () => {
    const [ours, bare] = [await scriptSettings(request(), "folder", 30), await bareSettings({})];
    expect([Number(ours.SPAWN_RATE) * Number(bare.SPREAD_SEC), ours.USERS, bare.USERS]).toEqual([100, "100", "100"]);
    expect([ours.TIME, bare.SEC]).toEqual(["30s", "30"]);
  });

  it.each([
    [5, "0.1"],
    [100, "2"],
    [900, "10"],
  ])("let %i callers of the bare loop leave within %s s, one every 20 ms or faster", async (callers, leaveSec) => {
    expect((await bareSettings({ callers })).LEAVE_SEC).toBe(leaveSec);
  });

  it("let callers interrupt where that is asked for only, and the bare loop record its lag", async () => {
    expect((await scriptSettings(request(), "folder", 30)).BARGE_EVERY).toBe("0");
    expect((await scriptSettings(request({ traffic: "barge-ins" }), "folder", 30)).BARGE_EVERY).toBe("1");
    expect([(await bareSettings({})).LAG, (await bareSettings({ wantsLag: true })).LAG]).toEqual([undefined, "1"]);
  });
});

/** The settings of the bare loop for a load of 30 s. */
async function bareSettings(more: Partial<LoadRequest>) {
  const pcmFolder = await mkdtemp(join(tmpdir(), "utterances-"));
  await writeFile(join(pcmFolder, "manifest.jsonl"), '{"file":"a.pcm","bytes":10}\n');
  const settings = await scriptSettings(request({ ...more, script: "bare", pcmFolder }), "folder", 30);
  await rm(pcmFolder, { recursive: true });
  return settings;
}
