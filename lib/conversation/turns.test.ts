import { describe, expect, it } from "vitest";

import type { Event } from "./event.ts";
import { burst, EOS, play, reply, type Script } from "./play.ts";

const FINAL: Event = { type: "userFinal" };
const STOP: Event = { type: "stop" };
const END: Event = { type: "replyEnd" };

describe("whose audio it is", () => {
  const first = (script: Parameters<typeof play>[1], untilMs = 9000) => play({ turns: 1 }, script, untilMs).turns[0];

  it("is the reply's when a user final has come since the end of speech", () => {
    const turn = first([...burst(EOS + 200, 400), [EOS + 1400, FINAL], ...burst(EOS + 2000, 400), [EOS + 2001, END]]);
    expect(turn).toMatchObject({ ttfbMs: 2000, lateAudioMs: 400, outcome: "ok" });
  });

  it("is the reply's when the final follows it within 250 ms: envelopes have a queue of their own", () => {
    const turn = first([...burst(EOS + 1000, 400), [EOS + 1240, FINAL], [EOS + 1241, END]]);
    expect(turn).toMatchObject({ ttfbMs: 1000, lateAudioMs: 0, outcome: "ok" });
  });

  it("is not an answer when the agent talks without pause, however near the final is", () => {
    const babble = Array.from({ length: 40 }, (_, index) => burst(index * 40, 40)).flat();
    expect(first([...babble, [EOS + 300, FINAL]])).toMatchObject({ ttfbMs: 340 });
  });

  it("is late audio when the final follows it by more than 250 ms", () => {
    const turn = first([...burst(EOS + 1000, 400), [EOS + 1300, FINAL], ...burst(EOS + 1900, 400), [EOS + 1901, END]]);
    expect(turn).toMatchObject({ ttfbMs: 1900, lateAudioMs: 400, outcome: "ok" });
  });

  it("is the reply's after quiet on a wire that shows no finals", () => {
    expect(first([...burst(EOS + 1500, 400), [EOS + 1501, END]])).toMatchObject({ ttfbMs: 1500, outcome: "ok" });
  });

  it("is nobody's without a final when audio came while the caller spoke", () => {
    const turn = first([...burst(500, 400), ...burst(EOS + 1500, 400)]);
    expect(turn).toMatchObject({ ttfbMs: null, lateAudioMs: 400, outcome: "answered_early" });
  });

  it("is the reply's when its response id is new since the end of speech, final or not", () => {
    const turn = first([
      ...burst(300, 400, "old"),
      ...burst(EOS + 100, 400, "old"),
      ...burst(EOS + 800, 400, "new"),
      [EOS + 801, END],
    ]);
    expect(turn).toMatchObject({ ttfbMs: 800, lateAudioMs: 400, outcome: "ok" });
  });

  it("is never the reply's with a response id from before the end of speech", () => {
    const turn = first([...burst(300, 400, "old"), [EOS + 700, FINAL], ...burst(EOS + 900, 400, "old")]);
    expect(turn).toMatchObject({ lateAudioMs: 400, firstAudioAtMs: null });
  });

  it("is claimed by a final from where it began after quiet, though it was nobody's until then", () => {
    const before = burst(200, 40);
    const turn = first([
      ...before,
      ...burst(EOS + 1000, 400),
      ...burst(EOS + 1100, 400),
      [EOS + 1200, FINAL],
      [EOS + 1201, END],
    ]);
    expect(turn).toMatchObject({ ttfbMs: 1000, lateAudioMs: 0, stallMs: 0, turnMs: EOS + 1201, outcome: "ok" });
  });

  it("is not claimed by a final when it began more than 250 ms before", () => {
    const script = [
      ...burst(200, 40),
      ...burst(EOS + 1000, 400),
      ...burst(EOS + 1200, 400),
      [EOS + 1300, FINAL],
    ] as const;
    expect(first(script)).toMatchObject({ outcome: "answered_early", firstAudioAtMs: null, lateAudioMs: 800 });
  });

  it("is nobody's after a final that came too early, for only half of what was said", () => {
    const turn = first([[400, FINAL], ...burst(EOS + 900, 400), [EOS + 901, END]]);
    expect(turn).toMatchObject({ outcome: "first_audio_timeout", ttfbMs: 5000, lateAudioMs: 400 });
  });

  it("stays the reply's when its id said so before the final came", () => {
    const turn = first([...burst(EOS + 800, 400, "new"), [EOS + 1800, FINAL], [EOS + 1801, END]]);
    expect(turn).toMatchObject({ ttfbMs: 800, sttMs: 1800, lateAudioMs: 0, outcome: "ok" });
  });

  it("takes nothing of a guess along when a final takes the guess back", () => {
    const guess = [...burst(EOS + 300, 400), ...burst(EOS + 1150, 40), [EOS + 1200, END]] as const;
    const real = [
      [EOS + 1500, FINAL],
      ...burst(EOS + 2000, 400),
      ...burst(EOS + 4000, 400),
      [EOS + 4001, END],
    ] as const;
    expect(first([...guess, ...real])).toMatchObject({
      ttfbMs: 2000,
      lateAudioMs: 440,
      stallMs: 1600,
      turnMs: EOS + 4001,
    });
  });

  it("is taken back by a final even when the turn was over, and by no other turn's", () => {
    const over = [...burst(EOS + 300, 400), [EOS + 301, END], [EOS + 2000, FINAL]] as const;
    expect(play({}, [...over, ...reply(6000)], 12_000).turns[0]).toMatchObject({
      outcome: "first_audio_timeout",
      ttfbMs: 5000,
    });
    const kept = [...reply(EOS + 1000, 400), [EOS + 2500, FINAL]] as const;
    expect(play({}, [...kept, ...reply(6500)], 12_000).turns[0]).toMatchObject({
      outcome: "ok",
      ttfbMs: 1000,
      sttMs: 400,
    });
  });

  it("counts the first of several finals and texts", () => {
    const text: Event = { type: "replyText" };
    const script = [
      [500, text],
      [EOS + 400, FINAL, text],
      [EOS + 900, FINAL, text],
      ...burst(EOS + 1000, 400),
      [EOS + 1001, END],
    ] as const;
    expect(first(script)).toMatchObject({ sttMs: 400, textMs: 400, outcome: "ok" });
  });

  it("does not become a later turn's: an answer after the deadline is late audio", () => {
    const late = [...burst(EOS + 7000, 2000), [EOS + 7001, END]] as const;
    const { turns } = play({ turns: 2, pauseMs: 3000 }, [[EOS + 1400, FINAL], ...late, ...reply(15_000)], 24_000);
    expect(turns[0]).toMatchObject({ outcome: "first_audio_timeout", ttfbMs: 5000, lateAudioMs: 2000 });
    expect(turns[1]).toMatchObject({ outcome: "ok", ttfbMs: 15_000 - (turns[1]?.eosAtMs ?? 0) });
  });

  it("does not become the next turn's when it comes between that turn's end of speech and its final", () => {
    const rules = { turns: 3, pauseMs: 0, utteranceFrames: [10] };
    const secondEos = 180 + 5000 + 180;
    const script = [
      [1400, FINAL],
      ...burst(secondEos + 300, 2000),
      [secondEos + 301, END],
      [secondEos + 1400, FINAL],
      ...burst(secondEos + 2000, 400),
      [secondEos + 2001, END],
      [secondEos + 2700, STOP],
    ] as const;
    const { turns } = play({ ...rules, bargeEvery: 1, bargeReentryMs: 100 }, script, 14_000);
    expect(turns[1]).toMatchObject({ ttfbMs: 2000, lateAudioMs: 2000, outcome: "ok", bargeAtMs: secondEos + 2400 });
  });

  it("that a guess took and a later final takes back fails the turn rather than inventing a ttfb", () => {
    const { turns } = play({ turns: 1 }, [...burst(EOS + 300, 400), [EOS + 1400, FINAL]], 9000);
    expect(turns[0]).toMatchObject({ outcome: "first_audio_timeout", ttfbMs: 5000 });
  });
});

