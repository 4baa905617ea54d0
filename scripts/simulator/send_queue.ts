/**
 * What the agent puts on the socket: audio and control at once, envelopes by a queue of their own, as the real
 * backend does. So order between the two is not guaranteed, and envelopes can be lost.
 */

import type { WebSocket } from "ws";

import { now } from "./clock.ts";
import type { Message } from "./envelopes.ts";
import type { Random } from "./random.ts";

/** The real queue drops its oldest entry when it is full. */
const QUEUE_LENGTH = 100;

interface Queued {
  readonly text: string;
  readonly sent: (atMs: number | null) => void;
}

/** Sends to one caller. */
export class Outbox {
  private readonly socket: WebSocket;
  private readonly random: Random;
  private readonly dropChance: number;
  private queue: Queued[] = [];
  /** Envelopes that were lost so far. */
  lost = 0;

  constructor(socket: WebSocket, random: Random, dropChance: number) {
    this.socket = socket;
    this.random = random;
    this.dropChance = dropChance;
  }

  /** Hands text to the socket and returns when it did. */
  direct(text: string): number {
    this.socket.send(Buffer.from(text), { binary: false });
    return now();
  }

  /** Does something odd to the socket. */
  hit(how: (socket: WebSocket) => void): void {
    how(this.socket);
  }

  /** Queues an envelope; `sent` hears when it was handed to the socket, or null when it was lost. */
  envelope(message: Message, sent: (atMs: number | null) => void = () => {}): void {
    if (this.queue.length >= QUEUE_LENGTH) this.lose(this.queue.shift());
    this.queue.push({ text: JSON.stringify(message), sent });
    if (this.queue.length === 1) setImmediate(() => this.drain());
  }

  private drain(): void {
    const queued = this.queue.shift();
    if (queued === undefined) return;
    if (this.random() < this.dropChance) this.lose(queued);
    else queued.sent(this.direct(queued.text));
    if (this.queue.length > 0) setImmediate(() => this.drain());
  }

  private lose(queued: Queued | undefined): void {
    this.lost += 1;
    queued?.sent(null);
  }
}
