import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";

import { makeRun } from "../readers/synthetic_run.ts";

/** Runs `report.ts` on a run for a reader who goes away before the first word. */
async function unread(folder: string): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/report.ts", folder]);
  let said = "";
  child.stderr.on("data", (data) => (said += String(data)));
  child.stdout.destroy();
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, said };
}

describe("a command whose reader has gone", () => {
  it("ends quietly, and as it would have ended", async () => {
    expect(await unread(await makeRun({ turns: 40 }))).toEqual({ code: 0, said: "" });
  });

  it("still fails for what is wrong", async () => {
    expect(await unread("/nowhere")).toMatchObject({ code: 1, said: expect.stringMatching(/expected run.json/) });
  });
});
