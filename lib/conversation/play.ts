/**
 * A test harness: plays a script of agent events to a conversation, without waiting. Only tests may import it. The caller's
 * ticks come every frame from 0 ms on, the agent's events at their instants, before a tick of the same ms.
 */

import type { ConversationRecord, TurnRecord } from "../metrics/records.ts";
import { Conversation } from "./conversation.ts";
import type { Action, Event } from "./event.ts";
import type { Rules } from "./rules.ts";
import { DECIDE, QUIET } from "./slot.ts";

/** Events of the agent, at ms of the call. */
export type Script = readonly (readonly [atMs: number, ...events: Event[]])[];

/** The result of a played call. */
export interface Played {
  readonly turns: readonly TurnRecord[];
  readonly call: ConversationRecord | null;
  /** Every frame: when it went out, and of which utterance it was (-1: quiet). */
  readonly frames: readonly { readonly atMs: number; readonly utterance: number }[];
  readonly hungUpAtMs: number | null;
}

/** The caller's clock when a played call opens, in ms: not 0, so that no instant is 0 by accident. */
export const OPENS_AT_MS = 1_000_000;

/** Rules for tests: utterances of one second, no greeting, no barge-in, default timeouts. */
export const RULES: Rules = {
  frameMs: 20,
  healthFromMs: 0,
  timeUpAtMs: Number.POSITIVE_INFINITY,
  turns: 2,
  utteranceFrames: [50],
  wordless: [],
  utteranceOrder: [0],
  greetingTimeoutMs: 0,
  startDelayMs: 0,
  firstByteTimeoutMs: 5000,
  turnTimeoutMs: 15_000,
  quietMs: 400,
  pauseMs: 1500,
  bargeEvery: 0,
  bargeReentryMs: 1000,
  agentStops: true,
  stopOwedAfterEnd: true,
  ignoreBenignCloses: true,
};

/** When the last frame of the first utterance goes out under RULES. */
export const EOS = 980;

/** Audio frames of 40 ms that arrive at once. */
export function burst(atMs: number, ms: number, responseId?: string): Script {
  const frame: Event = responseId === undefined ? { type: "audio", ms: 40 } : { type: "audio", ms: 40, responseId };
  return [[atMs, ...Array.from({ length: ms / 40 }, () => frame)]];
}

/** A cascade reply: a final 600 ms before the audio, the structured end right after it. */
export function reply(atMs: number, ms = 2000): Script {
  return [[atMs - 600, { type: "userFinal" }], ...burst(atMs, ms), [atMs + 1, { type: "replyEnd" }]];
}

/** Plays a script until an instant; `ticks` may leave ticks out. */
export function play(
  rules: Partial<Rules>,
  script: Script,
  untilMs: number,
  ticks: (atMs: number) => boolean = () => true,
): Played {
  const player = new Player({ ...RULES, ...rules });
  const timeline = script.flatMap(([atMs, ...events]) => events.map((event) => ({ atMs, event })));
  for (let atMs = 0; atMs <= untilMs; atMs += RULES.frameMs) {
    if (ticks(atMs)) timeline.push({ atMs, event: { type: "tick" } });
  }
  player.feed({ type: "open" }, 0);
  const played = timeline.filter(({ atMs }) => atMs <= untilMs).sort((a, b) => a.atMs - b.atMs);
  for (const { event, atMs } of played) player.feed(event, atMs);
  return player;
}

class Player implements Played {
  readonly turns: TurnRecord[] = [];
  readonly frames: { atMs: number; utterance: number }[] = [];
  call: ConversationRecord | null = null;
  hungUpAtMs: number | null = null;
  private readonly conversation: Conversation;
  private utterance = -1;

  constructor(rules: Rules) {
    this.conversation = new Conversation(rules);
  }

  feed(event: Event, atMs: number): void {
    if (this.call !== null) return;
    const slot = event.type === "tick" ? this.conversation.slot(OPENS_AT_MS + atMs) : DECIDE;
    if (slot !== DECIDE) {
      this.frames.push({ atMs, utterance: slot === QUIET ? -1 : this.utterance });
      return;
    }
    for (const action of this.conversation.handle(event, OPENS_AT_MS + atMs)) this.perform(action, atMs);
    if (this.hungUpAtMs === atMs) this.feed({ type: "close", code: 1000 }, atMs);
  }

  private perform(action: Action, atMs: number): void {
    if (action.type === "turn") this.turns.push(sinceOpen(action.record));
    else if (action.type === "call") this.call = sinceOpen(action.record);
    else if (action.type === "hangUp") this.hungUpAtMs = atMs;
    else if (action.type === "sendQuiet") this.frames.push({ atMs, utterance: -1 });
    else {
      this.utterance = action.utterance;
      this.frames.push({ atMs, utterance: this.utterance });
    }
  }
}

/** Makes every instant of a record (`...AtMs`) relative to the opening of the call. */
function sinceOpen<R extends object>(record: R): R {
  const moved = Object.entries(record).map(([key, value]) => {
    return [key, key.endsWith("AtMs") && typeof value === "number" ? value - OPENS_AT_MS : value];
  });
  return Object.fromEntries(moved) as R;
}
