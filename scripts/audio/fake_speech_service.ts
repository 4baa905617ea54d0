/**
 * Stands in for Azure Speech on a local WebSocket, for tests: speaks the service's protocol to the real SDK, with audio
 * of known length and level, and fails in every way that the service can.
 *
 * Protocol, as the SDK 1.52 speaks it: texts are headers, an empty line and JSON or SSML; replies echo `X-RequestId`;
 * audio comes in binary messages, a uint16BE header length, the headers and PCM.
 */

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";

/** A way to fail. */
export type Fault =
  | { readonly at: "upgrade"; readonly status: number }
  | { readonly at: "start"; readonly code: number; readonly reason: string }
  | { readonly at: "middle"; readonly how: "close" | "cut" | "stall" }
  | { readonly at: "end"; readonly how: "odd" | "short" | "nothing" };

/** What a stand-in does. */
export interface StandInOptions {
  /** The only key or token that is let in, as the SDK sends it; none: anybody. */
  readonly credential?: string;
  /** How the n-th connection (from 0) fails; null: it does not. */
  readonly faults?: (connection: number) => Fault | null;
}

/** What was asked of a stand-in. */
export interface Heard {
  readonly ssml: string;
  readonly format: string;
  readonly credential: string;
  /** When the connection was made, in ms. */
  readonly atMs: number;
}

const CHUNK_BYTES = 3200;
const EDGE_MS = 100;
const MS_PER_CHARACTER = 60;
const AMPLITUDE = 8000;

/** The audio of a text: 100 ms of silence, a tone that tells texts apart in syllables, 100 ms of silence. */
export function standInAudio(text: string, rateHz: number): Buffer {
  const perMs = rateHz / 1000;
  const edge = EDGE_MS * perMs;
  const tone = speechMs(text) * perMs;
  const hertz = 200 + ([...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 997, 7) % 600);
  const samples = Int16Array.from({ length: edge + tone + edge }, (_, at) =>
    at < edge || at >= edge + tone || isBetweenSyllables((at - edge) / perMs)
      ? 0
      : Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hertz * (at - edge)) / rateHz)),
  );
  return Buffer.from(samples.buffer);
}

/** Speech is never without gaps, and noise floors are looked for in them. The last 20 ms are never silent. */
function isBetweenSyllables(ms: number): boolean {
  return ms % 300 >= 130 && ms % 300 < 180;
}

function speechMs(text: string): number {
  return 200 + MS_PER_CHARACTER * text.length;
}

/** A service that speaks, or fails as it is told to. */
export class StandIn {
  readonly heard: Heard[] = [];
  /** Connections that were tried, refused ones too, in ms. */
  readonly triedAtMs: number[] = [];
  private readonly options: StandInOptions;
  private readonly server: Server = createServer();
  private readonly sockets = new WebSocketServer({ noServer: true });

  private constructor(options: StandInOptions) {
    this.options = options;
    this.server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
  }

  /** Listens on a free port. */
  static async start(options: StandInOptions = {}): Promise<StandIn> {
    const standIn = new StandIn(options);
    await new Promise<void>((resolve) => standIn.server.listen(0, "127.0.0.1", resolve));
    return standIn;
  }

  /** Where it is, for AZURE_SPEECH_HOST. */
  get host(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Closes everything. */
  async stop(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = this.options.faults?.(this.triedAtMs.length) ?? null;
    this.triedAtMs.push(performance.now());
    const credential = String(request.headers["ocp-apim-subscription-key"] ?? request.headers.authorization ?? "");
    const isLetIn = this.options.credential === undefined || credential === this.options.credential;
    const status = fault?.at === "upgrade" ? fault.status : isLetIn ? null : 401;
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} No\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (connected) => this.listen(connected, credential, fault));
  }

  private listen(socket: WebSocket, credential: string, fault: Fault | null): void {
    let format = "";
    socket.on("message", (data) => {
      const [head = "", body = ""] = String(data).split("\r\n\r\n");
      const path = headerOf(head, "Path");
      if (path === "synthesis.context") format = JSON.parse(body).synthesis.audio.outputFormat;
      if (path !== "ssml") return;
      this.heard.push({ ssml: body, format, credential, atMs: performance.now() });
      const text = /<voice [^>]*>(.*)<\/voice>/s.exec(body)?.[1] ?? "";
      speak(new Reply(socket, headerOf(head, "X-RequestId")), text, format.includes("24khz") ? 24000 : 16000, fault);
    });
  }
}

function headerOf(head: string, name: string): string {
  return new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
}

/** The messages of one answer. */
class Reply {
  readonly socket: WebSocket;
  private readonly requestId: string;

  constructor(socket: WebSocket, requestId: string) {
    this.socket = socket;
    this.requestId = requestId;
  }

  text(path: string, body: object): void {
    const head = `X-RequestId:${this.requestId}\r\nContent-Type:application/json; charset=utf-8\r\nPath:${path}`;
    this.socket.send(`${head}\r\n\r\n${JSON.stringify(body)}`);
  }

  audio(pcm: Buffer): void {
    const head = Buffer.from(`X-RequestId:${this.requestId}\r\nX-StreamId:1\r\nPath:audio\r\n`);
    const length = Buffer.alloc(2);
    length.writeUInt16BE(head.length);
    this.socket.send(Buffer.concat([length, head, pcm]));
  }
}

function speak(reply: Reply, text: string, rateHz: number, fault: Fault | null): void {
  if (fault?.at === "start") {
    reply.socket.close(fault.code, fault.reason);
    return;
  }
  const pcm = standInAudio(text, rateHz);
  const end = fault?.at === "end" ? endOf(pcm, fault.how) : fault?.at === "middle" ? pcm.length / 2 : pcm.length;
  reply.text("turn.start", { context: { serviceTag: "stand-in" } });
  reply.text("response", { context: { serviceTag: "stand-in" }, audio: { type: "inline", streamId: "1" } });
  const word = { Text: text, Length: text.length, BoundaryType: "WordBoundary" };
  const data = { Offset: EDGE_MS * 10_000, Duration: speechMs(text) * 10_000, text: word };
  reply.text("audio.metadata", { Metadata: [{ Type: "WordBoundary", Data: data }] });
  for (let at = 0; at < end; at += CHUNK_BYTES) reply.audio(pcm.subarray(at, Math.min(at + CHUNK_BYTES, end)));
  if (fault?.at !== "middle") reply.text("turn.end", {});
  else if (fault.how === "close") reply.socket.close(1000, "");
  else if (fault.how === "cut") reply.socket.terminate();
}

function endOf(pcm: Buffer, how: "odd" | "short" | "nothing"): number {
  return { odd: pcm.length - 1, short: pcm.length / 2 - (pcm.length % 4 === 0 ? 0 : 1), nothing: 0 }[how];
}
