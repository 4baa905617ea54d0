import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Conversation } from "./conversation.ts";
import type { Action, Event } from "./event.ts";
import { RULES } from "./play.ts";
import type { Rules } from "./rules.ts";
import { DECIDE, QUIET } from "./slot.ts";

/** What agents do, at any time and in any order. */
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant("audio" as const), ms: fc.constantFrom(20, 40, 200, 2000) }) },
  {
    weight: 1,
    arbitrary: fc.record({
      type: fc.constant("audio" as const),
      ms: fc.constant(200),
      responseId: fc.constantFrom("a", "b", "c"),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constantFrom<Event>(
      { type: "silence", ms: 20 },
      { type: "silence", ms: 1500 },
      { type: "audio", ms: 100, leadMs: 60 },
    ),
  },
  { weight: 3, arbitrary: fc.constantFrom<Event>({ type: "userFinal" }, { type: "replyEnd" }, { type: "stop" }) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<Event>(
      { type: "cancelled" },
      { type: "toolStart" },
      { type: "toolEnd" },
      { type: "replyText" },
      { type: "fault", fault: { kind: "server_error", code: "x" } },
    ),
  },
);
const script = fc.array(fc.tuple(fc.constantFrom(0, 7, 20, 100, 400, 1000, 3500), event), { maxLength: 60 });

/** Replies as agents make them, each of their parts lost now and then. */
const replies = fc
  .array(
    fc.record({
      gapMs: fc.constantFrom(700, 1000, 1300, 1700, 2500),
      audioMs: fc.constantFrom(0, 400, 1500, 3000),
      final: fc.boolean(),
      end: fc.boolean(),
      stop: fc.boolean(),
    }),
    { maxLength: 12 },
  )
  .map((all) =>
    all.flatMap(({ audioMs, end, final, gapMs, stop }): (readonly [number, Event])[] => [
      ...(final ? [[gapMs, { type: "userFinal" }] as const] : []),
      ...(stop ? [[10, { type: "stop" }] as const] : []),
      ...(audioMs > 0 ? [[final ? 300 : gapMs + 300, { type: "audio", ms: audioMs }] as const] : []),
      ...(end ? [[10, { type: "replyEnd" }] as const] : []),
    ]),
  );
const rules: fc.Arbitrary<Rules> = fc
  .record({
    greetingTimeoutMs: fc.constantFrom(0, 2000),
    startDelayMs: fc.constantFrom(0, 300),
    bargeEvery: fc.constantFrom(0, 1, 2),
    turnTimeoutMs: fc.constantFrom(400, 15_000),
    agentStops: fc.boolean(),
    frameMs: fc.constantFrom(20, 100, 200),
    stopOwedAfterEnd: fc.boolean(),
    timeUpAtMs: fc.constantFrom(3000, 20_000, 40_000),
  })
  .map((some) => ({ ...RULES, turns: 5, ...some }));

/** How far each tick is from its instant, in ms: early, late, and so late that the turn must leave the metrics. */
const jitter = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.integer({ min: -9, max: 9 }) },
    { weight: 1, arbitrary: fc.constantFrom(15, 45, 90, 130) },
  ),
  { minLength: 1, maxLength: 40 },
);

const backMs = fc.constantFrom(0, 0, 5, 15, 300, 5000);

/** What an action orders; of frames only their place, as a resting caller knows it. */
function order(action: Action): string {
  if (action.type === "sendQuiet") return "quiet";
  return action.type === "sendFrame" ? `frame ${action.frame}` : JSON.stringify(action);
}

/** What happens in a call: events at their instants, and ticks that are off theirs by turns. */
interface Course {
  readonly of: Rules;
  readonly events: readonly (readonly [gapMs: number, event: Event])[];
  readonly offMs: readonly number[];
  /** How far the caller's clock jumps back in the middle of the call, in ms. */
  readonly backMs?: number;
}

/** When the clock jumps, in ms of the call. */
const JUMPS_AT_MS = 4000;

/** Everything a conversation orders, tick by tick; `rests` false makes every tick look at everything. */
function ordered({ backMs = 0, events, of, offMs }: Course, rests: boolean): string[] {
  const conversation = new Conversation(of);
  const orders: string[] = [];
  let open = true;
  const feed = (one: Event, callMs: number) => {
    const atMs = callMs < JUMPS_AT_MS ? callMs : callMs - backMs;
    const slot = rests && one.type === "tick" ? conversation.slot(atMs) : DECIDE;
    if (slot !== DECIDE) {
      orders.push(`${atMs} ${slot === QUIET ? "quiet" : `frame ${slot}`}`);
      return;
    }
    const actions = conversation.handle(one, atMs);
    orders.push(`${atMs} ${actions.map(order).join(" ")}`);
    if (actions.some(({ type }) => type === "hangUp")) open = false;
  };
  feed({ type: "open" }, 0);
  let nowMs = 0;
  let ticks = 0;
  const nextTickAtMs = () => Math.max(nowMs, (ticks + 1) * of.frameMs + (offMs[ticks % offMs.length] ?? 0));
  for (const [gapMs, one] of [...events, [50_000, { type: "replyEnd" }] as const]) {
    const untilMs = nowMs + gapMs;
    for (; open && nextTickAtMs() <= untilMs; ticks += 1) {
      nowMs = nextTickAtMs();
      feed({ type: "tick" }, nowMs);
    }
    nowMs = Math.max(nowMs, untilMs);
    if (open) feed(one, nowMs);
  }
  return orders;
}

describe("a conversation", () => {
  it("writes every turn once, in order, whatever the agent does", () => {
    const written = (orders: readonly string[]) =>
      [...orders.join("\n").matchAll(/"type":"turn","record":\{"turn":(\d+)/g)].map(([, turn]) => Number(turn));
    fc.assert(
      fc.property(fc.record({ of: rules, events: fc.oneof(script, replies), offMs: jitter }), (course) => {
        const turns = written(ordered(course, true));
        expect(turns).toEqual(turns.map((_, at) => at + 1));
      }),
      { numRuns: 5000 },
    );
  });
});

describe("a tick that decides nothing", () => {
  it("is most of those in which a caller waits for its last reply, though the test's time is up", () => {
    const conversation = new Conversation({ ...RULES, timeUpAtMs: 500 });
    conversation.handle({ type: "open" }, 0);
    let looks = 0;
    for (let atMs = 0; atMs < 3000; atMs += 20) {
      if (conversation.slot(atMs) !== DECIDE) continue;
      conversation.handle({ type: "tick" }, atMs);
      if (atMs > 500) looks += 1;
    }
    expect(looks).toBeLessThan(10);
  });

  it("orders what a tick that looks at everything orders, whatever the agent does", () => {
    fc.assert(
      fc.property(fc.record({ of: rules, events: fc.oneof(script, replies), offMs: jitter, backMs }), (course) => {
        expect(ordered(course, true)).toEqual(ordered(course, false));
      }),
      { numRuns: 300 },
    );
  });
});
