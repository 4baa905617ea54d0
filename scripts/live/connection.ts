/**
 * Dials a WebSocket with the ws library, as the Node counterpart of the k6 WebSocket that a load test's callers use: by the
 * same road, with the same headers, and with the same words for what fails.
 */

import type { Socket } from "node:net";

import { type RawData, WebSocket } from "ws";

import type { Connection } from "../../lib/caller/call.ts";
import type { Answer } from "../../lib/caller/caller.ts";
import type { Dial } from "../../lib/wire/codec.ts";
import { openSocket } from "../run/open_socket.ts";

/** The result of a dial: a connection, or why there is none. `status` is 0 where no HTTP response arrived. */
export type DialResult =
  | { readonly connection: Connection; readonly closed: Promise<void> }
  | ({ readonly connection: null } & Answer);

/** The longest handshake, in ms: k6 has the same limit. */
const HANDSHAKE_MS = 60_000;

/** So much of the body of a refusal is read, in characters, and for so long, in ms: a body may have no end. */
const BODY_CHARS = 400;
const BODY_MS = 2000;

/** k6 sends a User-Agent, and some firewalls refuse a request without one. */
const USER_AGENT = { "User-Agent": "Grafana k6" };

/** Dials; resolves with the result of the handshake. Never rejects. */
export async function dialConnection(
  { url, headers }: Dial,
  env: NodeJS.ProcessEnv = process.env,
): Promise<DialResult> {
  const target = new URL(url);
  const opened = await openSocket(target, env, HANDSHAKE_MS).catch((error: Error) => error);
  if (opened instanceof Error) return noConnection(opened.message);
  return handshake(opened, target.href, { ...USER_AGENT, ...headers });
}

const noConnection = (error: string): DialResult => {
  return { connection: null, status: 0, error, body: "", location: "", retryAfter: "" };
};

/** Upgrades an open connection, which speaks TLS already where the URL has it. */
async function handshake(opened: Socket, url: string, headers: Readonly<Record<string, string>>): Promise<DialResult> {
  const socket = new WebSocket(url, {
    headers,
    handshakeTimeout: HANDSHAKE_MS,
    perMessageDeflate: false,
    createConnection: () => opened,
  });
  return new Promise((done) => {
    // As in k6, a sub-protocol is what WS_HEADERS say, and the agent may answer with any or none; ws would compare them.
    socket.once("upgrade", ({ headers: answered }) => delete answered["sec-websocket-protocol"]);
    socket.once("open", () =>
      done({
        connection: connectionOver(socket, opened),
        closed: new Promise((ended) => socket.once("close", () => ended())),
      }),
    );
    socket.once("unexpected-response", (request, response) => {
      let body = "";
      const timer = setTimeout(() => response.destroy(), BODY_MS);
      response.on("data", (data) => {
        body += String(data);
        if (body.length >= BODY_CHARS) response.destroy();
      });
      response.once("close", () => {
        clearTimeout(timer);
        request.destroy();
        const { location = "", "retry-after": retryAfter = "" } = response.headers;
        done({
          connection: null,
          status: response.statusCode ?? 0,
          body: body.slice(0, BODY_CHARS),
          error: "",
          location,
          retryAfter,
        });
      });
    });
    socket.once("error", (error) => done(noConnection(error.message)));
  });
}

function connectionOver(socket: WebSocket, opened: Socket): Connection {
  let brokenBy = "";
  opened.on("error", (error) => {
    brokenBy = error.message;
  });
  return {
    sendText: (text) => socket.send(text),
    sendBinary: (bytes) => socket.send(bytes),
    close: (code) => socket.close(code),
    every(firstInMs, intervalMs, run) {
      const tick = () => socket.readyState === WebSocket.OPEN && run();
      let timer = setTimeout(() => {
        timer = setInterval(tick, intervalMs);
        tick();
      }, firstInMs);
      socket.once("close", () => clearTimeout(timer));
    },
    onMessage: (handle) => socket.on("message", (data, isBinary) => !isBinary && handle(String(data))),
    onBinary: (handle) => socket.on("message", (data, isBinary) => isBinary && handle(arrayBufferOf(data))),
    onError: (handle) => socket.on("error", (error) => handle(error.message)),
    onClose(handle) {
      socket.on("close", (code, reason) => {
        // k6 reports the reason of a close in the text of an `error` event, and ws reports no error of a reset socket.
        const text = reason.length > 0 ? `websocket: close ${code}: ${String(reason)}` : "";
        const error = code === 1006 && brokenBy !== "" ? brokenBy : text;
        if (error !== "") for (const listener of errorListeners(socket)) listener(new Error(error));
        handle(code);
      });
    },
  };
}

/** Copies a message, because the library reuses its buffers. */
function arrayBufferOf(data: RawData): ArrayBuffer {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
  return new Uint8Array(bytes).buffer;
}

function errorListeners(socket: WebSocket): ((error: Error) => void)[] {
  return socket.listeners("error") as ((error: Error) => void)[];
}
