import { describe, expect, it } from "vitest";

import { Recognizer, type Utterance } from "./recognizer.ts";
import { Station, type WhenBusy } from "./station.ts";
import type { Segment } from "./vad.ts";
import { VirtualClock } from "./virtual_clock.ts";

/** Silence that ends an utterance. */
const SILENCE_MS = 300;

/** How long each recognition takes. */
const STT_MS = 1000;

const FRAME_MS = 20;
const QUIET = new Int16Array(320).fill(10);
const LOUD = new Int16Array(320).fill(3000);

/** What happened to an utterance: when, its end of speech and its wait. */
interface Heard {
  readonly what: "recognised" | "throttled" | "lost";
  readonly atMs: number;
  readonly eosAtMs: number;
  readonly waitMs: number | null;
}

/**
 * Callers who speak in virtual time, and what was heard of each. A caller is a list of durations in ms, quiet and loud by turns,
 * after which it hangs up. Frame n arrives at n x 20 ms.
 */
function hear(servers: number, whenBusy: WhenBusy, ...callers: (readonly number[])[]): Heard[][] {
  const clock = new VirtualClock();
  const station = new Station(servers, whenBusy, clock);
  const recognizers = callers.map((durationsMs) => {
    const heard: Heard[] = [];
    const note = (what: Heard["what"], segment: Segment, { sttWaitMs }: Utterance) =>
      heard.push({ what, atMs: clock.now(), eosAtMs: segment.endAtMs, waitMs: sttWaitMs });
    const events = {
      drawSttMs: () => STT_MS,
      onLoudWindow: () => {},
      onPartial: () => {},
      onUtteranceEnd: (segment: Segment, utterance: Utterance) =>
        note(utterance.isThrottled ? "throttled" : "recognised", segment, utterance),
      onUtteranceLost: (segment: Segment, utterance: Utterance) => note("lost", segment, utterance),
    };
    const recognizer = new Recognizer(16_000, { silenceMs: SILENCE_MS, firstPartialMs: 200, station }, events, clock);
    const frames = durationsMs.flatMap((ms, index) => Array(ms / FRAME_MS).fill(index % 2 === 0 ? QUIET : LOUD));
    return { recognizer, frames, heard };
  });
  const length = Math.max(...recognizers.map(({ frames }) => frames.length));
  for (let index = 0; index <= length; index += 1) {
    clock.runUntil(index * FRAME_MS);
    for (const { frames, recognizer } of recognizers) {
      const frame = frames[index];
      if (frame !== undefined) recognizer.process(frame, clock.now());
      else if (index === frames.length) recognizer.close();
    }
  }
  return recognizers.map(({ heard }) => heard);
}

