/** Silence that is sent as audio: it begins no reply, counts as nothing, and keeps a reply's playout running. */

import { describe, expect, it } from "vitest";
import type { Event } from "./event.ts";
import { burst, EOS, play, reply, type Script } from "./play.ts";

const FINAL: Event = { type: "userFinal" };
const END: Event = { type: "replyEnd" };

/** Silent frames of 20 ms, one every 20 ms. */
function filler(fromMs: number, toMs: number): Script {
  const frames = Math.floor((toMs - fromMs) / 20);
  return Array.from({ length: frames }, (_, index) => [fromMs + index * 20, { type: "silence", ms: 20 }] as const);
}

/** Silent frames that arrive at once. */
function silentBurst(atMs: number, ms: number): Script {
  return [[atMs, ...Array.from({ length: ms / 20 }, (): Event => ({ type: "silence", ms: 20 }))]];
}

const first = (script: Script, untilMs = 12_000) => play({ turns: 1 }, script, untilMs).turns[0];

describe("silence in front of a reply", () => {
  it("delays the first audible sample by its length when it is sent ahead", () => {
    const turn = first([
      [EOS + 700, FINAL],
      ...silentBurst(EOS + 1000, 1500),
      ...burst(EOS + 1002, 2000),
      [EOS + 1003, END],
    ]);
    expect(turn).toMatchObject({ ttfbMs: 2500, ttfbBytesMs: 1000, leadSilenceMs: 1500, lateAudioMs: 0, outcome: "ok" });
  });

  it("delays nothing beyond its length when it is sent as it plays", () => {
    const turn = first([
      [EOS + 700, FINAL],
      ...filler(EOS + 1000, EOS + 2500),
      ...burst(EOS + 2500, 2000),
      [EOS + 2501, END],
    ]);
    expect(turn).toMatchObject({ ttfbMs: 2500, ttfbBytesMs: 1000, leadSilenceMs: 1500, outcome: "ok" });
  });

  it("is not delayed by the old reply that is still playing, sent ahead or as it plays", () => {
    const eos2 = EOS + 1000 + 1000 + 1000;
    for (const silence of [filler(eos2 + 900, eos2 + 1400), silentBurst(eos2 + 900, 500)]) {
      const old: Script = [[EOS + 700, FINAL], ...burst(EOS + 1000, 8000, "old"), [EOS + 1001, END]];
      const turn = play(
        { turns: 2, bargeEvery: 1, stopOwedAfterEnd: false },
        [...old, [eos2 + 600, FINAL], ...silence, ...burst(eos2 + 1400, 400, "new"), [eos2 + 1401, END]],
        20_000,
      ).turns[1];
      const expected = (turn?.eosAtMs ?? 0) - eos2;
      expect(turn).toMatchObject({ ttfbMs: 1400 - expected, ttfbBytesMs: 900 - expected, leadSilenceMs: 500 });
    }
  });

  it("may stand in the same message as the first word", () => {
    const turn = first([
      [EOS + 700, FINAL],
      [EOS + 1000, { type: "audio", ms: 100, leadMs: 60 }],
      [EOS + 1001, END],
    ]);
    expect(turn).toMatchObject({ ttfbMs: 1060, ttfbBytesMs: 1000, leadSilenceMs: 60 });
  });

  it("is nothing in a plain reply, whose bytes are its first sound", () => {
    expect(first(reply(EOS + 900))).toMatchObject({ ttfbMs: 900, ttfbBytesMs: 900, leadSilenceMs: 0 });
  });

  it("of the late audio before it does not count", () => {
    const turn = first([
      ...silentBurst(EOS + 20, 200),
      ...burst(EOS + 100, 400),
      [EOS + 1400, FINAL],
      ...burst(EOS + 2000, 400),
      [EOS + 2001, END],
    ]);
    expect(turn).toMatchObject({ ttfbMs: 2000, ttfbBytesMs: 2000, leadSilenceMs: 0, lateAudioMs: 400 });
  });

  it("belongs to a reply that a final claims afterwards", () => {
    const turn = first([
      ...silentBurst(EOS + 1000, 300),
      ...burst(EOS + 1001, 400),
      [EOS + 1240, FINAL],
      [EOS + 1241, END],
    ]);
    expect(turn).toMatchObject({ ttfbMs: 1300, ttfbBytesMs: 1000, leadSilenceMs: 300, outcome: "ok" });
  });

  it("does not count as played before the caller interrupts", () => {
    const script = [[EOS + 700, FINAL], ...silentBurst(EOS + 1000, 1500), ...burst(EOS + 1001, 4000)] as Script;
    const { turns } = play({ turns: 2, bargeEvery: 1 }, script, 20_000);
    const heardAtMs = EOS + 1000 + 1500;
    expect(turns[0]?.bargeAtMs).toBeGreaterThanOrEqual(heardAtMs + 1000);
    expect(turns[0]?.bargeAtMs).toBeLessThan(heardAtMs + 1050);
  });
});

