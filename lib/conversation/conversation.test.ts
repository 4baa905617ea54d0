import { describe, expect, it } from "vitest";

import { Conversation } from "./conversation.ts";
import { IllegalEventError } from "./phase.ts";
import { burst, EOS, OPENS_AT_MS, play, RULES, reply } from "./play.ts";

describe("the slots", () => {
  it("holds one frame for every 20 ms of the call, speech or quiet", () => {
    const { frames } = play({}, reply(EOS + 1000), 4000);
    expect(frames.map(({ atMs }) => atMs)).toEqual(Array.from({ length: 201 }, (_, slot) => slot * 20));
    expect(frames.filter(({ utterance }) => utterance === 0)).toHaveLength(50);
  });

  it("catches up after a lost tick without dropping a frame", () => {
    const { frames } = play({}, [], 1000, (atMs) => atMs < 200 || atMs > 260);
    expect(frames.filter(({ atMs }) => atMs === 280)).toHaveLength(5);
    expect(frames).toHaveLength(51);
  });

  it("says how late the worst frame of each second was", () => {
    const { turns } = play({ turns: 1 }, reply(EOS + 1000, 400), 6000, (atMs) => atMs < 200 || atMs > 260);
    expect(turns[0]?.lagMs.slice(0, 2)).toEqual([80, 0]);
  });

  it("marks a turn whose end of speech went out late, and gives it no other outcome", () => {
    const { turns } = play({ turns: 1 }, reply(EOS + 1000), 6000, (atMs) => atMs < 900 || atMs > 1000);
    expect(turns[0]?.outcome).toBe("generator_late");
  });

  it("marks a turn in whose waits it was late: an agent that hears no silence does not answer, nor stops without words", () => {
    const outcome = (missing: (atMs: number) => boolean) =>
      play(
        { bargeEvery: 1, turns: 3 },
        [...reply(EOS + 3000), [EOS + 4600, { type: "stop" }], ...reply(EOS + 9000)],
        30_000,
        (atMs) => !missing(atMs),
      ).turns[0]?.outcome;
    expect(outcome(() => false)).toBe("ok");
    expect(outcome((atMs) => atMs > EOS + 1000 && atMs < EOS + 1200)).toBe("generator_late");
    expect(outcome((atMs) => atMs > EOS + 4100 && atMs < EOS + 4300)).toBe("generator_late");
    expect(outcome((atMs) => atMs > EOS + 3200 && atMs < EOS + 3400)).toBe("ok");
  });

  it("marks a turn whose first audio may have waited too long to be seen, though no frame was that late", () => {
    const outcome = (audioAtMs: number) =>
      play({ turns: 1 }, reply(audioAtMs), 6000, (atMs) => atMs !== EOS + 980).turns[0]?.outcome;
    expect(outcome(EOS + 995)).toBe("ok");
    expect(outcome(EOS + 1001)).toBe("generator_late");
  });

  it("marks a turn whose last audio was read slowly while a frame was late, and not one whose agent sends slowly", () => {
    const slow = Array.from({ length: 23 }, (_, at) => [EOS + 1001 + 2 * at, { type: "audio", ms: 40 }] as const);
    const outcome = (missing: number) =>
      play(
        { turns: 1 },
        [[EOS + 400, { type: "userFinal" }], ...slow, [EOS + 1046, { type: "replyEnd" }]],
        6000,
        (atMs) => {
          return atMs !== missing;
        },
      ).turns[0]?.outcome;
    expect(outcome(-1)).toBe("ok");
    expect(outcome(EOS + 1020)).toBe("generator_late");
    expect(outcome(EOS + 1100)).toBe("ok");
  });

  it("does not mark a turn for lateness in the middle of its speech", () => {
    const { turns } = play({ turns: 1 }, reply(EOS + 1000), 6000, (atMs) => atMs < 200 || atMs > 400);
    expect(turns[0]?.outcome).toBe("ok");
  });

  it("moves its slots when the clock jumps ahead, instead of sending the lost hour at once", () => {
    const conversation = new Conversation(RULES);
    conversation.handle({ type: "open" }, 0);
    conversation.handle({ type: "tick" }, 0);
    expect(conversation.handle({ type: "tick" }, 3_600_000).length).toBeLessThan(5);
  });

  it("keeps sending when the clock runs backwards, and counts the jump", () => {
    const conversation = new Conversation({ ...RULES, turns: 1 });
    const frames: unknown[] = [];
    conversation.handle({ type: "open" }, 10_000);
    for (let ms = 0; ms < 400; ms += 20) frames.push(...conversation.handle({ type: "tick" }, 10_000 + ms));
    for (let ms = 400; ms < 800; ms += 20) frames.push(...conversation.handle({ type: "tick" }, ms));
    expect(frames.length).toBeGreaterThanOrEqual(39);
    const [, call] = conversation.handle({ type: "close", code: 1006 }, 800);
    expect(call).toMatchObject({ type: "call" });
  });
});

