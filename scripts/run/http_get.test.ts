import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { httpGet } from "./http_get.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Starts a server that sends headers and then what `send` sends; resolves with its URL. */
async function serverThat(send: (response: ServerResponse) => void): Promise<string> {
  const server = createServer((_, response) => {
    response.writeHead(200).flushHeaders();
    send(response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Sends a kilobyte every few ms, and never ends. */
function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write("x".repeat(1000)), 5);
  response.once("close", () => clearInterval(timer));
}

describe("a GET whose answer never ends", () => {
  it("fails when nothing comes for the longest silence", async () => {
    const url = await serverThat((response) => response.write("begun"));
    const got = httpGet(url, { timeoutMs: 5000, idleMs: 100, env: {} });
    await expect(got).rejects.toThrow("expected an answer within 100 ms");
  });

  it("fails when its time is up, whatever comes", async () => {
    const url = await serverThat(trickle);
    await expect(httpGet(url, { timeoutMs: 5000, signal: AbortSignal.timeout(200), env: {} })).rejects.toThrow();
  });

  it("fails when more bytes have come than are taken", async () => {
    const url = await serverThat(trickle);
    const got = httpGet(url, { timeoutMs: 5000, maxBytes: 3000, env: {} });
    await expect(got).rejects.toThrow("expected an answer of at most 3000 bytes");
  });
});