describe("an agent that never stops sending silence", () => {
  /** Everything is silent but the reply, which begins 4 s after the end of speech. */
  const always = (from: number, to: number, ...replies: readonly Script[]): Script => [
    ...filler(from, to),
    ...replies.flat(),
  ];

  it("is measured to its first word, however soon its first frame came", () => {
    const turn = first(always(0, 12_000, [[EOS + 700, FINAL]], burst(EOS + 4000, 1000), [[EOS + 4001, END]]));
    expect(turn).toMatchObject({ outcome: "ok", lateAudioMs: 0 });
    expect(turn?.ttfbMs).toBeGreaterThanOrEqual(4000);
    expect(turn?.ttfbMs).toBeLessThanOrEqual(4020);
    expect(turn?.ttfbBytesMs).toBeLessThanOrEqual(20);
    expect(turn?.leadSilenceMs).toBeGreaterThan(3900);
  });

  it("has not answered when it only sent silence", () => {
    expect(first(always(0, 12_000, [[EOS + 700, FINAL]]))).toMatchObject({
      outcome: "first_audio_timeout",
      ttfbMs: 5000,
      firstAudioAtMs: null,
      lateAudioMs: 0,
    });
  });

  it("has ended its reply after 1 s of silence, and not at the first pause between two sentences", () => {
    const turn = first(
      always(0, 12_000, [[EOS + 700, FINAL]], burst(EOS + 1000, 400), [[EOS + 1001, END]], burst(EOS + 1800, 400)),
    );
    expect(turn).toMatchObject({ outcome: "ok", lateAudioMs: 0 });
    expect(turn?.turnMs).toBeCloseTo(980 + 1800, -1);
  });

  it("is not interrupted after its last word", () => {
    const script = always(0, 12_000, reply(EOS + 1000, 600));
    expect(play({ turns: 2, bargeEvery: 1 }, script, 20_000).turns[0]).toMatchObject({
      barge: "skipped",
      bargeAtMs: null,
    });
  });

  it("leaves no overrun after a stop", () => {
    const script = always(0, 20_000, [[EOS + 700, FINAL]], burst(EOS + 1000, 4000), [[EOS + 2400, { type: "stop" }]]);
    expect(play({ turns: 2, bargeEvery: 1 }, script, 20_000).turns[0]).toMatchObject({
      barge: "stopped",
      overrunMs: 0,
    });
  });

  it("does not answer early with silence, nor lets the greeting last", () => {
    const script = always(0, 12_000, [[500, { type: "audio", ms: 1000 }]]);
    const { call, frames } = play({ turns: 1, greetingTimeoutMs: 10_000 }, [...script], 14_000);
    const spokeAtMs = frames.find(({ utterance }) => utterance === 0)?.atMs ?? 0;
    expect(spokeAtMs).toBeLessThan(1600);
    expect(call?.greetingMs ?? 0).toBeGreaterThanOrEqual(500);
    expect(call?.greetingMs ?? 0).toBeLessThanOrEqual(520);
  });
});

describe("silence within a reply", () => {
  it("keeps the playout running, so that a pause in the speech is no stall", () => {
    const turn = first([
      [EOS + 700, FINAL],
      ...burst(EOS + 1000, 400),
      ...silentBurst(EOS + 1001, 600),
      ...burst(EOS + 1900, 400),
      [EOS + 1901, END],
    ]);
    expect(turn?.stallMs).toBe(0);
  });

  it("does not end a stall that began before it", () => {
    const turn = first([
      [EOS + 700, FINAL],
      ...burst(EOS + 1000, 400),
      ...filler(EOS + 1900, EOS + 2200),
      ...burst(EOS + 2200, 400),
      [EOS + 2201, END],
    ]);
    expect(turn?.stallMs).toBe(800);
  });
});
