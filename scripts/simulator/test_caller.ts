/** For the simulator's own tests: a quick agent, and a caller on a real WebSocket who speaks at the pace of a line. */

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

/** An agent that is quick enough for tests: 300 ms of silence, 50 ms each for the model and the voice. */
const QUICK =
  "--silence-ms 300 --stt-ms 320 --llm-ms 50 --tts-ms 50 --reply-ms 400 --greeting-ms 0 --barge-ms 200 --port 0";

const opened: Simulator[] = [];

afterAll(async () => {
  for (const simulator of opened.splice(0)) await simulator.stop();
});

/** Starts a simulator that ends with the tests of its file. */
export async function start(...flags: string[]) {
  const truthPath = join(mkdtempSync(join(tmpdir(), "truth-")), "truth.jsonl");
  const options = readOptions([...QUICK.split(" "), "--truth", truthPath, ...flags]);
  if (options === "help") throw new Error("expected options");
  const simulator = await startSimulator(options);
  opened.push(simulator);
  const lines = () =>
    readFileSync(truthPath, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as TruthTurn | TruthCall | TruthHealth);
  const isOfCall = (line: TruthTurn | TruthCall | TruthHealth) => line.type !== "health";
  return { simulator, truth: () => lines().filter(isOfCall) as (TruthTurn | TruthCall)[], lines };
}

/** What the agent said, and when it came. */
export interface Message {
  readonly atMs: number;
  readonly kind?: string;
  readonly Kind?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly ts?: string;
  readonly payload?: Readonly<Record<string, unknown>>;
  readonly audioData?: { readonly data: string };
  readonly AudioData?: { readonly data: string } | null;
  readonly errorData?: { readonly code: string };
  readonly action?: string;
  readonly data?: string;
  readonly sample_rate?: number;
  readonly frame_index?: number;
  readonly total_frames?: number | null;
  readonly is_final?: boolean;
  readonly response_id?: string;
}

/** What a caller sent: its frames never go out before their time, however busy the machine is, but may be late. */
export interface Spoken {
  /** When the first frame was due. */
  readonly startAtMs: number;
  /** When each frame went out. */
  readonly sentAtMs: readonly number[];
  /** When the last frame went out. */
  readonly endAtMs: number;
}

/** A caller on a real WebSocket, who sends frames in real time as told. */
export class TestCaller {
  readonly messages: Message[] = [];
  /** The same, byte by byte. */
  readonly raw: { readonly text: string; readonly isBinary: boolean }[] = [];
  private readonly socket: WebSocket;
  private readonly rateHz: number;
  private waiting: (() => void)[] = [];

  private constructor(socket: WebSocket, rateHz: number) {
    this.socket = socket;
    this.rateHz = rateHz;
    socket.on("message", (data: Buffer, isBinary) => {
      this.raw.push({ text: data.toString("latin1"), isBinary });
      this.messages.push({ ...parsed(String(data)), atMs: now() });
      for (const look of this.waiting.splice(0)) look();
    });
  }

  /** Calls as a phone does, or as a browser where the path says so. */
  static async dial({ port }: Simulator, path = "/api/v1/media/stream"): Promise<TestCaller> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, {
      headers: { "x-session-id": "S" },
      // As k6, which takes text that is not UTF-8.
      skipUTF8Validation: true,
    });
    const caller = new TestCaller(socket, path.includes("voice_live") ? 24000 : 16000);
    await new Promise((done, failed) => {
      socket.once("open", done);
      socket.once("error", failed);
    });
    return caller;
  }

  send(message: unknown): void {
    this.socket.send(typeof message === "string" || Buffer.isBuffer(message) ? message : JSON.stringify(message));
  }

  audio(level: number, frameMs = 20): void {
    const length = (this.rateHz * frameMs) / 1000;
    const samples = Int16Array.from({ length }, (_, at) => (at % 2 === 0 ? level : -level));
    const bytes = Buffer.from(samples.buffer);
    const audioData = { timestamp: "t", participantRawID: "p", data: bytes.toString("base64"), silent: false };
    this.send(this.socket.url.includes("/media/") ? { kind: "AudioData", audioData } : bytes);
  }

  /** Sends audio at the pace of a line, and returns when its frames went out. */
  async speak(ms: number, level: number, frameMs = 20, keep: (index: number) => boolean = () => true): Promise<Spoken> {
    const startAtMs = now();
    const sentAtMs: number[] = [];
    for (let index = 0; index < ms / frameMs; index += 1) {
      await at(startAtMs + index * frameMs);
      sentAtMs.push(now());
      if (keep(index)) this.audio(level, frameMs);
    }
    await at(startAtMs + ms);
    return { startAtMs, sentAtMs, endAtMs: sentAtMs.at(-1) ?? startAtMs };
  }

  /** Resolves with the first message that the condition holds for, sending quiet frames meanwhile; rejects after 5 s. */
  async until(what: string, condition: (message: Message) => boolean): Promise<Message> {
    const giveUpAtMs = now() + 5000;
    for (;;) {
      const found = this.messages.find(condition);
      if (found !== undefined) return found;
      if (now() > giveUpAtMs)
        throw new Error(`expected ${what} within 5 s, got ${this.messages.length} other messages`);
      await this.speak(20, 10);
    }
  }

  /** Sends nothing for so long: a dead line. */
  async silence(ms: number): Promise<void> {
    await wait(ms);
  }

  async hangUp(): Promise<void> {
    this.socket.close(1000);
    await this.hungUp();
  }

  /** Resolves with the code when the call is over. */
  async hungUp(): Promise<number> {
    return (await this.closed()).code;
  }

  /** Resolves with code and reason when the call is over. */
  async closed(): Promise<{ code: number; reason: string }> {
    return new Promise((done) =>
      this.socket.once("close", (code, reason) => done({ code, reason: reason.toString("utf8") })),
    );
  }

  /** From now on, what comes on the wire, frames and all; the returned function hands it over. */
  bytes(): () => Buffer {
    const chunks: Buffer[] = [];
    (this.socket as unknown as { _socket: Duplex })._socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    return () => Buffer.concat(chunks);
  }

  /** Pings the agent; the returned function says how many answers have come. */
  ping(): () => number {
    let pongs = 0;
    this.socket.on("pong", () => (pongs += 1));
    this.socket.ping();
    return () => pongs;
  }
}

/** What is no JSON object is a message without fields. */
function parsed(text: string): object {
  try {
    return Object(JSON.parse(text));
  } catch {
    return {};
  }
}

/** Waits for an instant of the clock. */
async function at(atMs: number): Promise<void> {
  await wait(Math.max(0, atMs - now()));
}
