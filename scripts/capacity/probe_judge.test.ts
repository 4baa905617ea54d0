import { describe, expect, it } from "vitest";

import { type JudgeContext, outcomeOf, ProbeJudge } from "./probe_judge.ts";
import { syntheticCall, syntheticTurn } from "./synthetic_lines.ts";

const CONTEXT: JudgeContext = {
  targets: { ttfb: ["p(95)<2000"], turn_success: ["rate>0.95"] },
  percentiles: ["p(50)", "p(95)"],
  warmupTurns: 0,
  textLeadsAudio: false,
};

const SPAN = { fromMs: 100_000, toMs: 200_000 };

/** A judge of a run with so many turns, each of a call of its own, spread over the span; `slow` of them are slow. */
function judgeOf(turns: number, slow: number, context = CONTEXT): ProbeJudge {
  const judge = new ProbeJudge(context);
  judge.beginRun(SPAN, false);
  addTurns(judge, turns, (index) => (index % Math.round(turns / Math.max(slow, 1e-9)) === 0 && slow > 0 ? 2500 : 1000));
  return judge;
}

function addTurns(judge: ProbeJudge, turns: number, ttfbOf: (index: number) => number): void {
  for (let index = 0; index < turns; index += 1) {
    const atMs = SPAN.fromMs + ((SPAN.toMs - SPAN.fromMs) * index) / turns;
    judge.turn(syntheticTurn(atMs, { call: String(index), ttfbMs: ttfbOf(index) }));
  }
}

const outcome = (judge: ProbeJudge) => outcomeOf(judge.judgement());
const check = (judge: ProbeJudge, series: string) => judge.judgement().checks.find((each) => each.series === series);

describe("the judge of a probe", () => {
  it.each([
    [59, 0, "holds"],
    [58, 0, "uncertain"],
    [400, 10, "holds"],
    [400, 20, "uncertain"],
    [400, 40, "breaks"],
  ])("of %i turns with %i slow ones says that the load %s", (turns, slow, expected) => {
    expect(outcome(judgeOf(turns, slow))).toBe(expected);
  });

  it("measures what the targets are of, and how many turns there were", () => {
    const judgement = judgeOf(400, 40).judgement();
    expect(judgement.turns).toBe(400);
    expect(judgement.checks[0]).toMatchObject({ series: "ttfb", measured: 2500, samples: 400, outcome: "breaks" });
    expect(judgement.checks[0]?.share).toMatchObject({ measured: 0.1 });
    expect(judgement.values).toMatchObject({ ttfbP50Ms: 1000, ttfbP95Ms: 2500, turnSuccess: 1, throttledShare: 0 });
    expect(judgement.stages).toEqual({ "recogniser (stt)": 400, "language model and voice (ttfb - stt)": 750 });
  });

  it("leaves out turns that began before its span, or at its end or later", () => {
    const judge = judgeOf(100, 0);
    for (const atMs of [0, 99_999, 200_000, 250_000])
      for (let index = 0; index < 50; index += 1) judge.turn(syntheticTurn(atMs, { ttfbMs: 9000 }));
    expect(judge.judgement().turns).toBe(100);
    expect(outcome(judge)).toBe("holds");
  });

  it("never says of a probe without turns that it holds", () => {
    expect(outcome(judgeOf(0, 0))).toBe("breaks");
    expect(outcome(judgeOf(0, 0, { ...CONTEXT, targets: {} }))).toBe("breaks");
  });

  it("takes slow turns of one call, or of one moment, for fewer than they are", () => {
    const ofOneCall = judgeOf(0, 0);
    addTurns(ofOneCall, 380, () => 1000);
    for (let index = 0; index < 20; index += 1)
      ofOneCall.turn(syntheticTurn(SPAN.fromMs + index * 5000, { call: "slow", ttfbMs: 2500 }));
    const ofOneMoment = judgeOf(380, 0);
    for (let index = 0; index < 20; index += 1)
      ofOneMoment.turn(syntheticTurn(SPAN.fromMs, { call: `slow ${index}`, ttfbMs: 2500 }));
    const apart = check(judgeOf(400, 20), "ttfb")?.share?.effectiveSamples ?? 0;
    expect(apart).toBeGreaterThan(390);
    for (const judge of [ofOneCall, ofOneMoment]) {
      expect(check(judge, "ttfb")?.share?.measured).toBeCloseTo(0.05, 5);
      expect(check(judge, "ttfb")?.share?.effectiveSamples).toBeLessThan(apart / 3);
    }
  });

  it("adds the samples of several runs, and counts the turns of the last one", () => {
    const judge = judgeOf(40, 0);
    judge.beginRun(SPAN, false);
    addTurns(judge, 40, () => 1000);
    expect(judge.judgement().turns).toBe(40);
    expect(check(judge, "ttfb")).toMatchObject({ samples: 80, outcome: "holds" });
  });

  it("compares a count, an average and an extreme as they are", () => {
    const targets = { ttfb: ["avg<1200", "max<2000"], throttled_turns: ["count<1"] };
    const checks = judgeOf(400, 4, { ...CONTEXT, targets }).judgement().checks;
    expect(checks.map(({ expression, outcome: found, share }) => [expression, found, share])).toEqual([
      ["avg<1200", "holds", null],
      ["max<2000", "breaks", null],
      ["count<1", "holds", null],
    ]);
  });

  it("says which turns and calls failed, and who throttled", () => {
    const judge = judgeOf(100, 0);
    const throttled = { outcome: "throttled", ttfbMs: null, faults: ["rate_limit:openai"] } as const;
    judge.turn(syntheticTurn(150_000, throttled));
    judge.call(syntheticCall(150_000, { outcome: "rejected", reached: false, faults: ["ws_error:http_429"] }));
    const { failedCalls, failedTurns, throttled: sources, values } = judge.judgement();
    expect(failedTurns).toEqual({ throttled: 1 });
    expect(failedCalls).toEqual({ rejected: 1 });
    expect(sources).toEqual({ openai: 1, http_429: 1 });
    expect(values.throttledShare).toBeCloseTo(2 / 101, 6);
  });

  it("measures the time from turn to turn of a caller", () => {
    const judge = judgeOf(0, 0);
    for (const [turn, atMs] of [
      [2, 110_000],
      [3, 116_000],
      [4, 124_000],
      [9, 190_000],
    ] as const)
      judge.turn(syntheticTurn(atMs, { turn }));
    expect(judge.judgement().turnSec).toBe(7);
  });

  it("counts a turn in which nothing was said when its call has ended", () => {
    const judge = judgeOf(0, 0);
    judge.turn(syntheticTurn(0, { speechStartAtMs: null, eosAtMs: null, ttfbMs: null, outcome: "closed" }));
    judge.call(syntheticCall(90_000, { closedAtMs: 150_000, outcome: "closed" }));
    expect(judge.judgement().failedTurns).toEqual({ closed: 1 });
  });
});

