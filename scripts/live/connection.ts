/**
 * Dials a WebSocket with the ws library, as the Node counterpart of the k6 WebSocket that a load test's callers use.
 */

import { type RawData, WebSocket } from "ws";

import type { Connection } from "../../lib/caller/call.ts";
import type { Dial } from "../../lib/wire/codec.ts";

/** The result of a dial: a connection, or why there is none. `status` is 0 where no HTTP response arrived. */
export type DialResult =
  | { readonly connection: Connection; readonly closed: Promise<void> }
  | { readonly connection: null; readonly status: number; readonly body: string; readonly error: string };

/** The longest handshake, in ms: k6 has the same limit. */
const HANDSHAKE_MS = 60_000;

/** Dials; resolves with the result of the handshake. Never rejects. */
export async function dialConnection({ url, headers }: Dial): Promise<DialResult> {
  const socket = new WebSocket(url, { headers, handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false });
  return new Promise((done) => {
    socket.once("open", () =>
      done({
        connection: connectionOver(socket),
        closed: new Promise((ended) => socket.once("close", () => ended())),
      }),
    );
    socket.once("unexpected-response", (request, response) => {
      let body = "";
      response.on("data", (data) => {
        body += String(data);
      });
      response.once("close", () => {
        request.destroy();
        done({ connection: null, status: response.statusCode ?? 0, body: body.slice(0, 400), error: "" });
      });
    });
    socket.once("error", (error) => done({ connection: null, status: 0, body: "", error: error.message }));
  });
}

function connectionOver(socket: WebSocket): Connection {
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
        // k6 reports the reason of a close in the text of an `error` event, so this connection does too.
        if (reason.length > 0)
          for (const listener of errorListeners(socket))
            listener(new Error(`websocket: close ${code}: ${String(reason)}`));
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