describe("the greeting", () => {
  const greeted = { greetingTimeoutMs: 10_000 };

  it("is waited out: the caller speaks 1 s after the last of it has arrived and played", () => {
    const { frames, turns, call } = play({ ...greeted, turns: 1 }, [...burst(300, 2000), ...reply(5500)], 9500);
    expect(frames.find(({ utterance }) => utterance === 0)?.atMs).toBe(2300);
    expect(turns[0]?.turn).toBe(1);
    expect(call?.greetingMs).toBe(300);
  });

  it("is no reply to turn 1 however late it comes", () => {
    const { turns } = play({ ...greeted, turns: 1 }, [...burst(9000, 400), ...reply(14_000)], 20_000);
    expect(turns[0]?.ttfbMs).toBe(14_000 - (turns[0]?.eosAtMs ?? 0));
  });

  it("is over 1 s after its last audio, not its first", () => {
    const { frames, call } = play(
      { ...greeted, turns: 1 },
      [...burst(300, 40), ...burst(1200, 40), ...reply(5500)],
      9500,
    );
    expect(frames.find(({ utterance }) => utterance === 0)?.atMs).toBe(2200);
    expect(call?.greetingMs).toBe(300);
  });

  it("is followed by the caller's own pause, also where none came and where there is none", () => {
    const spoken = (rules: object, script: Parameters<typeof play>[1]) =>
      play({ turns: 1, startDelayMs: 500, ...rules }, script, 20_000).frames.find(({ utterance }) => utterance === 0)
        ?.atMs;
    expect(spoken(greeted, [...burst(300, 40), ...reply(5500)])).toBe(1800);
    expect(spoken(greeted, [...burst(300, 4000), ...reply(9000)])).toBe(4800);
    expect(spoken(greeted, reply(13_000))).toBe(10_500);
    expect(spoken({}, reply(EOS + 1000))).toBe(500);
  });

  it("that comes after its deadline is still one that did not come", () => {
    const { call } = play(
      { ...greeted, turns: 1, startDelayMs: 500 },
      [...burst(10_200, 40), ...reply(13_000)],
      20_000,
    );
    expect(call).toMatchObject({ greetingMs: 10_000, greetingTimedOut: true });
  });

  it("that never comes is recorded as the whole wait, and the caller goes on", () => {
    const { frames, call } = play({ ...greeted, turns: 1 }, reply(13_000), 20_000);
    expect(frames.find(({ utterance }) => utterance === 0)?.atMs).toBe(10_000);
    expect(call).toMatchObject({ greetingMs: 10_000, greetingTimedOut: true });
  });

  it("is not waited for where the agent has none", () => {
    const { frames, call } = play({ turns: 1 }, reply(EOS + 1000), 6000);
    expect(frames[0]?.utterance).toBe(0);
    expect(call).toMatchObject({ greetingMs: null, greetingTimedOut: false });
  });

  it("cut by a close fails the call, not a turn", () => {
    const { turns, call } = play(greeted, [[500, { type: "close", code: 1011 }]], 2000);
    expect(turns).toHaveLength(0);
    expect(call).toMatchObject({
      reached: false,
      outcome: "closed_early",
      closedBy: "agent",
      code: 1011,
      greetingMs: 10_000,
    });
  });
});