describe("a recognition", () => {
  it("ends its recognition time after the end of speech where any number of servers is there", () => {
    expect(hear(0, "throttle", [0, 400, 2000], [0, 400, 2000])).toEqual(
      Array(2).fill([{ what: "recognised", atMs: 1380, eosAtMs: 380, waitMs: 0 }]),
    );
  });

  it("waits for the server of another caller from the end of speech on, and ends that much later", () => {
    const [a, b, c] = hear(1, "queue", [0, 400, 3000], [200, 400, 3000], [100, 400, 3000]);
    expect(a).toEqual([{ what: "recognised", atMs: 1380, eosAtMs: 380, waitMs: 0 }]);
    expect(c).toEqual([{ what: "recognised", atMs: 2380, eosAtMs: 480, waitMs: 900 }]);
    expect(b).toEqual([{ what: "recognised", atMs: 3380, eosAtMs: 580, waitMs: 1800 }]);
  });

  it("is throttled if no server was free at the end of speech, and ends like one that is served", () => {
    const [a, b, c] = hear(1, "throttle", [0, 400, 3000], [980, 400, 3000], [1000, 400, 3000]);
    expect(a).toEqual([{ what: "recognised", atMs: 1380, eosAtMs: 380, waitMs: 0 }]);
    expect(b).toEqual([{ what: "throttled", atMs: 2360, eosAtMs: 1360, waitMs: 0 }]);
    expect(c).toEqual([{ what: "recognised", atMs: 2380, eosAtMs: 1380, waitMs: 0 }]);
  });

  it("occupies no server during a pause of its caller, and none for a click", () => {
    // The second caller ends in the first pause of the other one, and is recognised until 1500.
    const [a, b] = hear(1, "throttle", [0, 400, 240, 200, 240, 200, 2000], [240, 280, 2000]);
    expect(b).toEqual([{ what: "recognised", atMs: 1500, eosAtMs: 500, waitMs: 0 }]);
    expect(a).toEqual([{ what: "throttled", atMs: 2260, eosAtMs: 1260, waitMs: 0 }]);
    const [, after] = hear(1, "throttle", [0, 100, 2000], [0, 400, 2000]);
    expect(after).toMatchObject([{ what: "recognised" }]);
  });

  it("frees its server when its caller speaks on or hangs up before it ends", () => {
    // After 600 ms of silence, at 1000, the first caller speaks on, or hangs up.
    const [a, b] = hear(1, "queue", [0, 400, 600, 400, 2500], [200, 400, 3500]);
    expect(a).toEqual([{ what: "recognised", atMs: 3000, eosAtMs: 1380, waitMs: 620 }]);
    expect(b).toEqual([{ what: "recognised", atMs: 2000, eosAtMs: 580, waitMs: 420 }]);
    const [gone, next] = hear(1, "queue", [0, 400, 600], [200, 400, 3000]);
    expect([gone, next]).toEqual([[], [{ what: "recognised", atMs: 2000, eosAtMs: 580, waitMs: 420 }]]);
  });

  it("leaves the queue when its caller hangs up before it could have ended without a wait", () => {
    const [, gone, next] = hear(1, "queue", [0, 400, 3000], [100, 400, 800], [200, 400, 3000]);
    expect([gone, next]).toEqual([[], [{ what: "recognised", atMs: 2380, eosAtMs: 580, waitMs: 800 }]]);
  });

  it("is lost when its caller speaks again, and what is said then is another utterance", () => {
    const caller = [100, 400, 1300, 400, 2000];
    const [, inService, behind] = hear(1, "queue", [0, 400, 3000], caller, [200, 400, 4000]);
    // In service from 1380 on, it is given up at 1800, and the next one in the queue is served.
    expect(inService?.[0]).toEqual({ what: "lost", atMs: 1800, eosAtMs: 480, waitMs: 900 });
    expect(behind).toEqual([{ what: "recognised", atMs: 2800, eosAtMs: 580, waitMs: 1220 }]);
    expect(inService?.slice(1)).toEqual([{ what: "recognised", atMs: 3800, eosAtMs: 2180, waitMs: 620 }]);
    const [, , inQueue] = hear(1, "queue", [0, 400, 3000], [100, 400, 4000], [200, 400, 1300, 400, 3000]);
    expect(inQueue).toMatchObject([
      { what: "lost", atMs: 1900, waitMs: null },
      { what: "recognised", waitMs: 100 },
    ]);
  });

  it("is lost when its caller hangs up after the utterance was over", () => {
    const [, b, c] = hear(1, "queue", [0, 400, 3000], [100, 400, 1500], [200, 400, 1300]);
    expect(b).toEqual([{ what: "lost", atMs: 2000, eosAtMs: 480, waitMs: 900 }]);
    expect(c).toEqual([{ what: "lost", atMs: 1900, eosAtMs: 580, waitMs: null }]);
  });
});

describe("digits", () => {
  it("are understood at the first one, and recognised after the silence that follows the last one", () => {
    const clock = new VirtualClock();
    const partialsAtMs: number[] = [];
    const ended: { atMs: number; eosAtMs: number; digits: string }[] = [];
    const events = {
      drawSttMs: () => STT_MS,
      onLoudWindow: () => {},
      onPartial: () => partialsAtMs.push(clock.now()),
      onUtteranceEnd: ({ digits, endAtMs }: Segment) => ended.push({ atMs: clock.now(), eosAtMs: endAtMs, digits }),
      onUtteranceLost: () => {},
    };
    const station = new Station(Number.POSITIVE_INFINITY, "queue", clock);
    const recognizer = new Recognizer(16_000, { silenceMs: SILENCE_MS, firstPartialMs: 200, station }, events, clock);
    for (let index = 0; index <= 100; index += 1) {
      clock.runUntil(index * FRAME_MS);
      if (index === 10 || index === 20) recognizer.press(index === 10 ? "4" : "#", clock.now());
      recognizer.process(QUIET, clock.now());
    }
    expect(partialsAtMs).toEqual([200]);
    expect(ended).toEqual([{ atMs: 400 + STT_MS, eosAtMs: 400, digits: "4#" }]);
  });
});
