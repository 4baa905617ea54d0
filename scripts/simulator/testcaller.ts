/** A caller on a real WebSocket, for the simulator's own tests: it sends what it is told at the pace of a line. */

import { setTimeout as wait } from "node:timers/promises";

import { WebSocket } from "ws";

import { now } from "./clock.ts";
import type { Simulator } from "./server.ts";

/** What the agent said, and when it came. */
export interface Message {
  readonly atMs: number;
  readonly kind?: string;
  readonly type?: string;
  readonly payload?: { type?: string; event_type?: string; status?: string };
  readonly audioData?: { data: string };
}

/** A caller on a real WebSocket, who sends frames in real time as told. */
export class TestCaller {
  readonly messages: Message[] = [];
  private readonly socket: WebSocket;
  private waiting: (() => void)[] = [];

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on("message", (data) => {
      this.messages.push({ ...JSON.parse(String(data)), atMs: now() });
      for (const look of this.waiting.splice(0)) look();
    });
  }

  static async dial({ port }: Simulator, path = "/api/v1/media/stream"): Promise<TestCaller> {
    const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers: { "x-session-id": "S" } });
    const caller = new TestCaller(socket);
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
    const samples = Int16Array.from({ length: 16 * frameMs }, (_, at) => (at % 2 === 0 ? level : -level));
    const data = Buffer.from(samples.buffer).toString("base64");
    this.send({ kind: "AudioData", audioData: { timestamp: "t", participantRawID: "p", data, silent: false } });
  }

  /** Sends audio at the pace of a line, and returns when its last frame went out. */
  async speak(ms: number, level: number, frameMs = 20, keep: (index: number) => boolean = () => true): Promise<number> {
    const startedAtMs = now();
    let sentAtMs = startedAtMs;
    for (let index = 0; index < ms / frameMs; index += 1) {
      await at(startedAtMs + index * frameMs);
      sentAtMs = now();
      if (keep(index)) this.audio(level, frameMs);
    }
    await at(startedAtMs + ms);
    return sentAtMs;
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
    await new Promise((done) => this.socket.once("close", done));
  }
}

/** Waits for an instant of the clock. */
async function at(atMs: number): Promise<void> {
  await wait(Math.max(0, atMs - now()));
}
