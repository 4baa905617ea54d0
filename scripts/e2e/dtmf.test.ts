import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { percentile } from "../../lib/report/stats.ts";
import { generateAudio } from "../audio/generate_audio.ts";
import { countOutcomes, load, runCommand, verifyLoad } from "./load.ts";
import { BOUND_MS } from "./matrix.ts";
import { COMMANDS } from "./setup.ts";

const TURNS = [{ text: "My number please", dtmf: "407" }, { dtmf: "1" }, { dtmf: "25*#" }];

/** The utterances of a caller that presses digits behind words and without words. */
const folder = mkdtempSync(join(tmpdir(), "dtmf-"));
const PCM_DIR = join(folder, "pcm");

/** Replies are long enough to be interrupted. */
const AGENT = "--silence-ms 300 --stt-ms 320 --llm-ms 200 --tts-ms 100 --reply-ms 4000".split(" ");

describe("turns in which digits are pressed", () => {
  beforeAll(async () => {
    const conversations = join(folder, "conversations");
    mkdirSync(conversations);
    writeFileSync(join(conversations, "pin_code.json"), JSON.stringify({ name: "pin_code", turns: TURNS }));
    await generateAudio(conversations, PCM_DIR);
  });

  it("are answered from the last digit on, and interrupt with the first one, as the truth has it", async () => {
    const run = await load(AGENT, { SCENARIO: "twilio_media", PCM_DIR, TIME: "20s" });
    expect(run.exitCode, run.output).toBe(0);
    expect(countOutcomes(run.log.turns)).toEqual({ ok: run.log.turns.length });
    const { anomalies, errorsMs, missingFromLog, missingFromTruth } = await verifyLoad(run);
    expect([missingFromTruth, missingFromLog]).toEqual([[], []]);
    // A busy machine makes frames late.
    expect(Object.keys(anomalies).filter((kind) => !kind.endsWith("_frame"))).toEqual([]);
    for (const errors of [errorsMs.ttfb, errorsMs.barge]) {
      expect(errors.length).toBeGreaterThan(3);
      expect(percentile(errors, 50)).toBeLessThanOrEqual(BOUND_MS);
    }
    const pressed = new Map(run.truth.map((turn) => [`${turn.call} ${turn.turn}`, turn.dtmf]));
    for (const { call, turn, utterance } of run.log.turns)
      expect(pressed.get(`${call} ${turn}`)).toBe(TURNS[Number(utterance.slice(5, 8)) - 1]?.dtmf);
  });

  it("stop a run on another wire before its first call, and are named", async () => {
    const env = { HOST: "127.0.0.1:9", PCM_DIR };
    const { exitCode, output } = await runCommand(
      process.execPath,
      [...COMMANDS.run, "--into", folder, "acs_media"],
      env,
    );
    expect([exitCode, output]).toEqual([107, expect.stringContaining("expected no dtmf in turn 1 of pin_code")]);
  });
});