describe("a target on calls", () => {
  const context = { ...CONTEXT, targets: { connection_success: ["rate>0.98"] } };
  const firstTurn = (judge: ProbeJudge, atMs: number, call: string) =>
    judge.turn(syntheticTurn(atMs, { turn: 1, call }));

  it("holds by fewer calls than a bound needs where none failed", () => {
    const judge = judgeOf(100, 0, context);
    for (let index = 0; index < 40; index += 1) firstTurn(judge, 110_000 + index, `c${index}`);
    expect(check(judge, "connection_success")).toMatchObject({ samples: 40, measured: 1, outcome: "holds" });
  });

  it("is uncertain where one of few calls failed, and breaks where many did", () => {
    const judge = judgeOf(100, 0, context);
    for (let index = 0; index < 40; index += 1) firstTurn(judge, 110_000 + index * 1000, `c${index}`);
    const fail = (atMs: number) =>
      judge.call(syntheticCall(atMs, { call: `f${atMs}`, reached: false, outcome: "refused" }));
    fail(120_000);
    expect(check(judge, "connection_success")?.outcome).toBe("uncertain");
    for (let index = 0; index < 12; index += 1) fail(121_000 + index * 5000);
    expect(check(judge, "connection_success")?.outcome).toBe("breaks");
  });

  it("is that of the ramp-up where no call began later", () => {
    const judge = judgeOf(100, 0, context);
    for (let index = 0; index < 30; index += 1) firstTurn(judge, index * 1000, `c${index}`);
    for (let index = 0; index < 10; index += 1)
      judge.call(syntheticCall(index * 1000, { call: `f${index}`, reached: false, outcome: "rejected" }));
    expect(check(judge, "connection_success")).toMatchObject({ samples: 40, measured: 0.75, outcome: "breaks" });
  });
});

describe("a confirmation", () => {
  const confirmation = () => {
    const judge = judgeOf(400, 0);
    judge.beginRun(SPAN, true);
    return judge;
  };

  it("breaks by its second half alone, and says so", () => {
    const judge = confirmation();
    addTurns(judge, 400, (index) => (index > 200 && index % 10 === 0 ? 2500 : 1000));
    expect(check(judge, "ttfb")).toMatchObject({ isOfSecondHalf: true, outcome: "breaks", samples: 200 });
  });

  it("breaks by its own samples, whatever an earlier probe has shown", () => {
    const judge = confirmation();
    addTurns(judge, 400, (index) => (index % 11 === 0 ? 2500 : 1000));
    expect(check(judge, "ttfb")).toMatchObject({ isOfSecondHalf: false, outcome: "breaks", samples: 400 });
  });

  it("holds by its samples and those of earlier probes together", () => {
    const judge = confirmation();
    addTurns(judge, 200, (index) => (index % 25 === 0 ? 2500 : 1000));
    expect(check(judge, "ttfb")).toMatchObject({ outcome: "holds", samples: 600 });
  });

  it("is uncertain where its second half is beyond the limit, though not surely", () => {
    const judge = confirmation();
    addTurns(judge, 100, (index) => (index === 60 || index === 75 || index === 90 ? 2500 : 1000));
    expect(check(judge, "ttfb")).toMatchObject({ outcome: "uncertain", samples: 500 });
  });
});
