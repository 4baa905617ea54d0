/** The simulator's HTTP and WebSocket server: routes, upgrades, refusals and keepalive pings. */

import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener, type Server, STATUS_CODES } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";

import { type WebSocket, WebSocketServer } from "ws";

import { acsWire } from "./acs.ts";
import { browserWire } from "./browser.ts";
import { AgentCall, CallWithoutAgent, type SimulatedCall } from "./call.ts";
import type { CallFault } from "./call_faults.ts";
import { now, runAt } from "./clock.ts";
import { Envelopes } from "./envelopes.ts";
import { Faults } from "./faults.ts";
import { LatenessMonitor } from "./lateness.ts";
import type { Options } from "./options.ts";
import { seeded } from "./random.ts";
import { RealtimeWire } from "./realtime.ts";
import { BROWSER_PATHS, MEDIA_PATH, REALTIME_PATHS, statusOf, TWILIO_PATHS } from "./routes.ts";
import { SendQueue } from "./send_queue.ts";
import { Servers } from "./servers.ts";
import { TruthFile } from "./truth.ts";
import { TwilioWire } from "./twilio.ts";
import type { Dialect, Pipeline, Wire, WireOptions } from "./wire.ts";

/** The real server pings this often, and waits this long for the pong. */
const PING_EVERY_MS = 20_000;

/** The largest message that the real server accepts. */
const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/** Added to the seed of the delays, it gives the seed of the faults, so that the two are independent. */
export const FAULT_SEED = 7919;

/** A running simulator. */
export interface Simulator {
  readonly port: number;
  /** Closes all calls, writes the open turns and stops listening. */
  stop(): Promise<void>;
}

