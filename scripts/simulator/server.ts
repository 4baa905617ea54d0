/** The simulator's front door: routes, upgrades, keepalive. */

import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { type WebSocket, WebSocketServer } from "ws";

import { AgentCall } from "./call.ts";
import { Envelopes } from "./envelopes.ts";
import type { Behaviour } from "./options.ts";
import { Outbox } from "./outbox.ts";
import { seeded } from "./random.ts";
import { TruthFile } from "./truth.ts";

/** The real server pings this often and waits this long for the answer, in ms. */
const PING_EVERY_MS = 20_000;

/** The largest message that the real server takes, in bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

const MEDIA_PATH = "/api/v1/media/stream";

/** What the status routes answer while so many calls are up. */
function statusOf(path: string, calls: number): unknown {
  const common = { status: "available", protocols_supported: ["WebSocket"], version: "v1" };
  if (path === "/api/v1/media/status") {
    const features = { real_time_transcription: true, audio_streaming: true };
    return { ...common, streaming_mode: "media", websocket_endpoint: MEDIA_PATH, features };
  }
  if (path !== "/api/v1/browser/status") return null;
  const websocket_endpoints = {
    dashboard_relay: "/api/v1/browser/dashboard/relay",
    conversation: "/api/v1/browser/conversation",
  };
  const active_connections = { dashboard_clients: 0, conversation_sessions: 0, total_connections: calls };
  return { ...common, websocket_endpoints, features: { real_time_audio: true }, active_connections };
}

/** A running simulator. */
export interface Simulator {
  readonly port: number;
  /** Hangs up on everybody, writes what is open and stops listening. */
  stop(): Promise<void>;
}

/** Starts the simulator; resolves when it listens, rejects when it cannot. */
export async function startSimulator(port: number, behaviour: Behaviour, truthPath?: string): Promise<Simulator> {
  const truth = new TruthFile(truthPath);
  const calls = new Map<WebSocket, AgentCall>();
  const server = createServer((request, response) => {
    const status = statusOf(new URL(request.url ?? "/", "http://localhost").pathname, calls.size);
    response.writeHead(status === null ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(status ?? { detail: "Not Found" }));
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  let accepted = 0;
  server.on("upgrade", (request, socket, head) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (url.pathname !== MEDIA_PATH) {
      socket.end("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      accepted += 1;
      const callId = sessionIdOf(url, request);
      const random = seeded(behaviour.seed, accepted);
      const outbox = new Outbox(webSocket, random, behaviour.dropEnvelopes);
      const envelopes = new Envelopes(callId);
      const call = new AgentCall({ callId, behaviour, random, outbox, envelopes, write: (line) => truth.write(line) });
      calls.set(webSocket, call);
      keepAlive(webSocket);
      webSocket.on("message", (data, isBinary) => call.message(data as Buffer, isBinary));
      webSocket.on("error", () => webSocket.terminate());
      webSocket.on("close", (code) => {
        if (calls.delete(webSocket)) call.close(code);
      });
    });
  });
  await listen(server, port);
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const [webSocket, call] of calls) {
      calls.delete(webSocket);
      call.close(1001);
      webSocket.terminate();
    }
    await closed;
    truth.close();
  };
  let stopped: Promise<void> | null = null;
  return {
    port: (server.address() as AddressInfo).port,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** The session id in the real server's order: query, header, else a new one. */
function sessionIdOf(url: URL, request: IncomingMessage): string {
  const header = request.headers["x-session-id"];
  return (
    url.searchParams.get("session_id") ?? (typeof header === "string" ? header : `media_${randomUUID().slice(0, 8)}`)
  );
}

function keepAlive(socket: WebSocket): void {
  let answered = true;
  socket.on("pong", () => {
    answered = true;
  });
  const timer = setInterval(() => {
    if (!answered) {
      socket.close(1011, "keepalive ping timeout");
      return;
    }
    answered = false;
    socket.ping();
  }, PING_EVERY_MS);
  socket.on("close", () => clearInterval(timer));
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", resolve);
  });
}