describe("an agent that answers early", () => {
  it("fails the turn without a gated number when nothing comes after the end of speech", () => {
    const { turns } = play({ turns: 1 }, [[400, FINAL], ...burst(600, 2000), [601, END]], 9000);
    expect(turns[0]).toMatchObject({ outcome: "answered_early", ttfbMs: null, turnMs: null, firstAudioAtMs: null });
  });

  it("is not one that only went on with what it was saying", () => {
    const greeting = Array.from({ length: 20 }, (_, index) => burst(400 + index * 40, 40)).flat();
    const { turns } = play({ turns: 1, greetingTimeoutMs: 800 }, greeting, 9000);
    expect(turns[0]).toMatchObject({ outcome: "first_audio_timeout", ttfbMs: 5000 });
  });

  it("is measured by its real answer when one comes: it heard one utterance as two", () => {
    const script = [[400, FINAL], ...burst(600, 400), ...reply(EOS + 1500, 400)] as const;
    expect(play({ turns: 1 }, script, 9000).turns[0]).toMatchObject({ outcome: "ok", ttfbMs: 1500 });
  });
});

describe("when a reply is complete", () => {
  const one = (script: Parameters<typeof play>[1]) => play({ turns: 1 }, script, 25_000);

  it("waits for the structured end through the silence between sentences", () => {
    const script = [
      [EOS + 400, FINAL],
      ...burst(EOS + 1000, 400),
      ...burst(EOS + 3400, 400),
      [EOS + 3401, END],
    ] as const;
    expect(one(script).turns[0]).toMatchObject({ turnMs: EOS + 3401, endInferred: false, outcome: "ok" });
  });

  it("waits for a tool, and for what the agent says of it", () => {
    const tool = [
      [EOS + 1100, { type: "toolStart" }],
      [EOS + 1101, END],
      [EOS + 4100, { type: "toolEnd" }],
    ] as const;
    const script = [
      [EOS + 400, FINAL],
      ...burst(EOS + 1000, 400),
      ...tool,
      ...burst(EOS + 5000, 400),
      [EOS + 5001, END],
    ] as const;
    expect(one(script).turns[0]).toMatchObject({ turnMs: EOS + 5001, outcome: "ok" });
  });

  it("waits for the last of several tools", () => {
    const tools = [
      [EOS + 1100, { type: "toolStart" }, { type: "toolStart" }],
      [EOS + 1200, { type: "toolEnd" }],
      [EOS + 1300, END],
    ] as const;
    const script = [
      [EOS + 400, FINAL],
      ...burst(EOS + 1000, 400),
      ...tools,
      [EOS + 4000, { type: "toolEnd" }],
      [EOS + 4500, END],
    ] as const;
    expect(one(script).turns[0]).toMatchObject({ turnMs: EOS + 4500, outcome: "ok" });
  });

  it("takes audio after a tool for what the agent owed, where its structured end came before", () => {
    const tool = [
      [EOS + 1100, { type: "toolStart" }],
      [EOS + 1101, END],
      [EOS + 1500, { type: "toolEnd" }],
    ] as const;
    const { turns } = one([[EOS + 400, FINAL], ...burst(EOS + 1000, 400), ...tool, ...burst(EOS + 2000, 400)]);
    expect(turns[0]).toMatchObject({ turnMs: EOS + 2000, endInferred: false, outcome: "ok" });
  });

  it("is not moved by an end that is told again while the caller still listens", () => {
    const { turns } = one([...reply(EOS + 1000, 3000), [EOS + 3000, END]]);
    expect(turns[0]).toMatchObject({ turnMs: EOS + 1001 });
  });

  it("takes another structured end in place of audio after a tool", () => {
    const tool = [
      [EOS + 1100, { type: "toolStart" }],
      [EOS + 1200, { type: "toolEnd" }],
      [EOS + 1900, END],
    ] as const;
    expect(one([[EOS + 400, FINAL], ...burst(EOS + 1000, 400), ...tool]).turns[0]).toMatchObject({
      turnMs: EOS + 1900,
      outcome: "ok",
    });
  });

  it("infers the end 3 s after it was played out where no structured end comes, and says so", () => {
    const { turns, hungUpAtMs } = one([[EOS + 400, FINAL], ...burst(EOS + 1000, 2000)]);
    expect(turns[0]).toMatchObject({ turnMs: EOS + 1000, endInferred: true, outcome: "ok" });
    expect(hungUpAtMs).toBeGreaterThanOrEqual(EOS + 1000 + 2000 + 3000);
  });

  it("takes a structured end that overtook its audio", () => {
    const script = [[EOS + 400, FINAL], [EOS + 999, END], ...burst(EOS + 1000, 400)] as const;
    expect(one(script).turns[0]).toMatchObject({ turnMs: EOS + 1000, endInferred: false, outcome: "ok" });
  });

  it("counts audio after the end as late, and waits for it to fall quiet", () => {
    const { turns, frames } = play({ pauseMs: 0 }, [...reply(EOS + 1000, 2000), ...burst(EOS + 2000, 400)], 9000);
    expect(turns[0]).toMatchObject({ lateAudioMs: 400, turnMs: EOS + 1001 });
    expect(frames.filter(({ atMs, utterance }) => utterance === 0 && atMs > EOS)[0]?.atMs).toBe(EOS + 1000 + 2400);
  });
});