/** Starts the simulator. Resolves when it listens; rejects when it cannot. */
export async function startSimulator(options: Options): Promise<Simulator> {
  const lateness = new LatenessMonitor();
  const truth = new TruthFile(options.truth, lateness);
  const calls = new Map<WebSocket, SimulatedCall>();
  const servers = new Servers(options.servers);
  const server = makeServer(options, (request, response) => {
    const status = statusOf(urlOf(request).pathname, { calls: calls.size, pipeline: options.acsPipeline });
    response.writeHead(status === null ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify(status ?? { detail: "Not Found" }));
  });
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: MAX_MESSAGE_BYTES });
  let callCount = 0;
  server.on("upgrade", (request, socket, head) => {
    const route = routeOf(urlOf(request), options);
    if (route === null) return refuse(socket, 404);
    if ("detail" in route) return refuse(socket, 400, JSON.stringify(route));
    callCount += 1;
    const index = callCount;
    const callId = sessionIdOf(request);
    const { seed } = options.behaviour[route.pipeline];
    const faults = new Faults(options.faults, seeded(seed + FAULT_SEED, index));
    const fault = faults.drawCallFault();
    const isFull = options.capacity > 0 && calls.size >= options.capacity;
    if (isFull || fault?.type === "refuse") {
      const { status, headers } = fault?.type === "refuse" ? fault : { status: 500, headers: "" };
      truth.write({ type: "refusal", call: callId, atMs: now(), status });
      return refuse(socket, status, "", headers);
    }
    const accept = () =>
      sockets.handleUpgrade(request, socket, head, (webSocket) => {
        const call = acceptCall(webSocket, { ...route, callId, index, fault, faults, options, servers, truth });
        calls.set(webSocket, call);
        webSocket.on("close", (code) => {
          if (calls.delete(webSocket)) call.close(code);
        });
      });
    if (fault?.type === "delayUpgrade") runAt(now() + fault.ms, accept);
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

/** The wire and the pipeline that the path of a call stands for. */
interface Route {
  readonly wire: Wire["name"];
  readonly pipeline: Pipeline;
  /** The shape of the messages of a Realtime API. */
  readonly dialect?: Dialect;
}

/**
 * The route of a call, an error to answer with, or null for an unknown path. The server chooses the pipeline of a phone call;
 * the query of the URL chooses that of a browser call.
 */
function routeOf(url: URL, { acsPipeline }: Options): Route | { readonly detail: string } | null {
  if (url.pathname === MEDIA_PATH) return { wire: "acs", pipeline: acsPipeline };
  if (TWILIO_PATHS.includes(url.pathname)) return { wire: "twilio", pipeline: "cascade" };
  const dialect = REALTIME_PATHS[url.pathname];
  if (dialect !== undefined) return { wire: "realtime", pipeline: "voicelive", dialect };
  const fallback = BROWSER_PATHS[url.pathname];
  if (fallback === undefined) return null;
  const mode = url.searchParams.get("streaming_mode")?.trim().toLowerCase();
  if (mode === undefined) return { wire: "browser", pipeline: fallback };
  if (mode === "voice_live") return { wire: "browser", pipeline: "voicelive" };
  if (["realtime", "media", "transcription"].includes(mode)) return { wire: "browser", pipeline: "cascade" };
  const valid = "['media', 'transcription', 'voice_live', 'realtime']";
  return { detail: `Invalid stream mode: ${mode}. Valid options: ${valid}` };
}

/** How the wire of a call is made. */
const WIRES: Readonly<Record<Wire["name"], (options: WireOptions) => Wire>> = {
  acs: acsWire,
  browser: browserWire,
  twilio: (options) => new TwilioWire(options),
  realtime: (options) => new RealtimeWire(options),
};

/** A call that is accepted. */
interface AcceptedCall extends Route {
  readonly callId: string;
  /** Counts calls from 1; part of the seed. */
  readonly index: number;
  readonly fault: CallFault | null;
  readonly faults: Faults;
  readonly options: Options;
  readonly servers: Servers;
  readonly truth: TruthFile;
}

function acceptCall(socket: WebSocket, accepted: AcceptedCall): SimulatedCall {
  const { wire, pipeline, dialect = "ga", callId, index, fault, faults, options, servers, truth } = accepted;
  const faultName = fault?.name ?? null;
  socket.on("error", () => socket.terminate());
  if (fault?.type === "socketAction") {
    fault.action(socket);
    if (fault.hasNoAgent) return new CallWithoutAgent(callId, faultName, (line) => truth.write(line));
  }
  const behaviour = { ...options.behaviour[pipeline], ...(fault?.type === "changeBehaviour" && fault.behaviour) };
  const { comfortNoise } = behaviour;
  const random = seeded(behaviour.seed, index);
  const makeWire = WIRES[wire];
  const call = new AgentCall({
    callId,
    fault: faultName,
    faults,
    servers,
    pipeline,
    behaviour,
    random,
    profile: options.profile,
    sendQueue: new SendQueue(socket, random, behaviour.dropEnvelopeChance),
    envelopes: new Envelopes(callId),
    makeWire: (reportAnomaly) => makeWire({ profile: options.profile, pipeline, dialect, comfortNoise, reportAnomaly }),
    writeTruth: (line) => truth.write(line),
    hangUp: () => socket.close(1000),
  });
  socket.on("message", (data, isBinary) => call.onMessage(data as Buffer, isBinary));
  // A socket that is not read gives no pongs either, so pings would end the call.
  if (fault?.type !== "socketAction" || !fault.neverReads) keepAlive(socket);
  return call;
}

function refuse(socket: Duplex, status: number, body = "", headers = ""): void {
  const length = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}`;
  const head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${headers}${length}`;
  socket.end(`${head}\r\nConnection: close\r\n\r\n${body}`);
}

/** The session id, in the real server's order: from the query, from the header, or a new one. Realtime APIs have another header. */
function sessionIdOf(request: IncomingMessage): string {
  const header = request.headers["x-session-id"] ?? request.headers["x-client-request-id"];
  const queried = urlOf(request).searchParams.get("session_id");
  return queried ?? (typeof header === "string" ? header : `media_${randomUUID().slice(0, 8)}`);
}

function urlOf(request: IncomingMessage): URL {
  return new URL(request.url ?? "/", "http://localhost");
}

/** Pings the caller, and closes the call with 1011 when no pong has come before the next ping. */
function keepAlive(socket: WebSocket): void {
  let isAnswered = true;
  socket.on("pong", () => {
    isAnswered = true;
  });
  const timer = setInterval(() => {
    if (!isAnswered) {
      socket.close(1011, "keepalive ping timeout");
      return;
    }
    isAnswered = false;
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
