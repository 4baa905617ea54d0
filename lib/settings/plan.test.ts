import { describe, expect, it } from "vitest";
import { acs } from "../wire/acs.ts";
import { twilio } from "../wire/twilio.ts";
import { packUtterances, readPlan, runOptions } from "./plan.ts";
import { readSettings } from "./read_settings.ts";

const NO_TIERS = { target: {}, acceptable: {}, alert: {} };

describe("the options of a run", () => {
  const cloudOf = (zones: string) => runOptions(readSettings({ LOAD_ZONES: zones }).settings, NO_TIERS, [50]).cloud;

  it("distribute the load evenly over the load zones, in whole percent that add up to 100", () => {
    expect(cloudOf("amazon:us:ashburn")).toEqual({
      distribution: { "zone 1": { loadZone: "amazon:us:ashburn", percent: 100 } },
    });
    const { distribution } = cloudOf("a:b:c,d:e:f,g:h:i") as { distribution: Record<string, { percent: number }> };
    expect(Object.values(distribution).map(({ percent }) => percent)).toEqual([33, 34, 33]);
  });

  it("have no cloud options without LOAD_ZONES", () => {
    expect(cloudOf("")).toBeUndefined();
  });
});

describe("the plan of a run", () => {
  it("has a remark when the load exceeds a default quota", () => {
    expect(readPlan("acs_media", { CAPACITY: "production" }, null).remarks).toEqual([
      expect.stringMatching(/^USERS=500 is above the default quota of Azure Speech/),
    ]);
  });
});

describe("the utterances of a run", () => {
  const line = (file: string, bytes: number, more: object) =>
    JSON.stringify({ file, bytes, sample_rate: 16000, channels: 1, ...more });
  const MANIFEST = [
    line("a.pcm", 6400, { conversation: "claim" }),
    line("b.pcm", 6400, { conversation: "pin_code" }),
    line("c.pcm", 0, { conversation: "pin_code", dtmf: "41#" }),
  ].join("\n");
  const speech = Int16Array.from({ length: 3200 }, (_, at) => (at < 320 ? 0 : 3000 * Math.sin(at / 4)));
  const files = {
    text: (path: string) => (path.endsWith("manifest.jsonl") ? MANIFEST : null),
    bytes: (path: string) => (path.endsWith("c.pcm") ? new ArrayBuffer(0) : speech.slice().buffer),
  };
  const base64 = {
    encode: (bytes: ArrayBuffer) => Buffer.from(bytes).toString("base64"),
    decode: () => new ArrayBuffer(0),
  };
  const packed = (wire: typeof acs, env = {}) =>
    packUtterances(readSettings({ PCM_DIR: "/speech", ...env }).settings, wire, { files, base64, workingFolder: "/" });

  it("say in which frames of which piece digits are pressed", () => {
    const { firstPieces, frames, pieces, problems, wordless } = packed(twilio);
    expect(problems).toEqual([]);
    expect(frames).toEqual([9, 9, 21]);
    expect(wordless).toEqual([2]);
    expect(firstPieces).toEqual([0, 1, 2]);
    expect(pieces.map((piece) => piece.match(/,.*/)?.[0])).toEqual([undefined, undefined, ",0:4,10:1", ",20:#"]);
  });

  it("have no digits on a wire that cannot carry them, and the turn is named", () => {
    expect(packed(acs).problems).toEqual([
      'c.pcm: expected no dtmf in turn 2 of pin_code, as only twilio_media sends it, got "41#"; CONVERSATION picks other conversations',
    ]);
    expect(packed(acs, { CONVERSATION: "claim" }).problems).toEqual([]);
  });
});