describe("a barge-in", () => {
  const rules = { bargeEvery: 1, turns: 2 };
  const at = EOS + 1000 + 1000;
  const interrupted = [...reply(EOS + 1000, 4000)] as const;

  it("begins with real words once enough of the reply has played", () => {
    const { frames, turns } = play(rules, [...interrupted, [at + 350, STOP], ...reply(at + 2500)], 9000);
    expect(frames.find(({ atMs, utterance }) => utterance === 0 && atMs > EOS)?.atMs).toBe(at);
    expect(turns[0]).toMatchObject({
      bargeAtMs: at,
      stopAtMs: at + 350,
      bargeMs: 350,
      barge: "stopped",
      outcome: "ok",
      overrunMs: 0,
    });
  });

  it("waits for what has played, not for what has arrived: gaps do not count", () => {
    const script = [
      [EOS + 400, FINAL],
      ...burst(EOS + 1000, 600),
      ...burst(EOS + 4000, 2000),
      [EOS + 4001, END],
    ] as const;
    expect(play(rules, script, 12_000).turns[0]?.bargeAtMs).toBe(EOS + 4000 + 400);
  });

  it("is timed by the first stop only", () => {
    const script = [...interrupted, [at + 350, STOP], [at + 680, STOP], ...reply(at + 2500)] as const;
    expect(play(rules, script, 9000).turns[0]).toMatchObject({ bargeMs: 350, outcome: "ok" });
  });

  it("is not answered by a stop within 60 ms: that answers something else", () => {
    const script = [...interrupted, [at + 40, STOP], ...reply(at + 2500)] as const;
    expect(play(rules, script, 9000).turns[0]).toMatchObject({ barge: "too_soon", bargeMs: null, outcome: "ok" });
  });

  it("is answered by a stop at once where the caller presses a digit", () => {
    const script = [...interrupted, [at + 5, STOP], ...reply(at + 2500)] as const;
    expect(play({ ...rules, wordless: [0] }, script, 9000).turns[0]).toMatchObject({ barge: "stopped", bargeMs: 5 });
  });

  it("is not answered by stops before it: agents send them on every partial", () => {
    const script = [
      [300, STOP],
      [630, STOP],
      [EOS + 50, STOP],
      ...interrupted,
      [at + 350, STOP],
      ...reply(at + 2500),
    ] as const;
    expect(play(rules, script, 9000).turns[0]).toMatchObject({ bargeMs: 350, outcome: "ok" });
  });

  it("leaves the next reply its own audio where no message tells what the agent has understood", () => {
    const before = [...burst(EOS + 1000, 2000), ...burst(at + 100, 2000), [at + 350, STOP]] as const;
    const { turns } = play(rules, [...before, ...burst(at + 2500, 2000)], 16_000);
    expect(turns[0]).toMatchObject({ bargeMs: 350, outcome: "ok" });
    expect(turns[1]).toMatchObject({ ttfbMs: at + 2500 - (at + EOS), outcome: "ok" });
    const finals = [[EOS + 400, FINAL], ...before, ...burst(at + 2500, 2000)] as const;
    expect(play(rules, finals, 16_000).turns[1]).toMatchObject({ ttfbMs: 5000 });
    const leaking = play(rules, [...before, ...burst(at + 600, 200), ...burst(at + 2500, 2000)], 16_000);
    expect(leaking.turns[1]).toMatchObject({ ttfbMs: 5000 });
  });

  it("leaves the next reply its own audio also where a message that was being sent follows the stop", () => {
    const before = [...burst(EOS + 1000, 2000), ...burst(at + 100, 200), [at + 350, STOP]] as const;
    const script = [...before, ...burst(at + 354, 40), ...burst(at + 2500, 2000)];
    const { turns } = play(rules, script, 16_000);
    expect(turns[0]).toMatchObject({ bargeMs: 350, overrunMs: 40, outcome: "ok" });
    expect(turns[1]).toMatchObject({ ttfbMs: at + 2500 - (at + EOS), lateAudioMs: 0, outcome: "ok" });
  });

  it("is followed by late audio where finals are shown, and a message that was being sent came behind the stop", () => {
    const before = [[EOS + 400, FINAL], ...burst(EOS + 1000, 2000), [at + 350, STOP], ...burst(at + 354, 40)] as const;
    const { turns } = play(rules, [...before, ...burst(at + 2500, 2000)], 16_000);
    expect(turns[1]).toMatchObject({ ttfbMs: 5000, lateAudioMs: 2000 });
  });

  it("without a stop is recorded as the whole deadline when the next reply comes first", () => {
    const { turns } = play(rules, [...interrupted, ...reply(at + 2500)], 12_000);
    expect(turns[0]).toMatchObject({ barge: "timeout", bargeMs: 5000, stopAtMs: null, outcome: "barge_timeout" });
    expect(turns[1]).toMatchObject({ outcome: "ok", ttfbMs: at + 2500 - (at + EOS) });
  });

  it("without a stop and without a next reply is recorded as the time waited", () => {
    const { turns } = play(rules, interrupted, 14_000);
    expect(turns[0]).toMatchObject({ barge: "timeout", bargeMs: EOS + 5000, outcome: "barge_timeout" });
    expect(turns[1]).toMatchObject({ outcome: "unheard", ttfbMs: 5000 });
  });

  it("takes the cancelled message as evidence where the stop lost a race", () => {
    const script = [...interrupted, [at + 420, { type: "cancelled" }], ...reply(at + 2500)] as const;
    expect(play(rules, script, 9000).turns[0]).toMatchObject({ barge: "stopped", bargeMs: 420, outcome: "ok" });
  });

  it("prefers the stop to the cancelled message that overtook it", () => {
    const script = [...interrupted, [at + 340, { type: "cancelled" }], [at + 350, STOP], ...reply(at + 2500)] as const;
    expect(play(rules, script, 9000).turns[0]).toMatchObject({ bargeMs: 350 });
  });

  it("measures how much of the old reply still came after the stop", () => {
    const script = [...interrupted, [at + 350, STOP], ...burst(at + 500, 200), ...reply(at + 2500)] as const;
    const { turns } = play(rules, script, 9000);
    expect(turns[0]).toMatchObject({ overrunMs: 200, bargeMs: 350 });
    expect(turns[1]).toMatchObject({ outcome: "ok", lateAudioMs: 0 });
  });

  it("never takes a resumed old reply for the new one, even across the end of speech", () => {
    const resumed = Array.from({ length: 20 }, (_, index) => burst(at + 800 + index * 40, 40)).flat();
    const { turns } = play(rules, [...interrupted, [at + 350, STOP], ...resumed, ...reply(at + 3000)], 12_000);
    expect(turns[1]).toMatchObject({ outcome: "ok", ttfbMs: at + 3000 - (at + EOS) });
    expect(turns[1]?.lateAudioMs).toBeGreaterThan(0);
  });

  it("is written as soon as its stop has come, where that comes after the caller has finished", () => {
    const script = [...interrupted, [at + EOS + 300, STOP]] as const;
    expect(play(rules, script, at + EOS + 280).turns).toHaveLength(0);
    expect(play(rules, script, at + EOS + 320).turns).toMatchObject([{ bargeMs: EOS + 300, outcome: "ok" }]);
  });

  it("is given up when a final says that the next reply has begun, not when quiet suggests it", () => {
    const guess = [...interrupted, ...burst(at + EOS + 700, 400)] as const;
    expect(play(rules, [...guess, [at + EOS + 900, STOP]], 9000).turns[0]).toMatchObject({
      barge: "stopped",
      bargeMs: EOS + 900,
    });
    expect(play(rules, [...guess, [at + EOS + 800, FINAL], [at + EOS + 900, STOP]], 9000).turns[0]).toMatchObject({
      barge: "timeout",
    });
  });

  it("is not made into a reply that only quiet vouches for, on a wire that shows finals", () => {
    const second = [...burst(4500, 4000), [4501, END]] as const;
    const { turns } = play({ turns: 3, bargeEvery: 2, pauseMs: 0 }, [...reply(EOS + 1000, 400), ...second], 16_000);
    expect(turns[1]).toMatchObject({ barge: "skipped", bargeAtMs: null, outcome: "ok" });
  });

  it("does not take the old reply's next sentence for an early answer", () => {
    const sentence = [[EOS + 400, FINAL], ...burst(EOS + 1000, 1200), ...burst(at + 700, 400)] as const;
    const { turns } = play(rules, [...sentence, [at + 800, STOP]], 14_000);
    expect(turns[1]).toMatchObject({ outcome: "unheard", ttfbMs: 5000 });
  });

  it("is skipped when the reply was over before enough of it had played", () => {
    const { turns } = play({ ...rules, pauseMs: 0 }, [...reply(EOS + 1000, 800), ...reply(6000, 400)], 9000);
    expect(turns[0]).toMatchObject({ barge: "skipped", bargeAtMs: null, outcome: "ok" });
  });

  it("is made on every k-th turn, and never on the last", () => {
    const script = [0, 1, 2, 3, 4].flatMap((index) => reply(2000 + index * 5000, 2000));
    const { turns } = play({ bargeEvery: 2, turns: 4, pauseMs: 0 }, [...script, [8350, STOP], [8351, STOP]], 26_000);
    expect(turns.map(({ bargeAtMs }) => bargeAtMs !== null)).toEqual([false, true, false, false]);
  });

  it("has no number where the agent sends no stops and nothing more was heard", () => {
    const { turns } = play({ ...rules, agentStops: false }, [...interrupted, ...reply(at + 2500)], 9000);
    expect(turns[0]).toMatchObject({ barge: "unobserved", bargeMs: null, outcome: "ok" });
  });

  it("is timed by the last audio of the old reply where the agent sends no stops", () => {
    const paced = [0, 100, 200, 300].flatMap((ms) => burst(at + ms, 40));
    const script = [...interrupted, ...paced, ...reply(at + 2500)];
    expect(play({ ...rules, agentStops: false }, script, 9000).turns[0]).toMatchObject({
      barge: "stopped",
      bargeMs: 300,
      outcome: "ok",
    });
  });

  it("counts audio of the old reply after the end of speech too, where the agent sends no stops", () => {
    const script = [...interrupted, ...burst(at + 900, 40), ...burst(at + EOS + 200, 40), ...reply(at + 2500)] as const;
    expect(play({ ...rules, agentStops: false }, script, 9000).turns[0]).toMatchObject({
      barge: "stopped",
      bargeMs: EOS + 200,
    });
  });

  it("is not owed a stop after the structured end on a wire where the agent has nothing left to stop", () => {
    const { turns } = play({ ...rules, stopOwedAfterEnd: false }, [...interrupted, ...reply(at + 2500)], 9000);
    expect(turns[0]).toMatchObject({ barge: "unobserved", outcome: "ok" });
  });

  it("is owed no stop on such a wire either when the reply ended before the agent could notice, else it is", () => {
    const open = [[EOS + 400, FINAL], ...burst(EOS + 1000, 4000)] as const;
    const barge = (endAtMs: number) => {
      const script = [...open, [at + endAtMs, END], ...reply(at + 2500)] as const;
      return play({ ...rules, stopOwedAfterEnd: false }, script, 9000).turns[0]?.barge;
    };
    expect(barge(500)).toBe("unobserved");
    expect(barge(520)).toBe("timeout");
  });

  it("that the agent cancelled is not heard any more: the next reply plays at once", () => {
    const open = [[EOS + 400, FINAL], ...burst(EOS + 1000, 6000)] as const;
    const next = [...reply(at + 2500, 3000), [at + 3800, STOP]] as const;
    const { turns } = play({ ...rules, turns: 3 }, [...open, [at + 300, { type: "cancelled" }], ...next], 12_000);
    const reentryMs = (turns[1]?.bargeAtMs ?? 0) - (turns[1]?.firstAudioAtMs ?? 0);
    expect(reentryMs).toBeGreaterThanOrEqual(1000);
    expect(reentryMs).toBeLessThan(1100);
  });

  it("ends the turn at the stop when the reply was not complete", () => {
    const open = [[EOS + 400, FINAL], ...burst(EOS + 1000, 4000)] as const;
    const { turns } = play(rules, [...open, [at + 350, STOP], ...reply(at + 2500)], 9000);
    expect(turns[0]?.turnMs).toBe(at + 350);
  });

  it("leaves the turn its end where the reply had been complete before", () => {
    const { turns } = play(rules, [...interrupted, [at + 350, STOP], ...reply(at + 2500)], 9000);
    expect(turns[0]?.turnMs).toBe(EOS + 1001);
  });

  it("fails both turns when the agent hangs up before it stops", () => {
    const { turns } = play(rules, [...interrupted, [at + 200, { type: "close", code: 1006 }]], 9000);
    expect(turns.map(({ outcome, bargeMs }) => [outcome, bargeMs])).toEqual([
      ["closed", 5000],
      ["closed", null],
    ]);
  });
});

