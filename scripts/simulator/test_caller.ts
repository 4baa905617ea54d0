/** Helpers of the simulator's tests: starts a simulator with short delays, and calls it on a real WebSocket in real time. */

import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Duplex } from "node:stream";
import { setTimeout as wait } from "node:timers/promises";

import { afterAll } from "vitest";
import { WebSocket } from "ws";

import { now } from "./clock.ts";
import { readOptions } from "./options.ts";
import { type Simulator, startSimulator } from "./server.ts";
import type { TruthCall, TruthHealth, TruthTurn } from "./truth.ts";

/** Short delays: 300 ms of silence ends an utterance, model and synthesis take 50 ms each, and there is no greeting. */
const SHORT_DELAYS =
  "--silence-ms 300 --stt-ms 320 --llm-ms 50 --tts-ms 50 --reply-ms 400 --greeting-ms 0 --barge-ms 200 --port 0";

const started: Simulator[] = [];

afterAll(async () => {
  for (const simulator of started.splice(0)) await simulator.stop();
});

/** Starts a simulator that is stopped after the tests of the file. `truth` returns the truth without its last line. */
export async function startTestSimulator(...flags: string[]) {
  const truthPath = join(mkdtempSync(join(tmpdir(), "truth-")), "truth.jsonl");
  const options = readOptions([...SHORT_DELAYS.split(" "), "--truth", truthPath, ...flags]);
  if (options === "help") throw new Error("expected options");
  const simulator = await startSimulator(options);
  started.push(simulator);
  const lines = () =>
    readFileSync(truthPath, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TruthTurn | TruthCall | TruthHealth);
  const isNotHealth = (line: TruthTurn | TruthCall | TruthHealth) => line.type !== "health";
  return { simulator, truth: () => lines().filter(isNotHealth) as (TruthTurn | TruthCall)[], lines };
}

interface AudioSection {
  readonly data: string;
  readonly silent?: boolean;
}

/** A message of the agent, and when it arrived. */
export interface Message {
  readonly atMs: number;
  readonly kind?: string;
  readonly Kind?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly ts?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly audioData?: AudioSection;
  readonly AudioData?: AudioSection | null;
  readonly errorData?: { readonly code: string };
  readonly action?: string;
  readonly data?: string;
  readonly sample_rate?: number;
  readonly frame_index?: number;
  readonly total_frames?: number | null;
  readonly is_final?: boolean;
  readonly response_id?: string;
}

/** When a caller sent its frames: never before they were due, but later when the machine is busy. */
export interface SentAudio {
  /** When the first frame was due. */
  readonly startAtMs: number;
  /** When each frame was sent. */
  readonly sentAtMs: readonly number[];
  /** When the last frame was sent. */
  readonly endAtMs: number;
}

/** How a caller on another wire than the accelerator's sends audio. */
export interface CallerAudio {
  readonly rateHz: number;
  /** The message of one frame. */
  frame(samples: Int16Array): unknown;
}

/** A caller on a real WebSocket. It sends frames in real time. */
export class TestCaller {
  readonly messages: Message[] = [];
  /** The same messages as they came, one character per byte. */
  readonly raw: { readonly text: string; readonly isBinary: boolean }[] = [];
  private readonly socket: WebSocket;
  private readonly audio: CallerAudio;

  private constructor(socket: WebSocket, audio: CallerAudio) {
    this.socket = socket;
    this.audio = audio;
    socket.on("message", (data: Buffer, isBinary) => {
      this.raw.push({ text: data.toString("latin1"), isBinary });
      this.messages.push({ ...parsed(String(data)), atMs: now() });
    });
  }

  /** Calls as a phone does, or as a browser when the path is one of a browser, or as `audio` says. */
  static async dial(
    { port }: Simulator,
    path = "/api/v1/media/stream",
    audio: CallerAudio = path.includes("/media/") ? PHONE : browser(path),
  ): Promise<TestCaller> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: { "x-session-id": "S" },
      // k6 accepts text that is not UTF-8, too.
      skipUTF8Validation: true,
    });
    const caller = new TestCaller(socket, audio);
    await new Promise((resolve, reject) => {
      socket.once("open", resolve);
      socket.once("error", reject);
    });
    return caller;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  /** Sends one frame of a square wave: its RMS is the level. */
  sendFrame(level: number, frameMs = 20): void {
    const length = (this.audio.rateHz * frameMs) / 1000;
    const samples = Int16Array.from({ length }, (_, index) => (index % 2 === 0 ? level : -level));
    this.send(this.audio.frame(samples));
  }

  /** Sends audio in real time, without the frames that `keep` rejects. Returns when its frames were sent. */
  async speak(
    ms: number,
    level: number,
    frameMs = 20,
    keep: (index: number) => boolean = () => true,
  ): Promise<SentAudio> {
    const startAtMs = now();
    const sentAtMs: number[] = [];
    for (let index = 0; index < ms / frameMs; index += 1) {
      await waitUntil(startAtMs + index * frameMs);
      sentAtMs.push(now());
      if (keep(index)) this.sendFrame(level, frameMs);
    }
    await waitUntil(startAtMs + ms);
    return { startAtMs, sentAtMs, endAtMs: sentAtMs.at(-1) ?? startAtMs };
  }

  /** Sends quiet frames until a message meets the condition. Resolves with that message; rejects after 5 s. */
  async waitFor(what: string, condition: (message: Message) => boolean): Promise<Message> {
    const giveUpAtMs = now() + 5000;
    for (;;) {
      const found = this.messages.find(condition);
      if (found !== undefined) return found;
      if (now() > giveUpAtMs)
        throw new Error(`expected ${what} within 5 s, got ${this.messages.length} other messages`);
      await this.speak(20, 10);
    }
  }

  /** Sends no frames for this long. */
  async sendNothing(ms: number): Promise<void> {
    await wait(ms);
  }

  async hangUp(): Promise<void> {
    this.socket.close(1000);
    await this.closeCode();
  }

  /** Resolves with the close code when the call is over. */
  async closeCode(): Promise<number> {
    return (await this.closed()).code;
  }

  /** Resolves with the close code and its reason when the call is over. */
  async closed(): Promise<{ code: number; reason: string }> {
    return new Promise((resolve) =>
      this.socket.once("close", (code, reason) => resolve({ code, reason: reason.toString("utf8") })),
    );
  }

  /** Records the bytes that arrive on the TCP connection from now on. Returns a function that returns them. */
  recordBytes(): () => Buffer {
    const chunks: Buffer[] = [];
    (this.socket as unknown as { _socket: Duplex })._socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks);
  }

  /** Pings the agent. Returns a function that returns the number of pongs so far. */
  ping(): () => number {
    let pongs = 0;
    this.socket.on("pong", () => (pongs += 1));
    this.socket.ping();
    return () => pongs;
  }
}

const PHONE: CallerAudio = {
  rateHz: 16000,
  frame(samples) {
    const data = Buffer.from(samples.buffer).toString("base64");
    return { kind: "AudioData", audioData: { timestamp: "t", participantRawID: "p", data, silent: false } };
  },
};

function browser(path: string): CallerAudio {
  return {
    rateHz: path.includes("voice_live") ? 24000 : 16000,
    frame: (samples) => Buffer.from(samples.buffer),
  };
}

/** The fields of a message. A message that is no JSON object has none. */
function parsed(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Waits until an instant of the clock. */
async function waitUntil(atMs: number): Promise<void> {
  await wait(Math.max(0, atMs - now()));
}
