import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { help, readOptions } from "./options.ts";
import { seeded } from "./random.ts";

const behaviour = (...args: string[]) => {
  const options = readOptions(args);
  if (options === "help") throw new Error("expected options");
  return options.behaviour.cascade;
};

describe("the simulator's command line", () => {
  it("has the delays of a real agent as defaults", () => {
    const { sttMs, silenceMs, bargeMs, stop } = behaviour();
    expect(sttMs.draw(seeded(1))).toBe(1400);
    expect([silenceMs, bargeMs, stop]).toEqual([1300, 400, { lateMs: 0, neverChance: 0, silent: false }]);
  });

  it("never makes stt-ms shorter than silence-ms", () => {
    expect(behaviour("--stt-ms", "200", "--silence-ms", "700").sttMs.draw(seeded(1))).toBe(700);
  });

  it.each([
    ["now", { lateMs: 0, neverChance: 0, silent: false }],
    ["late:700", { lateMs: 700, neverChance: 0, silent: false }],
    ["never", { lateMs: 0, neverChance: 1, silent: false }],
    ["never:0.5", { lateMs: 0, neverChance: 0.5, silent: false }],
  ])("parses --stop %s", (text, expected) => {
    expect(behaviour("--stop", text).stop).toEqual(expected);
  });

  it("sends no silence unless it is told to", () => {
    const { comfortNoise, leadSilenceMs, silenceAlways } = behaviour();
    expect([leadSilenceMs.draw(seeded(1)), silenceAlways, comfortNoise]).toEqual([0, false, false]);
    expect(behaviour("--silence", "always", "--comfort-noise")).toMatchObject({
      silenceAlways: true,
      comfortNoise: true,
    });
    const { leadSilenceMs: lead } = behaviour("--lead-silence-ms", "100..200", "--comfort-noise");
    const drawn = Array.from({ length: 100 }, (_, seed) => lead.draw(seeded(seed)));
    expect([Math.min(...drawn) >= 100, Math.max(...drawn) <= 200, new Set(drawn).size]).toEqual([true, true, 100]);
  });

  it.each([
    [["--lead-silence-ms", "soon"], '--lead-silence-ms: expected 1400, 200..400 or p50:120,p95:400, got "soon"'],
    [["--lead-silence-ms=-5"], '--lead-silence-ms: expected 1400, 200..400 or p50:120,p95:400, got "-5"'],
    [["--silence", "sometimes"], '--silence: expected never or always, got "sometimes"'],
    [["--comfort-noise"], '--comfort-noise: expected --silence always or --lead-silence-ms beside it, got "true"'],
    [["--servers=-1"], '--servers: expected a whole number >= 0, got "-1"'],
    [["--servers=2.5"], '--servers: expected a whole number >= 0, got "2.5"'],
    [["--servers", "2", "--when-busy", "wait"], '--when-busy: expected queue or throttle, got "wait"'],
    [["--when-busy", "throttle"], '--when-busy: expected queue, or --servers beside it, got "throttle"'],
    [["--slower-ms", "fast"], '--slower-ms: expected a number >= 0, got "fast"'],
    [["--sentences", "0"], '--sentences: expected a whole number >= 1, got "0"'],
    [["--sentences", "1.5"], '--sentences: expected a whole number >= 1, got "1.5"'],
  ])("refuses %j", (args, message) => {
    expect(() => readOptions(args)).toThrow(new Error(message));
  });

  it("has any number of servers, which never become slower, unless it is told otherwise", () => {
    expect(readOptions([])).toMatchObject({ servers: { count: 0, whenBusy: "queue", slowerMs: 0 } });
    const flags = ["--servers", "40", "--when-busy", "throttle", "--slower-ms", "0.5"];
    expect(readOptions(flags)).toMatchObject({ servers: { count: 40, whenBusy: "throttle", slowerMs: 0.5 } });
  });

  it("takes flags from a JSON file, and gives precedence to those of the command line", () => {
    const profile = join(mkdtempSync(join(tmpdir(), "profile-")), "slow.json");
    writeFileSync(profile, JSON.stringify({ "barge-ms": "900", sentences: 3 }));
    expect(behaviour("--profile", profile, "--barge-ms", "500")).toMatchObject({ bargeMs: 500, sentences: 3 });
    writeFileSync(profile, `\ufeff${JSON.stringify({ sentences: 4 })}`);
    expect(behaviour("--profile", profile)).toMatchObject({ sentences: 4 });
    writeFileSync(profile, Buffer.from("\ufeff{}", "utf16le"));
    expect(() => readOptions(["--profile", profile])).toThrow(
      "slow.json: expected text in UTF-8, got UTF-16; save it as UTF-8",
    );
    writeFileSync(profile, JSON.stringify({ "bagre-ms": "900" }));
    expect(() => readOptions(["--profile", profile])).toThrow('expected names of flags, got "bagre-ms"');
  });

  it("lists every wrong flag in one error", () => {
    expect(() => readOptions(["--llm-ms", "soon", "--stop", "later", "--port", "x"])).toThrow(
      '--port: expected a number >= 0, got "x"\n--llm-ms: expected 1400, 200..400 or p50:120,p95:400, got "soon"\n--stop: expected now, late:MS, never, never:CHANCE or none, got "later"',
    );
    expect(() => readOptions(["--sppeed", "1"])).toThrow(/sppeed/);
    expect(() => readOptions(["--profile", "g9"])).toThrow('--profile: expected g2 or g3 or g5, got "g9"');
  });

  it("has a help text", () => {
    expect(readOptions(["--help"])).toBe("help");
    expect(help()).toContain("--stt-ms");
  });
});