describe("an agent that stops by itself", () => {
  it("has cut the turn when nothing more comes", () => {
    const { turns } = play({ turns: 1 }, [...reply(EOS + 1000, 4000), [EOS + 2000, STOP]], 9000);
    expect(turns[0]).toMatchObject({ outcome: "cut_by_agent", ttfbMs: 1000 });
  });

  it("has not, when it goes on", () => {
    const script = [
      [EOS + 400, FINAL],
      ...burst(EOS + 1000, 2000),
      [EOS + 2000, STOP],
      ...burst(EOS + 2500, 400),
      [EOS + 2501, END],
    ] as const;
    expect(play({ turns: 1 }, script, 9000).turns[0]).toMatchObject({ outcome: "ok" });
  });

  it("after the turn was over has cut nothing", () => {
    const { turns } = play({}, [...reply(EOS + 1000, 400), [EOS + 2200, STOP], ...reply(6500, 400)], 12_000);
    expect(turns[0]?.outcome).toBe("ok");
  });

  it("before it has begun to answer has cut nothing either", () => {
    const script = [[EOS + 300, { type: "cancelled" }], [EOS + 310, STOP], ...reply(EOS + 1000, 400)] as const;
    expect(play({ turns: 1 }, script, 9000).turns[0]).toMatchObject({ outcome: "ok", ttfbMs: 1000 });
  });

  it("by the cancelled message alone has cut the turn too, and ended it", () => {
    const script = [[EOS + 400, FINAL], ...burst(EOS + 1000, 400), [EOS + 1200, { type: "cancelled" }]] as const;
    const { turns, hungUpAtMs } = play({ turns: 1 }, script, 9000);
    expect(turns[0]).toMatchObject({ outcome: "cut_by_agent", turnMs: EOS + 1200, endInferred: false });
    expect(hungUpAtMs).toBeLessThan(EOS + 2000);
  });

  it("is not waited for: what was cut is not heard out", () => {
    const script = [...reply(EOS + 1000, 4000), [EOS + 2000, STOP]] as const;
    const next = play({ pauseMs: 0 }, script, 9000).frames.find(({ atMs, utterance }) => utterance === 0 && atMs > EOS);
    expect(next?.atMs).toBeLessThanOrEqual(EOS + 2000 + 40);
  });
});

