/**
 * A fake Azure Speech service on a local WebSocket, for tests with the real SDK: it answers with audio of known length
 * and level, and fails in every way that the service can.
 *
 * The protocol of SDK 1.52: text messages are headers, an empty line and JSON or SSML; responses echo `X-RequestId`;
 * audio is sent in binary messages of a uint16BE header length, the headers and PCM.
 */

import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";

/** A way to fail: at the upgrade, before the audio, in the middle of it, or with wrong audio at its end. */
export type ServiceFault =
  | { readonly at: "upgrade"; readonly status: number }
  | { readonly at: "start"; readonly code: number; readonly reason: string }
  | { readonly at: "middle"; readonly how: "close" | "cut" | "stall" }
  | { readonly at: "end"; readonly how: "odd" | "short" | "nothing" };

/** How the service behaves. */
export interface FakeSpeechServiceOptions {
  /** The only key or token that is accepted, as the SDK sends it; undefined: any. */
  readonly credential?: string;
  /** The fault of the n-th connection, from 0; null: none. */
  readonly faults?: (connection: number) => ServiceFault | null;
}

/** A synthesis request that the service received. */
export interface SynthesisRequest {
  readonly ssml: string;
  readonly format: string;
  readonly credential: string;
  /** When the request arrived, in ms (performance.now()). */
  readonly atMs: number;
}

const CHUNK_BYTES = 3200;
/** The silence before and after the tone. */
const EDGE_MS = 100;
const MS_PER_CHARACTER = 60;
const AMPLITUDE = 8000;

/** The audio of a text: 100 ms of silence, an interrupted tone whose pitch depends on the text, 100 ms of silence. */
export function fakeAudio(text: string, rateHz: number): Buffer {
  const perMs = rateHz / 1000;
  const edge = EDGE_MS * perMs;
  const tone = speechMs(text) * perMs;
  const hertz = 200 + ([...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 997, 7) % 600);
  const samples = Int16Array.from({ length: edge + tone + edge }, (_, at) =>
    at < edge || at >= edge + tone || isGap((at - edge) / perMs)
      ? 0
      : Math.round(AMPLITUDE * Math.sin((2 * Math.PI * hertz * (at - edge)) / rateHz)),
  );
  return Buffer.from(samples.buffer);
}

/**
 * True in the gaps of the tone: the detection of speech needs gaps, as in speech, for its noise floor. The last 20 ms
 * are no gap.
 */
function isGap(ms: number): boolean {
  return ms % 300 >= 130 && ms % 300 < 180;
}

function speechMs(text: string): number {
  return 200 + MS_PER_CHARACTER * text.length;
}

/** The service. */
export class FakeSpeechService {
  readonly requests: SynthesisRequest[] = [];
  /** The instants of all upgrade requests, refused ones included, in ms (performance.now()). */
  readonly upgradesAtMs: number[] = [];
  private readonly options: FakeSpeechServiceOptions;
  private readonly server: Server = createServer();
  private readonly sockets = new WebSocketServer({ noServer: true });

  private constructor(options: FakeSpeechServiceOptions) {
    this.options = options;
    this.server.on("upgrade", (request, socket, head) => this.upgrade(request, socket, head));
  }

  /** Starts a service on a free port. */
  static async start(options: FakeSpeechServiceOptions = {}): Promise<FakeSpeechService> {
    const service = new FakeSpeechService(options);
    await new Promise<void>((resolve) => service.server.listen(0, "127.0.0.1", resolve));
    return service;
  }

  /** Its URL, for AZURE_SPEECH_HOST. */
  get host(): string {
    return `ws://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Closes all connections and the server. */
  async stop(): Promise<void> {
    for (const socket of this.sockets.clients) socket.terminate();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    const fault = this.options.faults?.(this.upgradesAtMs.length) ?? null;
    this.upgradesAtMs.push(performance.now());
    const credential = String(request.headers["ocp-apim-subscription-key"] ?? request.headers.authorization ?? "");
    const isAccepted = this.options.credential === undefined || credential === this.options.credential;
    const status = fault?.at === "upgrade" ? fault.status : isAccepted ? null : 401;
    if (status !== null) {
      socket.end(`HTTP/1.1 ${status} No\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
      return;
    }
    this.sockets.handleUpgrade(request, socket, head, (connected) => this.listen(connected, credential, fault));
  }

  private listen(socket: WebSocket, credential: string, fault: ServiceFault | null): void {
    let format = "";
    socket.on("message", (data) => {
      const [head = "", body = ""] = String(data).split("\r\n\r\n");
      const path = headerOf(head, "Path");
      if (path === "synthesis.context") format = JSON.parse(body).synthesis.audio.outputFormat;
      if (path !== "ssml") return;
      this.requests.push({ ssml: body, format, credential, atMs: performance.now() });
      const text = /<voice [^>]*>(.*)<\/voice>/s.exec(body)?.[1] ?? "";
      respond(
        new ServiceResponse(socket, headerOf(head, "X-RequestId")),
        text,
        format.includes("24khz") ? 24000 : 16000,
        fault,
      );
    });
  }
}

function headerOf(head: string, name: string): string {
  return new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim() ?? "";
}

/** Sends the messages of one response. */
class ServiceResponse {
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

function respond(response: ServiceResponse, text: string, rateHz: number, fault: ServiceFault | null): void {
  if (fault?.at === "start") {
    response.socket.close(fault.code, fault.reason);
    return;
  }
  const pcm = fakeAudio(text, rateHz);
  const end = fault?.at === "end" ? audioBytes(pcm, fault.how) : fault?.at === "middle" ? pcm.length / 2 : pcm.length;
  response.text("turn.start", { context: { serviceTag: "fake" } });
  response.text("response", { context: { serviceTag: "fake" }, audio: { type: "inline", streamId: "1" } });
  const word = { Text: text, Length: text.length, BoundaryType: "WordBoundary" };
  const data = { Offset: EDGE_MS * 10_000, Duration: speechMs(text) * 10_000, text: word };
  response.text("audio.metadata", { Metadata: [{ Type: "WordBoundary", Data: data }] });
  for (let at = 0; at < end; at += CHUNK_BYTES) response.audio(pcm.subarray(at, Math.min(at + CHUNK_BYTES, end)));
  if (fault?.at !== "middle") response.text("turn.end", {});
  else if (fault.how === "close") response.socket.close(1000, "");
  else if (fault.how === "cut") response.socket.terminate();
}

function audioBytes(pcm: Buffer, how: "odd" | "short" | "nothing"): number {
  return { odd: pcm.length - 1, short: pcm.length / 2 - (pcm.length % 4 === 0 ? 0 : 1), nothing: 0 }[how];
}
