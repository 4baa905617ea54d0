/** A call's line in Node: what k6's WebSocket is to a load, the ws library is to a single call. */

import { WebSocket } from "ws";

import type { Connection } from "../../lib/caller/call.ts";
import type { Dial } from "../../lib/wire/codec.ts";

/** What became of a dial. */
export type Dialled =
  | { readonly line: Connection; readonly closed: Promise<void> }
  | { readonly line: null; readonly status: number; readonly body: string; readonly error: string };

/** How long an upgrade may take, in ms: k6's own limit. */
const HANDSHAKE_MS = 60_000;

/** Dials; resolves when the upgrade was answered, or could not be. */
export async function dialLine({ url, headers }: Dial): Promise<Dialled> {
  const socket = new WebSocket(url, { headers, handshakeTimeout: HANDSHAKE_MS, perMessageDeflate: false });
  return new Promise((done) => {
    socket.once("open", () =>
      done({ line: lineOf(socket), closed: new Promise((ended) => socket.once("close", () => ended())) }),
    );
    socket.once("unexpected-response", (request, response) => {
      let body = "";
      response.on("data", (data) => {
        body += String(data);
      });
      response.once("close", () => {
        request.destroy();
        done({ line: null, status: response.statusCode ?? 0, body: body.slice(0, 400), error: "" });
      });
    });
    socket.once("error", (error) => done({ line: null, status: 0, body: "", error: error.message }));
  });
}

function lineOf(socket: WebSocket): Connection {
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
    onMessage: (take) => socket.on("message", (data, isBinary) => !isBinary && take(String(data))),
    onError: (take) => socket.on("error", (error) => take(error.message)),
    onClose(take) {
      socket.on("close", (code, reason) => {
        // As k6 words it: the reason of a close comes as an error's text.
        if (reason.length > 0)
          for (const listener of errorListeners(socket))
            listener(new Error(`websocket: close ${code}: ${String(reason)}`));
        take(code);
      });
    },
  };
}

function errorListeners(socket: WebSocket): ((error: Error) => void)[] {
  return socket.listeners("error") as ((error: Error) => void)[];
}
