import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import { afterEach, describe, expect, it } from "vitest";

import { dialConnection } from "./connection.ts";

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** Dials a server that refuses the upgrade with 403 and a body that never ends. */
async function dialRefusing(body: string) {
  const server = createServer().on("upgrade", (_, socket) => {
    socket.on("error", () => {});
    socket.write(`HTTP/1.1 403 Forbidden\r\nContent-Length: 1000000\r\n\r\n${body}`);
    closers.push(() => socket.destroy());
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  closers.push(() => server.close());
  return dialConnection({ url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}/x`, headers: {} }, {});
}

describe("a refused upgrade whose body never ends", () => {
  it.each([
    ["the first 400 characters", "x".repeat(1000), "x".repeat(400)],
    ["what came in time", "not for you", "not for you"],
  ])("is told with %s", async (_, body, told) => {
    expect(await dialRefusing(body)).toMatchObject({ connection: null, status: 403, body: told, error: "" });
  });
});
