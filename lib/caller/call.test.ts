import { describe, expect, it } from "vitest";
import { FRAMES_PER_PIECE } from "../audio/pieces.ts";
import { Conversation } from "../conversation/conversation.ts";
import { RULES } from "../conversation/play.ts";
import { QUIET } from "../conversation/slot.ts";
import { loadJournal } from "../metrics/journal.lazy.ts";
import { driveCall } from "./call.ts";

const FRAMES = 60;

/** What a caller of one turn says, frame by frame, when its ticks come at these instants. */
function sentFrames(utterance: number, ticksAtMs: readonly number[]): string[] {
  const frames: string[] = [];
  let nowMs = 0;
  let tick = () => {};
  let held = "";
  const output = { add() {}, log() {} };
  const context = { callId: "c", epochOffsetMs: 0, fileOf: () => undefined, warmupTurns: 0, textLeadsAudio: false };
  driveCall({
    connection: {
      sendText() {},
      sendBinary() {},
      close() {},
      every(_, __, run) {
        tick = run;
      },
      onMessage() {},
      onBinary() {},
      onError() {},
      onClose() {},
    },
    codec: {
      open() {},
      setPiece(packed, firstFrame) {
        held = `${packed} from ${firstFrame}`;
      },
      send(frame) {
        if (frame !== QUIET) frames.push(`${held}: frame ${frame}`);
      },
      decode: () => [],
    },
    journal: new (loadJournal().Journal)(output, context),
    conversation: new Conversation({ ...RULES, utteranceFrames: [FRAMES, FRAMES], utteranceOrder: [utterance] }),
    now: () => nowMs,
    epochOffsetMs: 0,
    frameMs: 20,
    firstFrameInMs: 20,
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
