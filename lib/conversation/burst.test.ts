import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Conversation } from "./conversation.ts";
import type { Event } from "./event.ts";
import { type Played, play, RULES, type Script } from "./play.ts";

const AUDIO: readonly Event[] = [
  { type: "audio", ms: 40 },
  { type: "audio", ms: 100, responseId: "a" },
  { type: "audio", ms: 2, responseId: "b" },
];

/** Bursts of the same audio, a few ms apart, with what else an agent sends before, between and behind them. */
const bursts = fc
  .array(
    fc.record({
      afterMs: fc.constantFrom(0, 3, 30, 700, 1500, 4000),
      first: fc.constantFrom<Event>(
        { type: "userFinal" },
        { type: "replyText" },
        { type: "replyEnd" },
        { type: "stop" },
        { type: "silence", ms: 40 },
        { type: "audio", ms: 40, leadMs: 10 },
      ),
      audio: fc.constantFrom(...AUDIO),
      gapsMs: fc.array(fc.constantFrom(0, 0, 0.5, 3, 4.9, 5, 6), { maxLength: 30 }),
    }),
    { maxLength: 12 },
  )
  .map((all) => {
    let atMs = 500;
    const then = (gapMs: number, event: Event): Script[number] => {
      atMs += gapMs;
      return [atMs, event];
    };
    return all.flatMap(({ afterMs, audio, first, gapsMs }) => [
      then(afterMs, first),
      ...gapsMs.map((gapMs) => then(gapMs, audio)),
    ]);
  });

/** The same events, none of which is the object of the one before it: each is handled in full. */
function oneByOne(script: Script): Script {
  return script.map(([atMs, ...events]) => [atMs, ...events.map((event) => ({ ...event }))]);
}

const recordsOf = ({ call, frames, hungUpAtMs, turns }: Played) => ({ call, frames, hungUpAtMs, turns });

describe("a burst of audio", () => {
  it("makes the records that its messages make when each is handled in full", () => {
    const rules = fc.record({ bargeEvery: fc.constantFrom(0, 1), turnTimeoutMs: fc.constantFrom(50, 15_000) });
    fc.assert(
      fc.property(rules, bursts, (some, script) => {
        const of = { ...RULES, turns: 4, ...some };
        expect(recordsOf(play(of, script, 30_000))).toEqual(recordsOf(play(of, oneByOne(script), 30_000)));
      }),
      { numRuns: 200 },
    );
  });

  it("need not be looked at closely from its second message on", () => {
    const conversation = new Conversation({ ...RULES, utteranceFrames: [1] });
    conversation.handle({ type: "open" }, 0);
    for (const atMs of [0, 20]) conversation.handle({ type: "tick" }, atMs);
    conversation.handle({ type: "userFinal" }, 500);
    expect(conversation.listensClosely).toBe(true);
    conversation.handle({ type: "audio", ms: 40 }, 501);
    expect(conversation.listensClosely).toBe(false);
  });

  it("is looked at closely again as soon as the caller interrupts", () => {
    const conversation = new Conversation({
      ...RULES,
      utteranceFrames: [1, 50],
      utteranceOrder: [0, 1],
      bargeEvery: 1,
      bargeReentryMs: 100,
    });
    conversation.handle({ type: "open" }, 0);
    for (const atMs of [0, 20]) conversation.handle({ type: "tick" }, atMs);
    conversation.handle({ type: "userFinal" }, 500);
    for (let at = 0; at < 10; at += 1) conversation.handle({ type: "audio", ms: 40 }, 501 + at);
    conversation.handle({ type: "tick" }, 520);
    expect(conversation.listensClosely).toBe(false);
    const actions = conversation.handle({ type: "tick" }, 660);
    expect(actions.map(({ type }) => type)).toContain("sendFrame");
    conversation.handle({ type: "audio", ms: 40 }, 661);
    expect(conversation.listensClosely).toBe(true);
  });

  it("that begins a reply does not put off the instant at which the wait for its end is over", () => {
    const late = (atMs: number) => atMs > 1000 && atMs < 2400;
    const played = play(
      { turnTimeoutMs: 100, turns: 1 },
      [
        [1580, { type: "userFinal" }],
        [1590, { type: "audio", ms: 40 }],
        [1800, { type: "audio", ms: 40 }],
        [2205, { type: "replyEnd" }],
      ],
      5000,
      (atMs) => !late(atMs),
    );
    expect(played.turns[0]?.outcome).toBe("turn_timeout");
  });
});
