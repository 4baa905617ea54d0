import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { Conversation } from "./conversation.ts";
import type { Action, Event } from "./event.ts";
import { RULES } from "./play.ts";
import { LOOK, QUIET } from "./rest.ts";
import type { Rules } from "./rules.ts";

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
const rules: fc.Arbitrary<Rules> = fc
  .record({
    greetingTimeoutMs: fc.constantFrom(0, 2000),
    hesitationMs: fc.constantFrom(0, 300),
    bargeEvery: fc.constantFrom(0, 1, 2),
    turnTimeoutMs: fc.constantFrom(400, 15_000),
    agentStops: fc.boolean(),
    stopOwedAfterEnd: fc.boolean(),
  })
  .map((some) => ({ ...RULES, turns: 5, ...some }));

/** What an action orders; of frames only their place, as a resting caller knows it. */
function order(action: Action): string {
  if (action.type === "sendQuiet") return "quiet";
  return action.type === "sendFrame" ? `frame ${action.frame}` : JSON.stringify(action);
}

/** Everything a conversation orders, tick by tick; `rests` false makes every tick look at everything. */
function ordered(of: Rules, events: readonly (readonly [number, Event])[], rests: boolean): string[] {
  const conversation = new Conversation(of);
  const orders: string[] = [];
  let open = true;
  const feed = (one: Event, atMs: number) => {
    const slot = rests && one.type === "tick" ? conversation.slot(atMs) : LOOK;
    if (slot !== LOOK) {
      orders.push(`${atMs} ${slot === QUIET ? "quiet" : `frame ${slot}`}`);
      return;
    }
    const actions = conversation.handle(one, atMs);
    orders.push(`${atMs} ${actions.map(order).join(" ")}`);
    if (actions.some(({ type }) => type === "hangUp")) open = false;
  };
  feed({ type: "open" }, 0);
  let nowMs = 0;
  for (const [gapMs, one] of [
    ...events,
    [20_000, { type: "timeUp" }] as const,
    [30_000, { type: "replyEnd" }] as const,
  ]) {
    for (const untilMs = nowMs + gapMs; open && nowMs < untilMs; ) {
      nowMs = Math.min(untilMs, Math.floor(nowMs / 20) * 20 + 20);
      if (nowMs % 20 === 0) feed({ type: "tick" }, nowMs);
    }
    if (open) feed(one, nowMs);
  }
  return orders;
}

describe("a tick that decides nothing", () => {
  it("orders what a tick that looks at everything orders, whatever the agent does", () => {
    fc.assert(
      fc.property(rules, script, (of, events) => {
        expect(ordered(of, events, true)).toEqual(ordered(of, events, false));
      }),
      { numRuns: 300 },
    );
  });
});
