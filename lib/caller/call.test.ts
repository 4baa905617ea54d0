import { describe, expect, it } from "vitest";
import { FRAMES_PER_PIECE } from "../audio/pieces.ts";
import { Conversation } from "../conversation/conversation.ts";
import type { Event } from "../conversation/event.ts";
import { RULES } from "../conversation/play.ts";
import { QUIET } from "../conversation/slot.ts";
import { loadJournal } from "../metrics/journal.lazy.ts";
import { type Connection, driveCall } from "./call.ts";

const FRAMES = 60;

const SILENT_CONNECTION: Connection = {
  sendText() {},
  sendBinary() {},
  close() {},
  every() {},
  onMessage() {},
  onBinary() {},
  onError() {},
  onClose() {},
};

const JOURNAL = new (loadJournal().Journal)(
  { add() {}, log() {} },
  { callId: "c", epochOffsetMs: 0, fileOf: () => undefined, warmupTurns: 0, textLeadsAudio: false },
);

/** What a caller of one turn says, frame by frame, when its ticks come at these instants. */
function sentFrames(utterance: number, ticksAtMs: readonly number[]): string[] {
  const frames: string[] = [];
  let nowMs = 0;
  let tick = () => {};
  let held = "";
  driveCall({
    connection: {
      ...SILENT_CONNECTION,
      every(_, __, run) {
        tick = run;
      },
    },
    codec: {
      open: () => true,
      setPiece(packed, firstFrame) {
        held = `${packed} from ${firstFrame}`;
      },
      send(frame) {
        if (frame !== QUIET) frames.push(`${held}: frame ${frame}`);
      },
      decode: () => [],
    },
    journal: JOURNAL,
    conversation: new Conversation({ ...RULES, utteranceFrames: [FRAMES, FRAMES], utteranceOrder: [utterance] }),
    now: () => nowMs,
    epochOffsetMs: 0,
    frameMs: 20,
    firstFrameInMs: () => 20,
    acceptTimeoutMs: 10_000,
    piece: (of, at) => `utterance ${of} piece ${at}`,
  });
  for (const atMs of ticksAtMs) {
    nowMs = atMs;
    tick();
  }
  return frames;
}

describe("a call", () => {
  const ticks = Array.from({ length: FRAMES + 10 }, (_, at) => 20 * (at + 1));

  it.each([
    ["every tick comes", ticks],
    ["the ticks around the end of a piece are lost", ticks.filter((_, at) => at < 24 || at > 27)],
  ])("says its utterance frame by frame, each from its own piece, where %s", (_, ticksAtMs) => {
    const frames = Array.from({ length: FRAMES }, (_, frame) => {
      const piece = Math.floor(frame / FRAMES_PER_PIECE);
      return `utterance 1 piece ${piece} from ${piece * FRAMES_PER_PIECE}: frame ${frame}`;
    });
    expect(sentFrames(1, ticksAtMs)).toEqual(frames);
  });
});

/** A call on a wire where the agent has to accept the session; its clock stands at 0 until it is set. */
function unacceptedCall() {
  const timers: { atMs: number; run: () => void }[] = [];
  const frames: number[] = [];
  const listeners = { message: (_: string) => {}, close: (_: number) => {} };
  let nowMs = 0;
  const call = driveCall({
    connection: {
      ...SILENT_CONNECTION,
      every: (firstInMs, _, run) => timers.push({ atMs: nowMs + firstInMs, run }),
      onMessage: (take) => {
        listeners.message = take;
      },
      onClose: (take) => {
        listeners.close = take;
      },
    },
    codec: {
      open: () => false,
      setPiece() {},
      send: (frame) => frames.push(frame),
      decode: (message) => JSON.parse(message),
    },
    journal: JOURNAL,
    conversation: new Conversation(RULES),
    now: () => nowMs,
    epochOffsetMs: 0,
    frameMs: 20,
    firstFrameInMs: () => 20,
    acceptTimeoutMs: 10_000,
    piece: () => "",
  });
  const say = (...events: Event[]) => listeners.message(JSON.stringify(events));
  const runTimers = (untilMs: number) => {
    nowMs = untilMs;
    for (const timer of timers.filter(({ atMs }) => atMs <= untilMs)) timer.run();
  };
  return { call, frames, say, runTimers, close: (code: number) => listeners.close(code) };
}

describe("a call whose session the agent has to accept", () => {
  it("sends no frame before, and begins with the acceptance", () => {
    const { frames, runTimers, say } = unacceptedCall();
    runTimers(100);
    expect(frames).toEqual([]);
    say({ type: "open" });
    runTimers(120);
    expect(frames).toHaveLength(1);
  });

  it("begins once, however often the agent accepts", () => {
    const { frames, runTimers, say } = unacceptedCall();
    say({ type: "open" });
    say({ type: "open" });
    runTimers(20);
    expect(frames).toHaveLength(1);
  });

  it("has the refusal of the session in its record", () => {
    const { call, close, say } = unacceptedCall();
    say({ type: "fault", fault: { kind: "server_error", code: "invalid_session" } });
    close(1008);
    expect(call.record).toMatchObject({
      outcome: "closed_early",
      code: 1008,
      faults: ["server_error:invalid_session"],
    });
  });

  it("counts a session that is not accepted in time, and goes on without", () => {
    const { call, close, frames, runTimers } = unacceptedCall();
    runTimers(10_000);
    runTimers(10_020);
    expect(frames.length).toBeGreaterThan(0);
    close(1000);
    expect(call.record?.faults).toEqual(["ws_error:session_timeout"]);
  });
});
