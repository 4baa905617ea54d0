import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

import OpenAI from "openai";
import { OpenAIRealtimeWS } from "openai/realtime/ws";
import type { RealtimeServerEvent } from "openai/resources/realtime/realtime";
import { describe, expect, it } from "vitest";

import { startTestSimulator } from "./test_caller.ts";
import type { TruthTurn } from "./truth.ts";

/** A call by OpenAI's own client, which insists on TLS unless it is given a connection. It sends frames in real time. */
class OpenAICaller {
  readonly events: RealtimeServerEvent[] = [];
  readonly client: OpenAIRealtimeWS;
  private loudFrames = 0;
  private readonly timer: NodeJS.Timeout;
  private dueAtMs = Date.now();

  constructor(port: number) {
    const api = new OpenAI({ apiKey: "key", baseURL: `http://127.0.0.1:${port}/v1` });
    const options = { createConnection: () => connect(port, "127.0.0.1") };
    this.client = new OpenAIRealtimeWS({ model: "gpt-realtime", options }, api);
    this.client.on("event", (event) => this.events.push(event));
    this.client.on("error", () => {});
    this.timer = setInterval(() => this.sendDueFrames(), 20);
  }

  say(ms: number): void {
    this.loudFrames = ms / 20;
  }

  /** Resolves with the first event of this type from `from` on; rejects after 5 s. */
  async until<T extends RealtimeServerEvent["type"]>(
    type: T,
    from = 0,
  ): Promise<Extract<RealtimeServerEvent, { type: T }>> {
    for (const giveUpAtMs = Date.now() + 5000; Date.now() < giveUpAtMs; await wait(10)) {
      const found = this.events
        .slice(from)
        .find((event): event is Extract<RealtimeServerEvent, { type: T }> => event.type === type);
      if (found !== undefined) return found;
    }
    throw new Error(`expected ${type} within 5 s, got ${this.events.map((event) => event.type).join(" ")}`);
  }

  hangUp(): void {
    clearInterval(this.timer);
    this.client.close();
  }

  private sendDueFrames(): void {
    if (this.client.socket.readyState !== 1) this.dueAtMs = Date.now();
    for (; this.client.socket.readyState === 1 && this.dueAtMs <= Date.now(); this.dueAtMs += 20) {
      const level = this.loudFrames > 0 ? 3000 : 10;
      this.loudFrames -= 1;
      const samples = Int16Array.from({ length: 480 }, (_, at) => (at % 2 === 0 ? level : -level));
      this.client.send({ type: "input_audio_buffer.append", audio: Buffer.from(samples.buffer).toString("base64") });
    }
  }
}

describe("OpenAI's client", () => {
  it("holds a session of two turns, interrupts the second reply, and hears that it was cut", async () => {
    const { simulator, truth } = await startTestSimulator("--reply-ms", "1500");
    const caller = new OpenAICaller(simulator.port);
    await caller.until("session.created");
    caller.client.send({ type: "session.update", session: { type: "realtime", instructions: "Be brief." } });
    expect((await caller.until("session.updated")).session).toMatchObject({ instructions: "Be brief." });
    caller.say(400);
    const { response } = await caller.until("response.done");
    expect(response).toMatchObject({ status: "completed", output: [{ status: "completed" }] });
    const from = caller.events.length;
    await wait(1500);
    caller.say(400);
    const { item_id } = await caller.until("response.output_audio.delta", from);
    const during = caller.events.length;
    caller.say(400);
    await caller.until("input_audio_buffer.speech_started", during);
    const cut = await caller.until("response.done", during);
    expect(cut.response).toMatchObject({ status: "cancelled", status_details: { reason: "turn_detected" } });
    caller.client.send({ type: "conversation.item.truncate", item_id, content_index: 0, audio_end_ms: 40 });
    expect(await caller.until("conversation.item.truncated")).toMatchObject({ item_id, audio_end_ms: 40 });
    caller.hangUp();
    await simulator.stop();
    const turns = truth().filter((line): line is TruthTurn => line.type === "turn");
    expect(turns.slice(0, 2).map(({ stopAtMs }) => stopAtMs !== null)).toEqual([false, true]);
  });
});
