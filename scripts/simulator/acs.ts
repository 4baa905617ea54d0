/** The phone wire of profile g5 (cascade): what a caller's messages hold, and how the agent's are shaped. */

import type { Message } from "./envelopes.ts";
import { Voice } from "./voice.ts";

/** What a caller's message was. */
export type Heard =
  | { readonly type: "audio"; readonly samples: Int16Array }
  | { readonly type: "metadata" }
  | { readonly type: "other" };

/** Reports something odd about a caller's message. */
export type Report = (anomaly: string) => void;

/** The rate of the phone wire in both directions, in Hz. */
export const RATE_HZ = 16000;

/** What a caller should send at once: 20 ms. */
const FRAME_BYTES = 640;

/** What the agent sends at once: 40 ms. */
const REPLY_FRAME_BYTES = 1280;

/** The message that tells the phone to drop what it has not played. */
export const STOP: Message = { kind: "StopAudio", AudioData: null, StopAudio: {} };

const voice = new Voice(RATE_HZ, REPLY_FRAME_BYTES);

/** Reads a caller's message; never throws, whatever it is. */
export function readMessage(data: Buffer, isBinary: boolean, report: Report): Heard {
  if (isBinary) return odd("binary_frame", report);
  let message: { kind?: unknown; audioData?: { data?: unknown; silent?: unknown } | null };
  try {
    message = JSON.parse(data.toString("utf8"));
  } catch {
    return odd("not_json", report);
  }
  if (message?.kind === "AudioMetadata") return { type: "metadata" };
  if (message?.kind !== "AudioData") return odd("unknown_kind", report);
  const { data: base64, silent } = message.audioData ?? {};
  if (typeof base64 !== "string") return odd("no_audio", report);
  if (silent === undefined) report("silent_missing");
  const bytes = Buffer.from(base64, "base64");
  if (bytes.length !== FRAME_BYTES) report("frame_size");
  return { type: "audio", samples: samplesOf(bytes) };
}

/** The agent's audio, frame by frame, as text ready to send. */
export function* audioFrames(ms: number, from: number): Generator<{ readonly text: string; readonly ms: number }> {
  let left = voice.bytes(ms);
  for (let index = from; left > 0; index += 1) {
    const bytes = Math.min(left, REPLY_FRAME_BYTES);
    left -= bytes;
    const data = bytes === REPLY_FRAME_BYTES ? voice.frame(index) : voice.tail(bytes);
    const text = `{"kind":"AudioData","audioData":{"data":"${data}","timestamp":null,"participantRawID":null,"silent":false}}`;
    yield { text, ms: (bytes / 2 / RATE_HZ) * 1000 };
  }
}

function odd(anomaly: string, report: Report): Heard {
  report(anomaly);
  return { type: "other" };
}

/** A copy, because a Buffer's bytes need not be aligned as samples must. */
function samplesOf(bytes: Buffer): Int16Array {
  return new Int16Array(new Uint8Array(bytes.subarray(0, bytes.length & ~1)).buffer);
}