describe("a turn", () => {
  it("measures from the send time of the last speech frame to the first audio of the reply", () => {
    const { turns } = play({ turns: 1 }, reply(EOS + 1234), 8000);
    expect(turns[0]).toMatchObject({ outcome: "ok", speechStartAtMs: 0, eosAtMs: EOS, ttfbMs: 1234, sttMs: 634 });
  });

  it("measures from when the last speech frame really went out, not from when it was due", () => {
    const { turns } = play({ turns: 1 }, reply(EOS + 1000), 6000, (atMs) => atMs !== EOS);
    expect(turns[0]).toMatchObject({ eosAtMs: EOS + 20, ttfbMs: 980 });
  });

  it("is complete at its structured end, though the caller listens on until it has played", () => {
    const { turns, frames } = play({ pauseMs: 500 }, reply(EOS + 1000, 3000), 8000);
    const second = frames.filter(({ atMs, utterance }) => utterance === 0 && atMs > EOS)[0];
    expect(second?.atMs).toBe(EOS + 1000 + 3000 + 500);
    expect(turns[0]?.turnMs).toBe(EOS + 1001);
  });

  it("is written when the caller has finished the next utterance", () => {
    const upTo = (ms: number) => play({ pauseMs: 500 }, reply(EOS + 1000, 1000), ms).turns.length;
    const nextEos = EOS + 1000 + 1000 + 500 + EOS;
    expect(upTo(nextEos - 20)).toBe(0);
    expect(upTo(nextEos)).toBe(1);
  });

  it("counts how long a player ran dry between its first and last audio", () => {
    const script = [
      [EOS + 400, { type: "userFinal" }],
      ...burst(EOS + 1000, 800),
      ...burst(EOS + 3000, 800),
      [EOS + 3001, { type: "replyEnd" }],
    ] as const;
    const { turns } = play({ turns: 1 }, script, 9000);
    expect(turns[0]).toMatchObject({ stallMs: 1200, outcome: "ok" });
  });

  it("after the last one, the caller hangs up with 1000", () => {
    const { call, hungUpAtMs, turns } = play({ turns: 2 }, [...reply(EOS + 1000, 400), ...reply(6000, 400)], 12_000);
    expect(turns).toHaveLength(2);
    expect(hungUpAtMs).not.toBeNull();
    expect(call).toMatchObject({ outcome: "ok", closedBy: "caller", code: 1000 });
  });

  it("speaks what this caller says in order, again and again", () => {
    const rules = { turns: 3, utteranceFrames: [5, 6, 7], utteranceOrder: [2, 0], pauseMs: 0 };
    const script = [...reply(1000, 400), ...reply(3000, 400), ...reply(5000, 400)];
    const { turns } = play(rules, script, 9000);
    expect(turns.map(({ utterance }) => utterance)).toEqual([2, 0, 2]);
  });
});

describe("deadlines", () => {
  it("records a reply that never comes as the whole wait", () => {
    const { turns } = play({ turns: 1 }, [], 8000);
    expect(turns[0]).toMatchObject({
      outcome: "first_audio_timeout",
      ttfbMs: 5000,
      firstAudioAtMs: null,
      turnMs: EOS + 5000,
    });
  });

  it("judges a deadline before the audio that came after it, tick or no tick", () => {
    const { turns } = play({ turns: 1 }, reply(EOS + 5005), 12_000, (atMs) => atMs < EOS + 4990 || atMs > EOS + 5020);
    expect(turns[0]).toMatchObject({ outcome: "first_audio_timeout", ttfbMs: 5000 });
  });

  it("accepts audio in the last ms of the wait", () => {
    const { turns } = play({ turns: 1 }, reply(EOS + 4999), 14_000);
    expect(turns[0]).toMatchObject({ outcome: "ok", ttfbMs: 4999 });
  });

  it("ends a reply that never ends", () => {
    const endless = Array.from({ length: 60 }, (_, index) => burst(EOS + 1000 + index * 320, 320)).flat();
    const { turns } = play({ turns: 1 }, [[EOS + 500, { type: "userFinal" }], ...endless], 30_000);
    expect(turns[0]).toMatchObject({ outcome: "turn_timeout", ttfbMs: 1000, turnMs: EOS + 1000 + 15_000 });
  });

  it("goes on after a missed reply, once the agent is quiet", () => {
    const { frames } = play({}, burst(EOS + 5500, 1000), 12_000);
    const second = frames.filter(({ atMs, utterance }) => utterance === 0 && atMs > EOS)[0];
    expect(second?.atMs).toBe(EOS + 5500 + 1000 + 1500);
  });

  it("does not wait for ever for an agent that never falls quiet", () => {
    const babble = Array.from({ length: 400 }, (_, index) => burst(index * 40, 40)).flat();
    const { frames } = play({}, babble, 16_000);
    expect(frames.filter(({ atMs, utterance }) => utterance === 0 && atMs > EOS)[0]?.atMs).toBeLessThan(
      EOS + 5000 + 1500 + 5000 + 40,
    );
  });
});

describe("the end of the test", () => {
  it("lets the caller finish the turn, and hangs up when the reply has arrived, without playing it out", () => {
    const { hungUpAtMs, turns } = play({ turns: 9, timeUpAtMs: OPENS_AT_MS + 500 }, reply(EOS + 1000, 4000), 12_000);
    expect(turns).toHaveLength(1);
    expect(turns[0]?.outcome).toBe("ok");
    expect(hungUpAtMs).toBeLessThanOrEqual(EOS + 1000 + 400 + 40);
  });

  it("hangs up at once in a pause and in a greeting", () => {
    const paused = play({ pauseMs: 5000, timeUpAtMs: OPENS_AT_MS + 4000 }, reply(EOS + 1000, 400), 8000);
    expect(paused.hungUpAtMs).toBe(4000);
    const greeting = play({ greetingTimeoutMs: 10_000, timeUpAtMs: OPENS_AT_MS + 1000 }, [], 8000);
    expect(greeting.hungUpAtMs).toBe(1000);
    expect(greeting.call?.reached).toBeNull();
  });

  it("makes no barge-in any more", () => {
    const rules = { bargeEvery: 1, timeUpAtMs: OPENS_AT_MS + EOS + 1500 };
    expect(play(rules, reply(EOS + 1000, 4000), 9000).turns[0]).toMatchObject({
      barge: null,
      bargeAtMs: null,
      outcome: "ok",
    });
  });
});

