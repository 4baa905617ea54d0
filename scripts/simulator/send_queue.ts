/**
 * Sends the agent's messages on the socket of one call. Audio and control messages are sent directly, envelopes go through a
 * queue, as in the real backend. So the order between the two is not guaranteed, and envelopes can be lost.
 */

import type { WebSocket } from "ws";

import { now } from "./clock.ts";
import type { Message } from "./envelopes.ts";
import type { Random } from "./random.ts";

/** The real queue drops its oldest entry when it is full. */
const MAX_QUEUED_ENVELOPES = 100;

/** Called when an envelope was handed to the socket, or with null when it was lost, or is none of the wire's. */
type OnSent = (atMs: number | null) => void;

interface QueuedEnvelope {
  readonly message: Message;
  readonly onSent: OnSent;
}

/** Sends to one caller. */
export class SendQueue {
  private readonly socket: WebSocket;
  private readonly random: Random;
  private readonly dropChance: number;
  private queue: QueuedEnvelope[] = [];
  /** Envelopes that were lost so far. */
  lostEnvelopes = 0;
  /** What the call's wire carries in place of a message. */
  translate: (message: Message) => readonly Message[] = (message) => [message];

  constructor(socket: WebSocket, random: Random, dropChance: number) {
    this.socket = socket;
    this.random = random;
    this.dropChance = dropChance;
  }

  /** Hands a text message to the socket at once. Returns when it did. */
  sendDirect(text: string): number {
    this.socket.send(Buffer.from(text), { binary: false });
    return now();
  }

  /** Sends a message at once, as the wire has it. Returns when the last part of it was sent, or null where the wire has none. */
  sendMessage(message: Message): number | null {
    let atMs: number | null = null;
    for (const each of this.translate(message)) atMs = this.sendDirect(JSON.stringify(each));
    return atMs;
  }

  /** Runs a fault's action on the socket. */
  runOnSocket(action: (socket: WebSocket) => void): void {
    action(this.socket);
  }

  /** Queues an envelope. */
  enqueueEnvelope(message: Message, onSent: OnSent = () => {}): void {
    if (this.queue.length >= MAX_QUEUED_ENVELOPES) this.lose(this.queue.shift());
    this.queue.push({ message, onSent });
    if (this.queue.length === 1) setImmediate(() => this.sendNext());
  }

  private sendNext(): void {
    const envelope = this.queue.shift();
    if (envelope === undefined) return;
    if (this.random() < this.dropChance) this.lose(envelope);
    else envelope.onSent(this.sendMessage(envelope.message));
    if (this.queue.length > 0) setImmediate(() => this.sendNext());
  }

  private lose(envelope: QueuedEnvelope | undefined): void {
    this.lostEnvelopes += 1;
    envelope?.onSent(null);
  }
}