describe("a wait that ends without audio", () => {
  const TEXT: Event = { type: "replyText" };
  const second = (script: Script) =>
    play({ turns: 2, pauseMs: 300 }, [...reply(EOS + 1000), ...script], 16_000).turns[1];
  const eos = EOS + 4880;

  it("is text_only where the reply's text came, as when synthesis is throttled", () => {
    expect(
      second([
        [eos + 500, FINAL],
        [eos + 900, TEXT],
      ]),
    ).toMatchObject({ outcome: "text_only", ttfbMs: 5000 });
  });

  it("is unheard where no final came on a call that shows them, as when recognition is throttled", () => {
    expect(second([])).toMatchObject({ outcome: "unheard", ttfbMs: 5000 });
    expect(play({ turns: 1 }, [], 9000).turns[0]).toMatchObject({ outcome: "first_audio_timeout" });
  });

  it("is first_audio_timeout where the agent heard the caller and said nothing", () => {
    expect(second([[eos + 500, FINAL]])).toMatchObject({ outcome: "first_audio_timeout", ttfbMs: 5000 });
  });
});

describe("faults", () => {
  const throttled: Event = { type: "fault", fault: { kind: "rate_limit", source: "openai", code: "429" } };
  const broken: Event = { type: "fault", fault: { kind: "server_error", code: "X" } };
  const harmless: Event = { type: "fault", fault: { kind: "notice", code: "response_cancel_not_active" } };

  it("fail the turn and take its reply out of the gated numbers", () => {
    const { turns } = play({ turns: 1 }, [...reply(EOS + 1000, 400), [EOS + 1020, throttled]], 9000);
    expect(turns[0]).toMatchObject({
      outcome: "throttled",
      ttfbMs: null,
      turnMs: null,
      ttfbFailedMs: 1000,
      faults: ["rate_limit:openai"],
    });
  });

  it("are the last turn's while the caller speaks: they come after the audio they explain", () => {
    const script = [...reply(EOS + 1000, 400), [4000, broken], ...reply(7000, 400)] as const;
    expect(play({}, script, 12_000).turns.map(({ outcome }) => outcome)).toEqual(["agent_error", "ok"]);
  });

  it("are the current turn's once the caller has spoken", () => {
    const { turns } = play({ turns: 1 }, [[EOS + 300, throttled]], 9000);
    expect(turns[0]).toMatchObject({ outcome: "throttled", ttfbMs: 5000, firstAudioAtMs: null });
  });

  it("count once per turn, however often they are told", () => {
    expect(
      play(
        { turns: 1 },
        [
          [EOS + 300, throttled, throttled],
          [EOS + 400, throttled],
        ],
        9000,
      ).turns[0]?.faults,
    ).toHaveLength(1);
  });

  it("explain by the weightiest when there are several", () => {
    expect(play({ turns: 1 }, [[EOS + 300, broken, throttled]], 9000).turns[0]?.outcome).toBe("throttled");
  });

  it("that answer a cancel say nothing about the turn", () => {
    const { turns } = play({ turns: 1 }, [...reply(EOS + 1000, 400), [EOS + 1100, harmless]], 9000);
    expect(turns[0]).toMatchObject({ outcome: "ok", ttfbMs: 1000 });
  });

  it("of a reply keep the caller from interrupting it", () => {
    const { turns } = play({ bargeEvery: 1 }, [...reply(EOS + 1000, 4000), [EOS + 1100, broken]], 9000);
    expect(turns[0]?.bargeAtMs ?? null).toBeNull();
  });

  it("before the first utterance are the call's", () => {
    expect(
      play(
        { greetingTimeoutMs: 9000 },
        [
          [100, broken],
          [200, { type: "close", code: 4500 }],
        ],
        900,
      ).call?.faults,
    ).toEqual(["server_error:X"]);
  });
});

describe("a turn whose stop never comes", () => {
  it("is written although the next reply is only a guess, and heard out before the wait for the stop is over", () => {
    const { turns } = play(
      { turns: 3, bargeEvery: 1 },
      [...reply(2000, 3000), ...burst(4800, 800), [5600, { type: "replyEnd" }]],
      12_000,
    );
    expect(turns.slice(0, 2).map(({ barge, bargeMs, outcome, turn }) => [turn, outcome, barge, bargeMs])).toEqual([
      [1, "barge_timeout", "timeout", 5000],
      [2, "ok", "skipped", null],
    ]);
  });
});