describe("a close that the caller did not ask for", () => {
  it("fails the turn it comes in, with 1000 too, and records the wait as the whole deadline", () => {
    const { turns, call } = play({}, [[EOS + 700, { type: "close", code: 1000 }]], 3000);
    expect(turns[0]).toMatchObject({ outcome: "closed", ttfbMs: 5000, turnMs: EOS + 5000 });
    expect(call).toMatchObject({ outcome: "closed", closedBy: "agent", code: 1000 });
  });

  it("before the end of speech gives no ttfb: nothing was waited for yet", () => {
    expect(play({}, [[500, { type: "close", code: 1006 }]], 3000).turns[0]).toMatchObject({
      outcome: "closed",
      ttfbMs: null,
      turnMs: null,
    });
  });

  it("in mid-reply keeps the ttfb and records the turn as its whole deadline", () => {
    const script = [
      [EOS + 500, { type: "userFinal" }],
      ...burst(EOS + 1000, 400),
      [EOS + 1100, { type: "close", code: 1011 }],
    ] as const;
    expect(play({}, script, 3000).turns[0]).toMatchObject({
      outcome: "closed",
      ttfbMs: 1000,
      turnMs: EOS + 1000 + 15_000,
    });
  });

  it("with 1000 or 1001 between turns is no failure", () => {
    const { turns } = play({}, [...reply(EOS + 1000, 400), [3500, { type: "close", code: 1001 }]], 5000);
    expect(turns.map(({ outcome }) => outcome)).toEqual(["ok"]);
  });

  it("with 1000 while a whole reply is still being heard is no failure either", () => {
    const { turns } = play({}, [...reply(EOS + 1000, 4000), [EOS + 3000, { type: "close", code: 1000 }]], 9000);
    expect(turns.map(({ outcome }) => outcome)).toEqual(["ok"]);
  });

  it("with another code between turns fails the turn that it prevents", () => {
    const { turns } = play({}, [...reply(EOS + 1000, 400), [3500, { type: "close", code: 1011 }]], 5000);
    expect(turns.map(({ outcome }) => outcome)).toEqual(["ok", "closed"]);
    expect(turns[1]).toMatchObject({ turn: 2, speechStartAtMs: null, eosAtMs: null });
  });

  it("without a code (1005) between turns is no failure, as 1000 and 1001 are none", () => {
    const { turns } = play({}, [...reply(EOS + 1000, 400), [3500, { type: "close", code: 1005 }]], 5000);
    expect(turns.map(({ outcome }) => outcome)).toEqual(["ok"]);
  });

  it("with 1000 between turns fails the next turn where benign closes are not ignored", () => {
    const script = [...reply(EOS + 1000, 400), [3500, { type: "close", code: 1000 }]] as const;
    expect(play({ ignoreBenignCloses: false }, script, 5000).turns.map(({ outcome }) => outcome)).toEqual([
      "ok",
      "closed",
    ]);
  });
});

describe("illegal events", () => {
  const opened = () => {
    const conversation = new Conversation(RULES);
    conversation.handle({ type: "open" }, 0);
    return conversation;
  };

  it("throw before the call is open, and change nothing", () => {
    const conversation = new Conversation(RULES);
    for (const type of ["tick", "stop", "userFinal"] as const) {
      expect(() => conversation.handle({ type }, 0)).toThrow(IllegalEventError);
    }
    expect(conversation.handle({ type: "open" }, 0)).toEqual([]);
    expect(conversation.handle({ type: "tick" }, 0)).toHaveLength(1);
  });

  it("throw when a call opens twice, and change nothing", () => {
    const conversation = opened();
    expect(() => conversation.handle({ type: "open" }, 20)).toThrow('"open" cannot happen in phase "greeting"');
    expect(conversation.handle({ type: "tick" }, 0)).toHaveLength(1);
  });

  it("throw after the close", () => {
    const conversation = opened();
    conversation.handle({ type: "close", code: 1006 }, 20);
    expect(() => conversation.handle({ type: "audio", ms: 20 }, 40)).toThrow(IllegalEventError);
    expect(() => conversation.handle({ type: "close", code: 1006 }, 40)).toThrow(IllegalEventError);
  });
});
