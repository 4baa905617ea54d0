import { spawn } from "node:child_process";
import { describe, expect, it } from "vitest";

import { makeSyntheticRun } from "../readers/synthetic_run.ts";

/** Runs `report.ts` on a run with a stdout pipe that is closed before the first output. */
async function runWithClosedPipe(folder: string): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/report.ts", folder]);
  let stderr = "";
  child.stderr.on("data", (data) => (stderr += String(data)));
  child.stdout.destroy();
  const code = await new Promise<number | null>((done) => child.once("close", done));
  return { code, stderr };
}

describe("a command with a closed output pipe", () => {
  it("ends without an error and with its usual exit code", async () => {
    expect(await runWithClosedPipe(await makeSyntheticRun({ turns: 40 }))).toEqual({ code: 0, stderr: "" });
  });

  it("still fails for wrong input", async () => {
    expect(await runWithClosedPipe("/nowhere")).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/expected run.json/),
    });
  });
});
