/** The simulator's front door: routes, upgrades, keepalive. */

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, STATUS_CODES } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";

import { acsWire } from "./acs.ts";
import { browserWire } from "./browser.ts";
import { AgentCall, DeadCall, type SimulatedCall } from "./call.ts";
import type { CallFault } from "./call_faults.ts";
import { at, now } from "./clock.ts";
import { Envelopes } from "./envelopes.ts";
import { Faults } from "./faults.ts";
import { Lateness } from "./lateness.ts";
import type { Options } from "./options.ts";
import { seeded } from "./random.ts";
import { BROWSER_PATHS, MEDIA_PATH, statusOf } from "./routes.ts";
import { Outbox } from "./send_queue.ts";
import { TruthFile } from "./truth.ts";
import type { Pipeline } from "./wire.ts";

/** The real server pings this often and waits this long for the answer, in ms. */
const PING_EVERY_MS = 20_000;

/** The largest message that the real server takes, in bytes. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** What keeps the chance of faults apart from that of delays. */
export const FAULT_SEED = 7919;

/** A running simulator. */
export interface Simulator {
  readonly port: number;
  /** Hangs up on everybody, writes what is open and stops listening. */
  stop(): Promise<void>;
}

/** Starts the simulator; resolves when it listens, rejects when it cannot. */
export async function startSimulator(options: Options): Promise<Simulator> {
  const lateness = new Lateness();
  const truth = new TruthFile(options.truth, lateness);
  const calls = new Map<WebSocket, SimulatedCall>();
  const server = makeServer(options, (request, response) => {
    const status = statusOf(urlOf(request).pathname, { calls: calls.size, pipeline: options.acsPipeline });
    response.writeHead(status === null ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(status ?? { detail: "Not Found" }));
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  let dialled = 0;
  server.on("upgrade", (request, socket, head) => {
    const route = routeOf(urlOf(request), options);
    if (route === null) return refuse(socket, 404);
    if ("detail" in route) return refuse(socket, 400, JSON.stringify(route));
    dialled += 1;
    const index = dialled;
    const callId = sessionIdOf(request);
    const { seed } = options.behaviour[route.pipeline];
    const faults = new Faults(options.faults, seeded(seed + FAULT_SEED, index));
    const fault = faults.call();
    const full = options.capacity > 0 && calls.size >= options.capacity;
    if (full || fault?.do === "refuse") {
      const { status, headers } = fault?.do === "refuse" ? fault : { status: 500, headers: "" };
      truth.write({ type: "refusal", call: callId, atMs: now(), status });
      return refuse(socket, status, "", headers);
    }
    const accept = () =>
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const call = takeCall(webSocket, { ...route, callId, index, fault, faults, options, truth });
        calls.set(webSocket, call);
        webSocket.on("close", (code) => {
          if (calls.delete(webSocket)) call.close(code);
        });
      });
    if (fault?.do === "delay") at(now() + fault.ms, accept);
    else accept();
  });
  await listen(server, options.port);
  lateness.start();
  const stop = async (): Promise<void> => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const [webSocket, call] of calls) {
      calls.delete(webSocket);
      call.close(1001);
      webSocket.terminate();
    }
    await closed;
    lateness.stop();
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

function makeServer({ tls }: Options, answer: RequestListener): Server {
  if (tls === null) return createServer(answer);
  return createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, answer);
}

/** Where a call came in. */
interface Route {
  readonly wire: "acs" | "browser";
  readonly pipeline: Pipeline;
}

/** The phone's pipeline is the server's choice, the browser's is in the query. */
function routeOf(url: URL, { acsPipeline }: Options): Route | { readonly detail: string } | null {
  if (url.pathname === MEDIA_PATH) return { wire: "acs", pipeline: acsPipeline };
  const fallback = BROWSER_PATHS[url.pathname];
  if (fallback === undefined) return null;
  const mode = url.searchParams.get("streaming_mode")?.trim().toLowerCase();
  if (mode === undefined) return { wire: "browser", pipeline: fallback };
  if (mode === "voice_live") return { wire: "browser", pipeline: "voicelive" };
  if (["realtime", "media", "transcription"].includes(mode)) return { wire: "browser", pipeline: "cascade" };
  const valid = "['media', 'transcription', 'voice_live', 'realtime']";
  return { detail: `Invalid stream mode: ${mode}. Valid options: ${valid}` };
}

/** A call that was taken. */
interface Taken extends Route {
  readonly callId: string;
  readonly index: number;
  readonly fault: CallFault | null;
  readonly faults: Faults;
  readonly options: Options;
  readonly truth: TruthFile;
}

function takeCall(socket: WebSocket, taken: Taken): SimulatedCall {
  const { wire, pipeline, callId, index, fault, faults, options, truth } = taken;
  const name = fault?.name ?? null;
  socket.on("error", () => socket.terminate());
  if (fault?.do === "hit") fault.how(socket);
  if (fault?.do === "hit" && fault.mute) return new DeadCall(callId, name, (line) => truth.write(line));
  const behaviour = { ...options.behaviour[pipeline], ...(fault?.do === "behave" && fault.as) };
  const random = seeded(behaviour.seed, index);
  const make = wire === "acs" ? acsWire : browserWire;
  const call = new AgentCall({
    callId,
    fault: name,
    faults,
    pipeline,
    behaviour,
    random,
    profile: options.profile,
    outbox: new Outbox(socket, random, behaviour.dropEnvelopes),
    envelopes: new Envelopes(callId),
    makeWire: (report) => make({ profile: options.profile, pipeline, report }),
    write: (line) => truth.write(line),
    hangUp: () => socket.close(1000),
  });
  socket.on("message", (data, isBinary) => call.message(data as Buffer, isBinary));
  // Answers to pings are not read either: pinging would end the call.
  if (fault?.do !== "hit" || !fault.deaf) keepAlive(socket);
  return call;
}

function refuse(socket: Duplex, status: number, body = "", headers = ""): void {
  const length = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}${length}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}

/** The session id in the real server's order: query, header, else a new one. */
function sessionIdOf(request: IncomingMessage): string {
  const header = request.headers["x-session-id"];
  const asked = urlOf(request).searchParams.get("session_id");
  return asked ?? (typeof header === "string" ? header : `media_${randomUUID().slice(0, 8)}`);
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? "/", "http://localhost");
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
